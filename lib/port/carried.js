// What has arrived as a port with a kind: a stream or a signal, made when the message is decoded and refers to it.
'use strict';

const { native } = require('../native');

const { TypeError } = globalThis;

/** @typedef {import('./endpoint.js').Carrier['sideCar']} SideCar */
/** @typedef {{ key: number, state: number, sideCar: SideCar }} Bearer */
/** @typedef {{ object: object, close: () => void }} Made */

/** Owns the port from the moment it is called. @typedef {(bearer: Bearer) => Made} Maker */

/** @type {Maker[]} by kind */
const makers = [];

/** @type {(readable: object, writable: object) => object} */
let join;

/**
 * @param {number} kind
 * @param {Maker} make
 */
function registerCarried(kind, make) {
  makers[kind] = make;
}

/** @param {typeof join} joiner  makes one stream of its two sides */
function registerJoiner(joiner) {
  join = joiner;
}

/** Invariant: its port is given to a maker once, or closed. */
class Carried {
  /** @readonly */ kind;
  /** 0: it was given. */ #key;
  /** @readonly */ #state;
  /** @type {SideCar} */ sideCar = null;
  /** @type {Made | null} */ #made = null;

  /**
   * @param {number} key
   * @param {import('../clone/encode/graph-writer.js').CarriedEntry} entry
   */
  constructor(key, { kind, state }) {
    this.kind = kind;
    this.#key = key;
    this.#state = state;
  }

  open() {
    if (this.#made === null) {
      const key = this.#key;
      if (key === 0) throw new TypeError('nothing could be made of a port');
      this.#key = 0;
      this.#made = makers[this.kind]({ key, state: this.#state, sideCar: this.sideCar });
    }
    return this.#made.object;
  }

  /** @param {Carried} writable  the other side of a TransformStream, of which this is the readable one */
  openWith(writable) {
    return join(this.open(), writable.open());
  }

  /** @param {boolean} all  also if somebody has asked for it */
  abandon(all) {
    if (this.#key !== 0) {
      native.close(this.#key);
      this.sideCar?.close();
    } else if (all) this.#made?.close();
  }
}

module.exports = { Carried, registerCarried, registerJoiner };
