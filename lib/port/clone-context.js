// What the codec is told about one message: its transfer list, and whether its peer can share memory with us.
'use strict';

const { isSharedArrayBuffer } = require('node:util').types;
const { NONE, SafeMap, native } = require('../native');
const { isNeeded, canRide } = require('./side-car.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/**
 * What a message hands over: a transfer list that was read and checked. The maps give each object its index among its kind.
 * @typedef {object} Transfer
 * @property {Map<object, number>} ports
 * @property {Map<ArrayBuffer, number>} buffers
 * @property {Map<object, import('../clone/encode/graph-writer.js').Thing>} things  what is neither a port nor memory
 * @property {import('../clone/encode/graph-writer.js').CarriedEntry[]} carried  what the last of the endpoints carry
 * @property {() => { moving: Endpoint[], memory: ArrayBuffer[] }} claim  looks again whether all of it can leave: getters
 *   ran. Nobody notices before `depart`
 * @property {() => void} depart  it has left
 * @property {() => void} stay  it has not, after a claim
 */

const NO_TRANSFER = { ports: new SafeMap(), buffers: new SafeMap(), things: undefined, carried: undefined };

class Context {
  /** @readonly */ ports;
  /** @readonly */ buffers;
  /** @readonly */ things;
  /** @readonly */ carried;
  /** SharedArrayBuffers and WebAssembly.Modules in the message, by the index that the codec knows them by. */
  /** @type {object[]} */ shares = NONE;
  /** @type {Endpoint | null} */ #endpoint = null;

  /** @param {Transfer | null} transfer */
  constructor(transfer) {
    ({ ports: this.ports, buffers: this.buffers, things: this.things, carried: this.carried } = transfer ?? NO_TRANSFER);
  }

  /** @param {Endpoint | null} endpoint  that the message is for; null for a new thread's */
  begin(endpoint) {
    this.#endpoint = endpoint;
    this.shares = NONE;
    return this;
  }

  get #isLocal() {
    return this.#endpoint === null || native.local(this.#endpoint.key);
  }

  /**
   * Whether a SharedArrayBuffer or a WebAssembly.Module may go there: processes share only what was made for that.
   * @param {object} shared
   */
  canShare(shared) {
    return this.#isLocal || (isSharedArrayBuffer(shared) && native.isSharedMemory(shared));
  }

  /** Undefined where nothing could carry what is shared. */
  get shared() {
    if (this.#isLocal && isNeeded() && !canRide(this.#endpoint)) return undefined;
    return (/** @type {object} */ shared) => {
      if (this.shares === NONE) this.shares = [];
      this.shares[this.shares.length] = shared;
      return this.shares.length - 1;
    };
  }
}

module.exports = { Context };
