// Posts a message: validate, encode, look again, commit. Nothing has changed before the commit.
'use strict';

const { NONE, Int32Array, append, arrayMap, native, onceLater, askForRoom, seenFrom } = require('../native');
const { Encoder, registerHost } = require('../clone');
const { Context } = require('./clone-context.js');
const { departure, transferred } = require('./diagnostics.js');
const { endpointOf } = require('./endpoint.js');
const { exit, turn } = require('./flush.js');
const { submitted } = require('./submissions.js');
const { sendAhead } = require('./side-car.js');

const { setImmediate } = globalThis;
const { hasOwn } = Object;

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('./endpoint.js').Face} Face */
/** @typedef {object[] | { transfer?: object[] }} TransferArgument */
/** @typedef {import('./clone-context.js').Transfer} Transfer */

registerHost({
  isPort: (/** @type {object} */ object) => endpointOf(object) !== undefined || isHanded(object),
  needsTransfer: (/** @type {object} */ object) => isTransferable(object),
});

/** Whether it could stand in a transfer list. @type {(object: object) => boolean} */
let isTransferable = () => false;

/** Whether it would leave as a descriptor. @type {(object: object) => boolean} */
let isHanded = () => false;

/** @param {(object: object) => boolean} question */
function registerDescriptors(question) {
  isHanded = question;
}

/** @param {(object: object) => boolean} question  whose answer runs no code of the object's */
function registerTransferables(question) {
  isTransferable = question;
}

const NOTHING = { moving: NONE, memory: NONE, handed: NONE };

/** The buffer that native posts from, except while a message of another encoder is committed. @type {ArrayBuffer} */
let outbox;
/** The same by words. @type {Int32Array} */
let body;
const encoder = new Encoder((/** @type {ArrayBuffer} */ buffer) => {
  native.setOutbox(outbox = buffer);
  body = new Int32Array(buffer, 0, buffer.byteLength >> 2);
});

/** Whether `encoder` holds a message that is not committed yet. A getter that posts meanwhile gets an encoder of its own. */
let busy = false;

/**
 * A post that the engine has cut short (the timeout of a vm) never says that it is over. It cannot last beyond its turn: in the next
 * one the encoder is free.
 */
const recoverLater = onceLater(setImmediate, () => {
  busy = false;
  native.setOutbox(outbox);
});

/** What most messages are encoded with. */
const bare = new Context(null);

/**
 * In the words of the face, if it has its own; a `retell` on Object.prototype is none of its.
 * @param {Face} face
 * @param {unknown} error
 */
const retoldBy = (face, error) => (hasOwn(face, 'retell') ? /** @type {Required<Face>} */ (face).retell(error) : error);

/**
 * @param {Endpoint} endpoint
 * @param {unknown} message
 * @param {unknown} transfer
 * @param {(transfer: unknown, source: Endpoint) => Transfer | null} read  how this face takes the transfer argument
 * @param {Function} callee  the method of the face: whoever called that sees its own line in what it throws
 */
function post(endpoint, message, transfer, read, callee) {
  try {
    postNow(endpoint, message, transfer, read);
  } catch (error) {
    throw seenFrom(retoldBy(endpoint.face, error), callee); // node-do-not-add-exception-line: it is the program's line that Node is to print
  }
}

/**
 * @param {Endpoint} endpoint
 * @param {unknown} message
 * @param {unknown} transfer
 * @param {(transfer: unknown, source: Endpoint) => Transfer | null} read
 */
function postNow(endpoint, message, transfer, read) {
  const { key } = endpoint;
  if (key === 0) return;
  const listed = transfer === undefined ? null : read(transfer, endpoint);
  if (busy || listed !== null) return prepare(message, listed, endpoint).commit(endpoint);
  busy = true;
  let length;
  try {
    length = encoder.encode(message, bare.begin(endpoint));
  } finally {
    busy = false;
  }
  const { shares, handed } = bare;
  bare.shares = bare.handed = NONE; // which would be kept until the next message
  if (endpoint.key === 0) return;
  const { clones } = encoder;
  const isBare = shares.length === 0 && handed.length === 0;
  let flags;
  if (isBare && clones.length === 0) {
    if (follows(endpoint) && submitted(key, body, length)) return;
    flags = native.post(key, length);
  } else if (isBare && clones.length === 1 && typeof clones[0] === 'string') {
    flags = native.postText(key, length, clones[0]);
  } else {
    flags = native.postParts(key, length, NONE, NONE, clones, ahead(endpoint, shares), handed);
  }
  if (flags !== 0 || exit.begun) endpoint.posted(flags);
}

/**
 * Sends ahead while the message stands in the outbox: an async hook that hears of a side-car may post.
 * @param {Endpoint} endpoint
 * @param {object[]} shares
 */
function ahead(endpoint, shares) {
  busy = true;
  try {
    return sendAhead(endpoint, shares, NONE);
  } finally {
    busy = false;
  }
}

/**
 * Whether it posts again in a turn: the first message of a burst leaves at once, the others together. At the end of the
 * process there is no later.
 * @param {Endpoint} endpoint
 */
function follows(endpoint) {
  if (endpoint.turn === turn.now) return !exit.begun;
  endpoint.turn = turn.now;
  return false;
}

