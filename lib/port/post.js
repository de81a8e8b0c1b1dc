// Posts a message: validate, encode, look again, commit. Nothing has changed before the commit.
'use strict';

const { native } = require('../native/addon.js');
const { arrayMap } = require('../native/builtins.js');
const { Encoder } = require('../clone/encode/encoder.js');
const { registerHost } = require('../clone/kind/host.js');
const { Context } = require('./clone-context.js');
const { detachable } = require('../transfer/memory.js');
const { endpointOf } = require('./endpoint.js');
const { exit } = require('./flush.js');
const { sendAhead } = require('./side-car.js');
const { askForRoom } = require('../native/stack.js');
const { readTransfer, keysOf } = require('./transfer-list.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {object[] | { transfer?: object[] }} TransferArgument */
/** @typedef {import('./transfer-list.js').Transfer} Transfer */

registerHost({ isPort: (/** @type {object} */ object) => endpointOf(object) !== undefined });

/** @type {never[]} */
const NONE = [];

/** The buffer that native posts from, except while a message of another encoder is committed. @type {ArrayBuffer} */
let outbox;
const encoder = new Encoder((/** @type {ArrayBuffer} */ buffer) => native.setOutbox(outbox = buffer));

/** Whether `encoder` holds a message that is not committed yet. A getter that posts meanwhile gets an encoder of its own. */
let busy = false;

/** What most messages are encoded with. */
const bare = new Context(null);

/**
 * @param {Endpoint} endpoint
 * @param {unknown} message
 * @param {unknown} transfer
 * @param {typeof readTransfer} [read]  how this face takes the transfer argument
 */
function post(endpoint, message, transfer, read = readTransfer) {
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
  if (endpoint.key === 0) return;
  const flags = encoder.clones.length === 0 && bare.shares.length === 0
    ? native.post(key, length)
    : native.postParts(key, length, NONE, NONE, encoder.clones, sendAhead(endpoint, bare.shares, NONE));
  if (flags !== 0 || exit.begun) endpoint.posted(flags);
}

/** @param {Transfer['endpoints'][0]} listed */
const endpointIn = ({ endpoint }) => endpoint;

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
    const borrowed = this.#encoder !== encoder;
    try {
      if (endpoint.key === 0) return;
      const keys = this.#transfer === null ? NONE : keysOf(this.#transfer);
      const buffers = this.#transfer === null ? NONE : detachable(this.#transfer.memory);
      /** @type {Endpoint[]} */
      const moving = this.#transfer === null ? NONE : arrayMap(this.#transfer.endpoints, endpointIn);
      if (borrowed) native.setOutbox(this.#buffer);
      askForRoom();
      const shares = this.#sendAhead(endpoint, moving, buffers);
      const flags = native.postParts(endpoint.key, this.#length, keys, buffers, this.#encoder.clones, shares);
      for (let i = 0; i < moving.length; i++) moving[i].detached();
      endpoint.posted(flags);
    } finally {
      if (borrowed) native.setOutbox(outbox);
      this.drop();
    }
  }

  /**
   * What is too large is refused by native, before anything has changed.
   * @param {Endpoint} endpoint
   * @param {Endpoint[]} moving
   * @param {ArrayBuffer[]} buffers
   */
  #sendAhead(endpoint, moving, buffers) {
    const { shares } = this.#context;
    if (shares.length === 0 && moving.length === 0) return shares;
    const { clones } = this.#encoder;
    let bytes = this.#length;
    for (let i = 0; i < buffers.length; i++) bytes += buffers[i].byteLength;
    for (let i = 0; i < clones.length; i++) bytes += clones[i].byteLength;
    const parts = moving.length + buffers.length + clones.length + shares.length + 1;
    return native.fits(bytes, parts) ? sendAhead(endpoint, shares, moving) : shares;
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
 * @param {unknown} message
 * @param {Transfer | null} transfer
 * @param {Context} context
 */
function prepareBeside(message, transfer, context) {
  /** @type {ArrayBuffer} */
  let buffer = outbox;
  const nested = new Encoder((/** @type {ArrayBuffer} */ own) => { buffer = own; });
  const length = nested.encode(message, context);
  return new PreparedMessage(nested, length, transfer, context, buffer);
}

module.exports = { post, prepare, PreparedMessage };
