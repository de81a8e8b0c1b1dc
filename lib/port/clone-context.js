// What the codec is told about one message: its transfer list, and whether its peer can share memory with us.
'use strict';

const { FOREIGN, NONE, SafeMap, append, native } = require('../native');
const { isNeeded, canRide } = require('./side-car.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/**
 * What a message hands over: a transfer list that was read and checked. The maps give each object its index among its kind.
 * @typedef {object} Transfer
 * @property {Map<object, number>} ports
 * @property {Pick<Map<ArrayBuffer, number>, 'size' | 'has' | 'get'>} buffers
 * @property {Map<object, import('../clone/encode/graph-writer.js').Thing>} things  what is neither a port nor memory
 * @property {import('../clone/encode/graph-writer.js').CarriedEntry[]} carried  what the last of the endpoints carry
 * @property {number} descriptors  how many of `things` leave as descriptors
 * @property {() => { moving: Endpoint[], memory: ArrayBuffer[], handed: any[] }} claim  looks again whether all of it can leave: getters
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
  /** What leaves as a descriptor and is in no list: kind, descriptor and bytes of each. @type {(number | Uint8Array)[]} */ handed = NONE;
  /** What is carried before that. */ #ahead;
  /** @type {Endpoint | null} */ #endpoint = null;

  /** @param {Transfer | null} transfer */
  constructor(transfer) {
    this.#ahead = transfer === null ? 0 : transfer.carried.length + transfer.descriptors;
    ({ ports: this.ports, buffers: this.buffers, things: this.things, carried: this.carried } = transfer ?? NO_TRANSFER);
  }

  /** @param {Endpoint | null} endpoint  that the message is for; null for a new thread's */
  begin(endpoint) {
    this.#endpoint = endpoint;
    this.shares = NONE;
    this.handed = NONE;
    return this;
  }

  /** Whether the peer is in this process. */
  get near() {
    return this.#endpoint !== null && native.local(this.#endpoint.key);
  }

  /** Undefined where what belongs to this process cannot be shared: another lies between, or nothing could carry it. */
  get shared() {
    const endpoint = this.#endpoint;
    if (FOREIGN || (endpoint !== null && !this.near)) return undefined;
    return isNeeded() && !canRide(endpoint) ? undefined : this.#share;
  }

  /**
   * How a SharedArrayBuffer goes to another process; undefined if it does not.
   * @param {SharedArrayBuffer} buffer
   */
  sharing(buffer) {
    return native.isSharedMemory(buffer) ? this.#share : undefined;
  }

  /**
   * Takes a descriptor along, which is copied at the post.
   * @param {{ kind: number, fd: number, body: Uint8Array }} leaving
   * @returns {number} its index among what is carried
   */
  hand({ kind, fd, body }) {
    if (this.handed === NONE) this.handed = [];
    append(this.handed, kind);
    append(this.handed, fd);
    append(this.handed, body);
    return this.#ahead + this.handed.length / 3 - 1;
  }

  #share = (/** @type {object} */ shared) => {
    if (this.shares === NONE) this.shares = [];
    this.shares[this.shares.length] = shared;
    return this.shares.length - 1;
  };
}

module.exports = { Context };
