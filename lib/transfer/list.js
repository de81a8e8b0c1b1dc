// Reads the second argument of postMessage and checks what it names, in the order the contract gives.
'use strict';

const { isArrayBuffer } = require('node:util/types');
const { SafeMap, SafeSet, append, arrayIndexOf, arrayMap, arraySlice, dataClone, invalidType } = require('../native');
const { Endpoint, endpointOf } = require('../port');
const { departureOf } = require('./departure.js');
const { BufferList, detachable } = require('./memory.js');
const { whyNot, whyNoList } = require('./why-not.js');

/** @typedef {import('../clone/encode/graph-writer.js').Thing} Thing */
/** @typedef {import('../clone/encode/graph-writer.js').CarriedEntry} CarriedEntry */
/** @typedef {import('./departure.js').Departure} Departure */
/** @template T @typedef {{ what: T, index: number }} Place  something of the list, and where it stands there */

const { isArray } = Array;
const { getPrototypeOf, hasOwn } = Object;

/** A checked list. The maps give each object its index among its kind, as the codec wants it. */
class TransferList {
  /** @type {Map<object, number>} @readonly */ ports = new SafeMap();
  /** @type {Map<ArrayBuffer, number>} @readonly */ buffers = new SafeMap();
  /** @type {Map<object, Thing>} @readonly */ things = new SafeMap();
  /** What carriers carry. @type {CarriedEntry[]} @readonly */ carried = [];
  /** Where each port comes from; those that carry something are the last. @type {Place<Endpoint | Departure>[]} */ #ports = [];
  /** @type {Place<Departure>[]} */ #carriers = [];
  /** How many leave as descriptors: the last to be added, and behind all that ports carry. */ #handed = 0;
  /** @type {Place<ArrayBuffer>[]} */ #memory = [];
  /** @type {Set<object>} */ #seen = new SafeSet();
  #asOnTheWeb;

  /** @param {boolean} asOnTheWeb  see checkTransfer() */
  constructor(asOnTheWeb) {
    this.#asOnTheWeb = asOnTheWeb;
  }

