// What has arrived as a descriptor: made into an object when the message is decoded and refers to it.
'use strict';

const { native } = require('../native');

const { TypeError } = globalThis;

/** @typedef {{ object: object, close: () => void }} Made */
/**
 * Owns the descriptor from the moment it is called. `number` is that by which native closes it with this thread, which may be
 * terminated at any moment: it is released when something else does that.
 * @typedef {(fd: number, body: Uint8Array, number: number) => Made} Maker
 */

/** @type {Maker[]} by kind */
const makers = [];

/**
 * @param {number} kind
 * @param {Maker} make
 */
function registerHanded(kind, make) {
  makers[kind] = make;
}

/** Invariant: its descriptor is given to a maker once, or closed, be it with this thread. */
class Handed {
  /** It is nothing that a port carries. */ kind = 0;
  /** @readonly */ #make;
  /** -1: it was given. */ #fd;
  /** @readonly */ #number;
  /** @readonly */ #body;
  /** @type {Made | null} */ #made = null;

  /**
   * @param {number} kind
   * @param {number} fd
   * @param {number} number  by which native owns it until it is given
   * @param {Uint8Array} body
   */
  constructor(kind, fd, number, body) {
    this.#make = makers[kind];
    this.#fd = fd;
    this.#number = number;
    this.#body = body;
  }

  open() {
    if (this.#made === null) {
      const fd = this.#fd;
      if (fd === -1) throw new TypeError('nothing could be made of a descriptor');
      this.#fd = -1;
      this.#made = this.#make(fd, this.#body, this.#number);
    }
    return this.#made.object;
  }

  /** @returns {never} */
  openWith() {
    throw new TypeError('a descriptor has no sides');
  }

  /** @param {boolean} all  also if somebody has asked for it */
  abandon(all) {
    if (this.#fd !== -1) native.closeOwned(this.#number);
    else if (all) this.#made?.close();
  }
}

module.exports = { Handed, registerHanded };
