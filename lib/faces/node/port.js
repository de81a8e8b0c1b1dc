// Node's MessagePort: its first 'message' listener starts it and holds the event loop, values come instead of events, and
// 'close' comes on both ends.
'use strict';

const { Endpoint, FACES, NO_FACE, bytesReceived, registerTransferable, post, receive, isHandingOut, closeAll } = require('../../port');
const { NONE, native, withCode, isOverflow, KEY, worker_threads } = require('../../native');
const { custom, inspectNodePort } = require('../inspect.js');
const { REST, REST_BYTES } = require('../limits.js');
const { UNCLONEABLE } = require('../uncloneable.js');
const { messageEvent } = require('../web/event.js');
const { EventHandlers } = require('../web/event-handlers.js');
const { Emitter, CREATE_EVENT, DISPATCH, LISTENER_ADDED, LISTENER_REMOVED } = require('./event-target.js');
const { liken } = require('./liken.js');
const { readNodeTransfer } = require('./transfer.js');

const { Event, setImmediate, TypeError } = globalThis;

/** @typedef {import('../../port/endpoint.js').Face} Face */

/** @type {Face} */
let face;

/** @param {unknown} error @param {Record<string, string>} [names] */
const retell = (error, names) => require('./words.js').inNodesWords(error, names);

const missingMessage = () => withCode(new TypeError('Not enough arguments to MessagePort.postMessage'), 'ERR_MISSING_ARGS');

class Port extends Emitter {
  /** @type {Endpoint} */ #endpoint;
  /** @type {EventHandlers | null} */ #handlers = null;
  /** Of the message that is being handed out. @type {readonly object[]} */ #ports = NONE;
  /** Whether somebody listened when it was last looked at. */
  #heard = false;
  _uncloneable = UNCLONEABLE;

  /** @param {number} key */
  constructor(key) {
    super();
    this.#endpoint = new Endpoint(key, this, face);
    // This leads from the endpoint to the port, so that an open port is never collected. Nor is one of Node's: a program may go on
    // waiting at a port whose peer nobody holds any more.
    this.#endpoint.onDetached = () => this.#ended();
  }

