// Electron's MessagePortMain: a port as an EventEmitter that delivers from start() on.
'use strict';

const { EventEmitter } = require('node:events');
const { iterate, keepIterating } = require('./async-iterator.js');
const { takeOver } = require('../conversion.js');
const { Endpoint, FACES, registerTransferable, post } = require('../../port');
const { readTransfer } = require('../../transfer');
const { illegalConstructor } = require('../../native');
const { custom, inspectPort } = require('../inspect.js');
const { warnOfHandlers } = require('./handlers.js');
const { watchListeners } = require('../listeners.js');
const { UNCLONEABLE, refuseJSON } = require('../uncloneable.js');

/** @typedef {import('../../port/endpoint.js').Face} Face */

/** Only this package makes ports. */
const OURS = Symbol('OURS');

class MessagePortMain extends EventEmitter {
  /** @type {Endpoint} */
  #endpoint;
  _uncloneable = UNCLONEABLE;

  /**
   * @param {symbol} token
   * @param {number} key
   */
  constructor(token, key) {
    if (token !== OURS) throw illegalConstructor();
    super();
    this.#endpoint = new Endpoint(key, this, face);
  }

  /**
   * @param {any} [message]
   * @param {import('../../port/post.js').TransferArgument} [transfer]
   */
  postMessage(message, transfer) {
    post(this.#endpoint, arguments.length === 0 ? null : message, transfer, readTransfer, this.postMessage);
  }

  start() {
    this.#endpoint.start();
  }

  close() {
    if (this.#endpoint.close()) this.#endpoint.run(face.close, this);
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

  get bufferedAmount() {
    return this.#endpoint.bufferedAmount;
  }

  get writableNeedDrain() {
    return this.#endpoint.needsDrain;
  }

  /** Reads the port with `for await`, one message at a time. */
  [Symbol.asyncIterator]() {
    return iterate(this, this.#endpoint);
  }

  /**
   * Takes a port with the web's face over: its queue, not its listeners.
   * @param {import('../web/port.js').MessagePort} port
   * @returns {MessagePortMain}
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
    registerTransferable((object) => (#endpoint in object ? object.#endpoint : undefined));
    watchListeners(this.prototype, {
      message: (port, listening) => {
        port.#endpoint.listen(listening);
        if (!listening) keepIterating(port);
      },
      messageerror: (port, listening) => { if (!listening) keepIterating(port); },
      close: (port, listening) => {
        port.#endpoint.expectClose(listening);
        if (!listening) keepIterating(port);
      },
      drain: (port, listening) => { if (listening) port.#endpoint.heedDrain(); },
    });
    Object.defineProperty(this.prototype, 'toJSON', { value: refuseJSON });
    warnOfHandlers(this.prototype);
    // Missing in the first releases of Node 20.
    if (Symbol.dispose !== undefined) {
      Object.defineProperty(this.prototype, Symbol.dispose, {
        configurable: true,
        writable: true,
        /** @this {MessagePortMain} */
        value() { this.close(); },
      });
    }
  }
}

/** @type {Face} */
const face = {
  kind: FACES.MessagePortMain,
  wrap: wrapMain,
  message: (/** @type {EventEmitter} */ port, data, ports) => { port.emit('message', { data, ports }); },
  messageerror: (/** @type {EventEmitter} */ port, error, ports) => port.emit('messageerror', { error, ports }),
  close: (/** @type {EventEmitter} */ port) => { port.emit('close'); },
  drain: (/** @type {EventEmitter} */ port) => { port.emit('drain'); },
};

/**
 * Gives a native port this face.
 * @param {number} key
 */
function wrapMain(key) {
  return new MessagePortMain(OURS, key);
}

module.exports = { MessagePortMain, mainFace: face, wrapMain };
