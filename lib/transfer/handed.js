// What leaves as a descriptor: the copy is native's, made at the post; here is what there is to know of it beside.
'use strict';

const { OBJECT } = require('../clone');
const { HANDED, NONE, native } = require('../native');
const { isFileDescriptor, leavingDescriptor } = require('./file-descriptor.js');

/**
 * How one kind of objects leaves. Until `leave` nobody notices.
 * @typedef {object} Thing
 * @property {string} name
 * @property {number} kind  what the receiver makes sure of
 * @property {() => string | null} look  why it cannot leave now
 * @property {() => number} fd
 * @property {() => Uint8Array} take  what else goes along
 * @property {() => void} leave  it has left: closes the original
 * @property {() => void} stay  it does not: puts back what was taken
 */

/** Loaded when there is one: with them Node loads its own. */
const sockets = () => require('./sockets.js');

/** A {@link import('./departure.js').Departure} that takes no port. */
class HandedDeparture {
  /** @readonly */ name;
  /** @readonly */ tag = OBJECT.CARRIED;
  /** @readonly */ isHanded = true;
  parts = NONE;
  entries = NONE;
  #thing;

  /** @param {Thing} thing */
  constructor(thing) {
    this.name = thing.name;
    this.#thing = thing;
  }

  get refusal() {
    const { kind } = this.#thing;
    const refusal = this.#thing.look();
    if (refusal !== null || native.isOfKind(kind, this.#thing.fd())) return refusal;
    return kind === HANDED.ANY ? 'has a descriptor that is not open any more' : 'is no socket of TCP or of unix';
  }

  claim() {
    return NONE;
  }

  /** @returns {[kind: number, fd: number, body: Uint8Array]} */
  hand() {
    const body = this.#thing.take();
    return [this.#thing.kind, this.#thing.fd(), body];
  }

  depart() {
    this.#thing.leave();
  }

  stay() {
    this.#thing.stay();
  }
}

const { hasOwn } = Object;

/**
 * Whether it leaves as a descriptor, and is nothing that the codec knows for the platform's.
 * @param {object} object  no proxy
 */
const isHanded = (object) => isFileDescriptor(object) || ((hasOwn(object, '_handle') || hasOwn(object, '_hadError')) && sockets().isSocket(object));

/**
 * @param {object} object  no proxy
 * @returns {HandedDeparture | null}
 */
function handedDeparture(object) {
  if (isFileDescriptor(object)) return new HandedDeparture(leavingDescriptor(/** @type {any} */ (object)));
  const thing = '_handle' in object ? sockets().leavingSocket(object) : null;
  return thing === null ? null : new HandedDeparture(thing);
}

module.exports = { handedDeparture, isHanded };