  /**
   * @param {any} message
   * @param {any} [transfer]
   * @returns {true | undefined} as Node's: whether it was open
   */
  postMessage(message, transfer = undefined) {
    if (arguments.length === 0) throw missingMessage();
    if (this.#endpoint.key === 0) return postNowhere(this.#endpoint, message, transfer, this.postMessage);
    post(this.#endpoint, message, transfer, readNodeTransfer, this.postMessage);
    return true;
  }

  start() {
    this.#endpoint.start();
  }

  /** @param {() => void} [callback] */
  close(callback) {
    if (typeof callback === 'function') this.once('close', callback);
    const rest = this.#heard && isHandingOut(this.#endpoint) ? this.#takeRest() : [];
    if (!this.#endpoint.close()) return;
    for (const [type, value, ports] of rest) setImmediate(() => this.#handOutRest(type, value, ports));
    this.#ended();
  }

  /**
   * As Node does, whose port is closed when it has handed out what there was: a listener that closes it hears the rest, also if it
   * does so in a tick or a promise of its own.
   */
  #takeRest() {
    /** @type {[type: string, value: unknown, ports: object[]][]} */
    const rest = [];
    let bytes = 0;
    while (this.#endpoint.key !== 0 && rest.length < REST && bytes < REST_BYTES) {
      try {
        const received = receive(this.#endpoint);
        if (!received) break;
        bytes += bytesReceived();
        rest.push(['message', received.message, received.ports]);
      } catch (error) {
        rest.push(['messageerror', error, []]);
        if (isOverflow(error)) break; // the message has stayed
      }
    }
    return rest;
  }

  /**
   * @param {string} type
   * @param {unknown} value
   * @param {object[]} ports  closed when nobody hears of them any more
   */
  #handOutRest(type, value, ports) {
    if (this.listenerCount(type) === 0) closeAll(ports);
    else this.#dispatch(type, value, ports);
  }

  ref() {
    this.#endpoint.reference(true);
  }

  unref() {
    this.#endpoint.reference(false);
  }

  hasRef() {
    return this.#endpoint.holding;
  }

  get onmessage() {
    return this.#handlers?.get('message') ?? null;
  }

  set onmessage(value) {
    this.#setHandler('message', value);
  }

  get onmessageerror() {
    return this.#handlers?.get('messageerror') ?? null;
  }

  set onmessageerror(value) {
    this.#setHandler('messageerror', value);
  }

  /**
   * @param {string} type
   * @param {unknown} value
   */
  #setHandler(type, value) {
    this.#handlers ??= new EventHandlers(/** @type {any} */ (this));
    const before = this.#handlers.get(type);
    this.#handlers.set(type, value);
    // To Node the one goes and the other comes.
    if (before !== null && this.#handlers.get(type) !== null) this.#listenersChanged(type, this.listenerCount(type), true);
  }

  /** This end was closed here, or has left: 'close' comes in a turn of its own, and the loop waits for it. */
  #ended() {
    setImmediate(() => this.#endpoint.run(face.close, this));
  }

  /**
   * @param {number} depth
   * @param {import('node:util').InspectOptions} options
   */
  [custom](depth, options) {
    return inspectNodePort(this, this.#endpoint, depth, options);
  }

  /** @param {any[]} args */
  [LISTENER_ADDED](...args) {
    super[LISTENER_ADDED](...args);
    this.#listenersChanged(args[1], args[0], true);
  }

  /** @param {any[]} args */
  [LISTENER_REMOVED](...args) {
    super[LISTENER_REMOVED](...args);
    this.#listenersChanged(args[1], args[0], false);
  }

  /**
   * @param {string} type
   * @param {number} count  how many there are now: not to be asked yet, while the first one is added
   * @param {boolean} added  the first one may follow others of which nobody was told that they have gone: removeAllListeners() does so
   */
  #listenersChanged(type, count, added) {
    const heard = count > 0;
    if (type === 'close') this.#endpoint.expectClose(heard);
    if (type !== 'message' || (heard === this.#heard && !(added && count === 1))) return;
    this.#heard = heard;
    this.#endpoint.listen(heard);
    this.#endpoint.reference(heard);
    if (heard) this.#endpoint.start();
    else this.#endpoint.pause();
  }

  /**
   * For listeners that take no bare value.
   * @param {unknown} value
   * @param {string} type
   */
  [CREATE_EVENT](value, type) {
    if (type !== 'message' && type !== 'messageerror') return super[CREATE_EVENT](value, type);
    const ports = this.#ports;
    this.#ports = NONE; // what a listener emits itself has none
    return messageEvent(type, value === undefined ? null : value, [...ports], false); // which Node marks none of
  }

  /**
   * @param {string} type
   * @param {unknown} value
   * @param {object[]} ports
   */
  #dispatch(type, value, ports) {
    this.#ports = ports;
    try {
      /** @type {any} */ (this)[DISPATCH](value, type);
    } finally {
      this.#ports = NONE;
    }
  }

  static {
    registerTransferable((object) => (#endpoint in object ? object.#endpoint : undefined));

    face = {
      kind: FACES.MessagePort,
      retell,
      wrap: wrapNode,
      holdsUnheard: true,
      loopWarning: 'The target port was posted to itself, and the communication channel was lost',
      message: (/** @type {Port} */ port, data, ports) => port.#dispatch('message', data, ports),
      messageerror: (/** @type {Port} */ port, error) => {
        port.#dispatch('messageerror', error, NONE);
        return false; // of its ports nobody is told, as with Node: they close
      },
      close: (/** @type {Port} */ port) => { port.dispatchEvent(new Event('close')); },
      drain() {},
    };
  }
}

/** @type {Face} */
const nowhere = { kind: NO_FACE, retell, wrap: wrapNode, message() {}, messageerror: () => true, close() {}, drain() {} };

/**
 * Node looks at what is posted on a port that is closed, and takes along what the list has.
 * @param {Endpoint} source
 * @param {any} message
 * @param {any} transfer
 * @param {Function} callee
 * @returns {undefined}
 */
function postNowhere(source, message, transfer, callee) {
  const endpoint = new Endpoint(native.createChannel(), source, nowhere);
  native.close(native.control[KEY]);
  try {
    post(endpoint, message, transfer, (list) => readNodeTransfer(list, source), callee);
  } finally {
    endpoint.close();
  }
}

/** Only this package makes ports; with or without `new`, this is no constructor. */
function MessagePort() {
  throw withCode(new TypeError('Constructor cannot be called'), 'ERR_CONSTRUCT_CALL_INVALID');
}
Object.setPrototypeOf(MessagePort, Object.getPrototypeOf(Emitter));
MessagePort.prototype = Port.prototype;
Object.defineProperty(Port.prototype, 'constructor', { value: MessagePort, writable: true, configurable: true });
liken(Port.prototype, worker_threads.MessagePort.prototype);

/**
 * Gives a native port this face.
 * @param {number} key
 */
function wrapNode(key) {
  return new Port(key);
}

module.exports = { MessagePort, wrapNode, retell, missingMessage };