  /**
   * @param {any} element
   * @param {Endpoint | Departure | null} leaving  null: an ArrayBuffer
   * @param {number} index
   */
  add(element, leaving, index) {
    if (!this.#asOnTheWeb && leaving instanceof Endpoint && leaving.neutered) throw neutered(index);
    this.#once(element, element, index);
    if (leaving === null) {
      this.buffers.set(element, this.buffers.size);
      append(this.#memory, { what: element, index });
    } else if (leaving instanceof Endpoint || leaving.isPort) {
      this.ports.set(element, this.ports.size);
      append(this.#ports, { what: leaving, index });
    } else this.#addThing(element, leaving, index);
  }

  /**
   * @param {object} element
   * @param {Departure} departure
   * @param {number} index
   */
  #addThing(element, departure, index) {
    const { parts, entries, tag, reason, isHanded } = departure;
    for (let i = 0; i < parts.length; i++) if (parts[i] !== element) this.#once(parts[i], element, index);
    const at = this.carried.length + (isHanded ? this.#handed++ : 0);
    this.things.set(element, { tag, index: at, reason });
    for (let i = 0; i < entries.length; i++) append(this.carried, entries[i]);
    append(this.#carriers, { what: departure, index });
  }

  /**
   * @param {object} object
   * @param {object} element  that it is, or is part of
   * @param {number} index
   */
  #once(object, element, index) {
    if (this.#seen.has(object)) throw dataClone(`${nameOf(element)} at index ${index} is a duplicate.`);
    this.#seen.add(object);
  }

  get descriptors() {
    return this.#handed;
  }

  /** Looks whether what is no memory can leave. */
  checkThings() {
    for (let i = 0; i < this.#ports.length; i++) {
      const { what, index } = this.#ports[i];
      if (this.#asOnTheWeb && what instanceof Endpoint && what.closedHere) throw dataClone(`Port at index ${index} is closed.`);
      refuse(this.#ports[i]);
    }
    for (let i = 0; i < this.#carriers.length; i++) refuse(this.#carriers[i]);
  }

  /**
   * Getters ran since the list was read: looks again, and says what is to leave. Async hooks hear of what is made for that, so
   * that memory is looked at once more. When it throws, `stay` puts back what was claimed.
   */
  claim() {
    this.checkThings();
    const memory = arrayMap(this.#memory, detachableAt);
    /** @type {Endpoint[]} */
    const moving = [];
    for (let i = 0; i < this.#ports.length; i++) claimOf(this.#ports[i].what, moving);
    for (let i = 0; i < this.#carriers.length; i++) claimOf(this.#carriers[i].what, moving);
    const handed = this.#hand();
    return { moving, memory: moving.length + handed.length > 0 ? arrayMap(this.#memory, detachableAt) : memory, handed };
  }

  /** A kind, a descriptor and bytes of each that leaves as a descriptor. */
  #hand() {
    /** @type {(number | Uint8Array)[]} */
    const handed = [];
    for (let i = 0; i < this.#carriers.length; i++) {
      const { what } = this.#carriers[i];
      const triple = what.isHanded ? what.hand?.() : undefined;
      if (triple !== undefined) for (let j = 0; j < 3; j++) append(handed, triple[j]);
    }
    return handed;
  }

  depart() {
    this.#tell((departure) => departure.depart());
  }

  stay() {
    this.#tell((departure) => departure.stay());
  }

  /** @param {(departure: Departure) => void} tell */
  #tell(tell) {
    for (let i = 0; i < this.#ports.length; i++) {
      const { what } = this.#ports[i];
      if (!(what instanceof Endpoint)) tell(what);
    }
    for (let i = 0; i < this.#carriers.length; i++) tell(this.#carriers[i].what);
  }
}

/**
 * @param {Endpoint | Departure} what
 * @param {Endpoint[]} moving  gets the ports that go
 */
function claimOf(what, moving) {
  if (what instanceof Endpoint) return append(moving, what); // its key is 0 for a closed port
  const claimed = what.claim();
  for (let i = 0; i < claimed.length; i++) append(moving, claimed[i]);
}

/** @param {Place<ArrayBuffer>} place */
const detachableAt = ({ what, index }) => detachable(what, index);

/** @param {Place<Endpoint | Departure>} place */
function refuse({ what, index }) {
  if (what instanceof Endpoint) {
    if (what.neutered) throw neutered(index);
  } else if (what.refusal !== null) throw dataClone(`${what.name} at index ${index} ${what.refusal}.`);
}

/** @param {Endpoint | Departure | null} leaving */
const isHanded = (leaving) => leaving !== null && !(leaving instanceof Endpoint) && leaving.isHanded;

/** @param {object} object */
function isPlain(object) {
  const prototype = getPrototypeOf(object);
  return prototype === null || getPrototypeOf(prototype) === null;
}

/**
 * @param {unknown} transfer
 * @returns {unknown[]}
 */
function listOf(transfer) {
  let list = transfer;
  if (typeof list === 'object' && list !== null && !isArray(list) && isPlain(list)) {
    list = hasOwn(list, 'transfer') ? /** @type {{ transfer?: unknown }} */ (list).transfer : undefined;
    if (list === undefined) return [];
  }
  if (!isArray(list)) throw invalidType(`transferables must be an array of MessagePorts${whyNoList(list)}`);
  return arraySlice(list);
}

/**
 * @param {unknown} transfer  not undefined
 * @param {Endpoint | null} source  the port that is posted to
 * @returns {TransferList | BufferList | null} null when there is nothing to transfer
 */
function readTransfer(transfer, source) {
  return checkTransfer(listOf(transfer), source, invalidType);
}

/**
 * @param {unknown[]} list
 * @param {Endpoint | null} source  the port that is posted to
 * @param {(text: string) => Error} invalid  makes the error for what cannot be transferred
 * @param {boolean} [asOnTheWeb]  what is detached is found after the message was cloned, and a port that was closed is detached
 *   (HTML: StructuredSerializeWithTransfer)
 * @returns {TransferList | BufferList | null} null when there is nothing to transfer
 */
function checkTransfer(list, source, invalid, asOnTheWeb = false) {
  if (list.length === 0) return null;
  if (list.length === 1 && isArrayBuffer(list[0])) return new BufferList(list[0]);
  /** @type {(Endpoint | Departure | null)[]} */
  const leaving = [];
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    leaving[index] = endpointOf(element) ?? (isArrayBuffer(element) ? null : departureOf(element));
    if (leaving[index] === null && !isArrayBuffer(element)) throw invalid(`Port at index ${index} is not a valid port${whyNot(element)}`);
  }
  const self = source === null ? -1 : arrayIndexOf(leaving, source);
  if (self !== -1) throw dataClone(`Port at index ${self} contains the source port.`);
  const transfer = new TransferList(asOnTheWeb);
  for (let index = 0; index < list.length; index++) if (!isHanded(leaving[index])) transfer.add(list[index], leaving[index], index);
  for (let index = 0; index < list.length; index++) if (isHanded(leaving[index])) transfer.add(list[index], leaving[index], index);
  if (!asOnTheWeb) transfer.checkThings();
  return transfer;
}

/** @param {object} element */
function nameOf(element) {
  if (endpointOf(element) !== undefined) return 'Port';
  return isArrayBuffer(element) ? 'ArrayBuffer' : departureOf(element)?.name ?? 'Port';
}

/** @param {number} index */
const neutered = (index) => dataClone(`Port at index ${index} is already neutered.`);

module.exports = { readTransfer, checkTransfer };