/** A message that was encoded and not committed; it must be committed or dropped. */
class PreparedMessage {
  #encoder;
  #length;
  /** @type {Transfer | null} */ #transfer;
  #context;
  #buffer;

  /**
   * @param {Encoder} from
   * @param {number} length
   * @param {Transfer | null} transfer
   * @param {Context} context
   * @param {ArrayBuffer} buffer  of the encoder
   */
  constructor(from, length, transfer, context, buffer) {
    this.#encoder = from;
    this.#length = length;
    this.#transfer = transfer;
    this.#context = context;
    this.#buffer = buffer;
  }

  /** @param {Endpoint} endpoint */
  commit(endpoint) {
    try {
      if (endpoint.key !== 0) this.#send(endpoint);
    } finally {
      if (this.#encoder !== encoder) native.setOutbox(outbox);
      this.drop();
    }
  }

  /** @param {Endpoint} endpoint */
  #send(endpoint) {
    const transfer = this.#transfer;
    let left = false;
    try {
      askForRoom();
      const { moving, memory, handed: listed } = transfer === null ? NOTHING : transfer.claim();
      const shares = this.#sendAhead(endpoint, moving, memory);
      const told = moving.length > 0 && transferred.hasSubscribers ? departure(endpoint, moving) : null;
      const handed = joined(listed, this.#context.handed);
      // Async hooks that hear of what was made to leave may have posted.
      if (this.#encoder !== encoder) native.setOutbox(this.#buffer);
      const flags = this.#post(endpoint.key, moving, memory, shares, handed);
      left = true;
      for (let i = 0; i < moving.length; i++) moving[i].detached(); // before anybody can make a port that gets one of their keys
      endpoint.posted(flags);
      for (let i = 0; i < moving.length; i++) moving[i].onDetached?.();
      if (told !== null) told();
    } finally {
      if (left) transfer?.depart();
      else transfer?.stay();
    }
  }

  /**
   * @param {number} key
   * @param {Endpoint[]} moving
   * @param {ArrayBuffer[]} memory
   * @param {(object | number)[]} shares
   * @param {(number | Uint8Array)[]} handed
   */
  #post(key, moving, memory, shares, handed) {
    const { clones } = this.#encoder;
    const others = moving.length + clones.length + shares.length + handed.length;
    if (memory.length === 1 && others === 0) return native.postBuffer(key, this.#length, memory[0]);
    return native.postParts(key, this.#length, arrayMap(moving, keyOf), memory, clones, shares, handed);
  }

  /**
   * What is too large is refused by native, before anything has changed.
   * @param {Endpoint} endpoint
   * @param {Endpoint[]} moving
   * @param {ArrayBuffer[]} memory
   */
  #sendAhead(endpoint, moving, memory) {
    const { shares } = this.#context;
    if (shares.length === 0 && moving.length === 0) return shares;
    const { clones } = this.#encoder;
    let bytes = 0;
    for (let i = 0; i < memory.length; i++) bytes += memory[i].byteLength;
    for (let i = 0; i < clones.length; i++) bytes += mostBytesOf(clones[i]);
    const parts = memory.length + clones.length + shares.length + 1;
    return native.fits(bytes, moving.length, parts) ? sendAhead(endpoint, shares, moving) : shares;
  }

  drop() {
    if (this.#encoder === encoder) busy = false;
  }
}

/**
 * @param {unknown} message
 * @param {Transfer | null} transfer
 * @param {Endpoint | null} [endpoint]  that it is for; null for a new thread's
 */
function prepare(message, transfer, endpoint = null) {
  const context = new Context(transfer).begin(endpoint);
  if (busy) return prepareBeside(message, transfer, context);
  busy = true;
  try {
    return new PreparedMessage(encoder, encoder.encode(message, context), transfer, context, outbox);
  } catch (error) {
    busy = false;
    throw error;
  }
}

/**
 * Whether a value could be posted as it is.
 * @param {unknown} value
 * @param {Endpoint} endpoint
 */
function canPost(value, endpoint) {
  try {
    prepare(value, null, endpoint).drop();
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {unknown} message
 * @param {Transfer | null} transfer
 * @param {Context} context
 */
function prepareBeside(message, transfer, context) {
  recoverLater();
  /** @type {ArrayBuffer} */
  let buffer = outbox;
  const nested = new Encoder((/** @type {ArrayBuffer} */ own) => { buffer = own; });
  const length = nested.encode(message, context);
  return new PreparedMessage(nested, length, transfer, context, buffer);
}

/**
 * @template T
 * @param {T[]} list  is made longer
 * @param {T[]} more
 */
function joined(list, more) {
  if (list.length === 0) return more;
  for (let i = 0; i < more.length; i++) append(list, more[i]);
  return list;
}

/** @param {string | Uint8Array} clone */
const mostBytesOf = (clone) => (typeof clone === 'string' ? 2 * clone.length : clone.byteLength);

/** @param {Endpoint} endpoint  @returns {number} 0 of a closed port */
const keyOf = ({ key }) => key;

module.exports = { post, prepare, canPost, PreparedMessage, registerDescriptors, registerTransferables };
