// What has arrived as a port with a kind: a stream or a signal, made when the message is decoded and refers to it.
'use strict';

const { native } = require('../native');

/** @typedef {import('./endpoint.js').Carrier['sideCar']} SideCar */
/** @typedef {{ key: number, state: number, sideCar: SideCar }} Bearer */
/** @typedef {{ object: object, close: () => void }} Made */

/** @type {((bearer: Bearer) => Made)[]} by kind */
const makers = [];

/** @type {(readable: object, writable: object) => object} */
let join;

/**
 * @param {number} kind
 * @param {(bearer: Bearer) => Made} make
 */
function registerCarried(kind, make) {
  makers[kind] = make;
}

/** @param {typeof join} joiner  makes one stream of its two sides */
function registerJoiner(joiner) {
  join = joiner;
}

/** Invariant: its port is made something of once, or closed. */
class Carried {
  /** @readonly */ kind;
  /** @readonly */ #key;
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
    this.#made ??= makers[this.kind]({ key: this.#key, state: this.#state, sideCar: this.sideCar });
    return this.#made.object;
  }

  /** @param {Carried} writable  the other side of a TransformStream, of which this is the readable one */
  openWith(writable) {
    return join(this.open(), writable.open());
  }

  /** @param {boolean} all  also if somebody has asked for it */
  abandon(all) {
    if (this.#made === null) {
      native.close(this.#key);
      this.sideCar?.close();
    } else if (all) this.#made.close();
  }
}

module.exports = { Carried, registerCarried, registerJoiner };
