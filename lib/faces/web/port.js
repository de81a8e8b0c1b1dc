// The web's MessagePort: a port as an EventTarget that starts with its first `onmessage`.
'use strict';

const { getEventListeners } = require('node:events');
const { takeOver } = require('../conversion.js');
const { Endpoint, FACES, registerTransferable, post } = require('../../port');
const { apply, bare, illegalConstructor, invalidType } = require('../../native');
const { EventHandlers } = require('./event-handlers.js');
const { custom, inspectPort } = require('../inspect.js');
const { LISTENER_ADDED, LISTENER_REMOVED, TELLS } = require('../listener-hooks.js');
const { fireMessageEvent, fireEvent } = require('./event.js');
const { UNCLONEABLE, refuseJSON } = require('../uncloneable.js');
const { readWebTransfer } = require('./transfer.js');

const { AbortSignal, EventTarget, WeakRef } = globalThis;
const { addEventListener } = EventTarget.prototype;
const { construct } = Reflect;

/** @typedef {import('../../port/endpoint.js').Face} Face */

/** Only this package makes ports. */
const OURS = Symbol('OURS');

/** What the web shows as enumerable on the prototype, and what Node and we add in the same manner. */
const MEMBERS = /** @type {const} */ ([
  'postMessage', 'start', 'close', 'onmessage', 'onmessageerror', 'onclose', 'addEventListener', 'removeEventListener', 'dispatchEvent',
  'ref', 'unref', 'hasRef', 'setLowLatency', 'closed',
]);

/** @type {Face} */
let face;

class MessagePort extends EventTarget {
  /** @type {Endpoint} */ #endpoint;
  /** @type {EventHandlers | null} */ #handlers = null;
  /** A listener may have gone because it was called, and nobody tells. */
  #mayShrink = false;
  _uncloneable = UNCLONEABLE;

  constructor() {
    if (arguments[0] !== OURS) throw illegalConstructor();
    super();
    this.#endpoint = new Endpoint(arguments[1], this, face);
  }

  /**
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(message, transfer = undefined) {
    if (arguments.length === 0) throw invalidType("postMessage: the argument 'message' is missing");
    post(this.#endpoint, message, transfer, readWebTransfer, this.postMessage);
  }

  start() {
    this.#endpoint.start();
  }

  close() {
    this.#endpoint.close();
  }

  get onmessage() {
    return this.#handler('message');
  }

  set onmessage(value) {
    this.#setHandler('message', value);
    this.start();
  }

  get onmessageerror() {
    return this.#handler('messageerror');
  }

  set onmessageerror(value) {
    this.#setHandler('messageerror', value);
  }

  get onclose() {
    return this.#handler('close');
  }

  set onclose(value) {
    this.#setHandler('close', value);
  }

  /** @param {string} type  @returns {any} */
  #handler(type) {
    return this.#handlers?.get(type) ?? null;
  }

  /**
   * @param {string} type
   * @param {unknown} value
   */
  #setHandler(type, value) {
    this.#handlers ??= new EventHandlers(this);
    this.#handlers.set(type, value);
  }

  /** @param {any[]} args */
  [LISTENER_ADDED](...args) {
    // @ts-expect-error -- Node has it, its types have not
    super[LISTENER_ADDED](...args);
    this.#recounted(args[1], args[0]);
  }

  /** @param {any[]} args */
  [LISTENER_REMOVED](...args) {
    // @ts-expect-error -- Node has it, its types have not
    super[LISTENER_REMOVED](...args);
    this.#recounted(args[1], args[0]);
  }

  /**
   * @param {string} type
   * @param {number} count  of its listeners
   */
  #recounted(type, count) {
    if (type === 'message') this.#endpoint.listen(count > 0);
    else if (type === 'close') this.#endpoint.expectClose(count > 0);
  }

  /** @override @param {[type: string, listener: any, options?: any]} args */
  addEventListener(...args) {
    super.addEventListener(...args);
    if (TELLS) return;
    this.#mayShrink ||= typeof args[2] === 'object' || typeof args[2] === 'function'; // it may be `once`, which is not ours to ask again
    this.#recount();
    this.#recountAtAbort(args[2]?.signal);
  }

  /**
   * When the signal aborts, the listener is taken away without a word.
   * @param {unknown} signal
   */
  #recountAtAbort(signal) {
    if (!(signal instanceof AbortSignal)) return;
    const port = new WeakRef(this); // a signal may live for long
    const recount = () => {
      const live = port.deref();
      if (live !== undefined) live.#recount();
    };
    apply(addEventListener, signal, ['abort', recount, bare({ once: true })]);
  }

  /** @override @param {[type: string, listener: any, options?: any]} args */
  removeEventListener(...args) {
    if (args[2] === true) args[2] = { capture: true }; // Node takes a boolean when it adds one, and not when it removes it
    super.removeEventListener(...args);
    if (!TELLS) this.#recount();
  }

  /** @override @param {Event} event */
  dispatchEvent(event) {
    const isWanted = super.dispatchEvent(event);
    if (this.#mayShrink) this.#recount();
    return isWanted;
  }

  #recount() {
    this.#endpoint.listen(getEventListeners(this, 'message').length > 0);
    this.#endpoint.expectClose(getEventListeners(this, 'close').length > 0);
  }

  ref() {
    this.#endpoint.reference(true);
    return this;
  }

  unref() {
    this.#endpoint.reference(false);
    return this;
  }

  hasRef() {
    return this.#endpoint.holding;
  }

  setLowLatency(on = true) {
    this.#endpoint.hurry(!!on);
    return this;
  }

  get closed() {
    return this.#endpoint.key === 0;
  }

  /**
   * Takes a port with the other face over: its queue, not its listeners.
   * @param {import('../main/port.js').MessagePortMain} port
   */
  static from(port) {
    return takeOver(port, face);
  }

  /**
   * @param {number} depth
   * @param {import('node:util').InspectOptions} options
   */
  [custom](depth, options) {
    return inspectPort(this, this.#endpoint, depth, options);
  }

  static {
    const { prototype } = this;
    for (const name of MEMBERS) Object.defineProperty(prototype, name, { enumerable: true });
    Object.defineProperty(prototype, Symbol.toStringTag, { configurable: true, value: 'MessagePort' });
    Object.defineProperty(prototype, 'toJSON', { value: refuseJSON });
    registerTransferable((object) => (#endpoint in object ? object.#endpoint : undefined));

    face = {
      kind: FACES.MessagePort,
      wrap: wrapWeb,
      message(/** @type {MessagePort} */ port, data, ports) {
        fireMessageEvent(port, 'message', data, ports);
        if (port.#mayShrink) port.#recount();
      },
      messageerror(/** @type {MessagePort} */ port, _error, ports) {
        const told = getEventListeners(port, 'messageerror').length > 0;
        fireMessageEvent(port, 'messageerror', null, ports);
        return told;
      },
      close: (/** @type {MessagePort} */ port) => fireEvent(port, 'close'),
      drain() {},
    };
  }
}

/**
 * Gives a native port this face.
 * @param {number} key
 */
function wrapWeb(key) {
  return construct(MessagePort, [OURS, key]);
}

module.exports = { MessagePort, wrapWeb };
