// Objects of one kind that a message has met, and where their tags stand: the first few are searched, more are found by a number that the
// engine keeps with each, or in a Map where it keeps none.
'use strict';

const { SafeMap, intsFill } = require('../../native');
const { SORT_BITS, asking, hashedSortOf, tellEach } = require('../kind');
const { LINEAR_SEARCH, RETAINED_OBJECTS, TOLD_AT_ONCE } = require('../limits.js');

const { Int32Array } = globalThis;
const { clz32, imul, min } = Math;

/** Places of a table at first: a power of two, as always. */
const SMALL = 256;

/** A table with more places for each object is of a larger message: to empty it would take longer than to find them. */
const SPARSE = 16;

/** Spreads numbers over the high bits: 2 ** 32, divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

const told = new Int32Array(TOLD_AT_ONCE);

/** @typedef {{ objects: object[], place: number, size: number }} Row  where the tag of the first stands, and how far it is from each to the next */

/**
 * Invariant: of `objects`, `places` and `hashes` the first `count` are taken, and the other objects are null. The first `entered` stand in the
 * table by their hashes, of which none is 0; the others, if there are any, stand there before one is looked for among LINEAR_SEARCH or more.
 */
class Seen {
  constructor() {
    this.count = 0;
    this.entered = 0;
    /** @type {(object | null)[]} */
    this.objects = [];
    /** @type {number[]} */
    this.places = [];
    /** @type {number[]} */
    this.hashes = [];
    /** Which object it is, and one more. At least half of it is empty. @type {Int32Array} */
    this.table = new Int32Array(SMALL);
    /** Where the engine keeps no numbers. @type {Map<object, number> | null} */
    this.placeOf = null;
    /** Is put among them once one is looked for: most messages have nothing behind it. @type {Row | null} */
    this.row = null;
    for (let i = 0; i < LINEAR_SEARCH; i++) this.#put(null, 0, 0);
    this.count = 0;
  }

  /**
   * @param {object} object
   * @param {number} hash  the number that the engine keeps with it; 0 where nobody has asked
   * @param {number} place  where its tag will stand, if it is new
   * @returns {number} where its tag stands, -1 if it is new
   */
  meet(object, hash, place) {
    if (this.row !== null) this.#putRow(this.row);
    const { count } = this;
    if (hash !== 0 || count >= LINEAR_SEARCH) return this.#meetAmongMany(object, hash, place);
    const { objects } = this;
    for (let i = 0; i < count; i++) {
      if (objects[i] === object) return this.places[i];
    }
    this.#put(object, 0, place);
    return -1;
  }

  isEmpty() {
    return this.count === 0 && this.row === null;
  }

  /** @param {Row} row  of which none was met before; there is nothing else yet */
  meetRow(row) {
    this.row = row;
  }

  /** @param {Row} row */
  #putRow({ objects, place, size }) {
    this.row = null;
    for (let i = 0; i < objects.length; i++) this.#put(objects[i], 0, place + size * i);
  }

  /** @param {object | null} object @param {number} hash @param {number} place */
  #put(object, hash, place) {
    const { count } = this;
    this.objects[count] = object;
    this.hashes[count] = hash;
    this.places[count] = place;
    this.count = count + 1;
  }

  /** @param {object} object @param {number} hash @param {number} place */
  #meetAmongMany(object, hash, place) {
    if (this.placeOf === null && (hash !== 0 || (hash = hashedSortOf(object) >> SORT_BITS) !== 0) && (this.entered === this.count || this.#enterAll())) {
      return this.#meetInTable(object, hash, place);
    }
    const map = (this.placeOf ??= this.#moveToMap());
    const known = map.get(object);
    if (known !== undefined) return known;
    map.set(object, place);
    return -1;
  }

  /** @param {object} object @param {number} hash @param {number} place */
  #meetInTable(object, hash, place) {
    const { table, objects } = this;
    let at = imul(hash, SPREAD) >>> shiftOf(table);
    for (; table[at] !== 0; at = (at + 1) & (table.length - 1)) {
      const which = table[at] - 1;
      if (objects[which] === object) return this.places[which];
    }
    this.#put(object, hash, place);
    table[at] = this.entered = this.count;
    if (2 * this.count > table.length) this.#enterInto(new Int32Array(2 * table.length));
    return -1;
  }

  /** Asks for the hashes of those that were searched so far. */
  #enterAll() {
    const { count, entered, hashes } = this;
    for (let from = entered; from < count; from += TOLD_AT_ONCE) {
      const to = min(count, from + TOLD_AT_ONCE);
      tellEach(told, true, asking(this.objects, from, to));
      for (let i = from; i < to; i++) if ((hashes[i] = told[i - from] >> SORT_BITS) === 0) return false;
    }
    this.#enterInto(this.table.length > 2 * count ? this.table : new Int32Array(roomFor(count)));
    return true;
  }

  /** @param {Int32Array} table  with nothing in it but what is there already */
  #enterInto(table) {
    const { count, hashes } = this;
    const shift = shiftOf(table);
    for (let i = table === this.table ? this.entered : 0; i < count; i++) {
      let at = imul(hashes[i], SPREAD) >>> shift;
      while (table[at] !== 0) at = (at + 1) & (table.length - 1);
      table[at] = i + 1;
    }
    this.table = table;
    this.entered = count;
  }

  #moveToMap() {
    /** @type {Map<object, number>} */
    const map = new SafeMap();
    for (let i = 0; i < this.count; i++) map.set(/** @type {object} */ (this.objects[i]), this.places[i]);
    return map;
  }

  /** Keeps nothing of a message alive. */
  forget() {
    const { count, objects, table } = this;
    if (count > RETAINED_OBJECTS) this.objects = [];
    else for (let i = 0; i < count; i++) objects[i] = null;
    if (this.entered !== 0) {
      if (count > RETAINED_OBJECTS || table.length > SPARSE * count) this.table = new Int32Array(SMALL);
      else intsFill(table, 0);
    }
    this.count = this.entered = 0;
    this.placeOf = null;
    this.row = null;
  }
}

/** Places for so many, a fourth to a half of which they take: a power of two. @param {number} count */
const roomFor = (count) => 1 << (34 - clz32(count));

/** What to shift by to get a place. @param {Int32Array} table */
const shiftOf = (table) => clz32(table.length) + 1;

module.exports = { Seen };
