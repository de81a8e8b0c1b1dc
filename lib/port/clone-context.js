// What the codec is told about one message: its transfer list, and whether its peer can share memory with us.
'use strict';

const { SafeMap } = require('../native/builtins.js');
const { native } = require('../native/addon.js');
const { isNeeded, canRide } = require('./side-car.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('./transfer-list.js').Transfer} Transfer */

/** @type {Transfer} */
const NO_TRANSFER = { ports: new SafeMap(), buffers: new SafeMap(), endpoints: [], memory: [] };

/** @type {object[]} */
const NONE = [];

class Context {
  /** @readonly */ ports;
  /** @readonly */ buffers;
  /** SharedArrayBuffers and WebAssembly.Modules in the message, by the index that the codec knows them by. */
  shares = NONE;
  /** @type {Endpoint | null} */ #endpoint = null;

  /** @param {Transfer | null} transfer */
  constructor(transfer) {
    ({ ports: this.ports, buffers: this.buffers } = transfer ?? NO_TRANSFER);
  }

  /** @param {Endpoint | null} endpoint  that the message is for; null for a new thread's */
  begin(endpoint) {
    this.#endpoint = endpoint;
    this.shares = NONE;
    return this;
  }

  /** Undefined where memory cannot be shared: a process lies between, or nothing could carry it. */
  get shared() {
    const endpoint = this.#endpoint;
    if (endpoint !== null && !native.local(endpoint.key)) return undefined;
    if (isNeeded() && !canRide(endpoint)) return undefined;
    return (/** @type {object} */ shared) => {
      if (this.shares === NONE) this.shares = [];
      this.shares[this.shares.length] = shared;
      return this.shares.length - 1;
    };
  }
}

module.exports = { Context };
