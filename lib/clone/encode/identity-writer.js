// Identity: an object that is met again is written as a reference to where it stands. An array is looked for among arrays, and
// what V8 takes for an ordinary object among those: fewer to look at.
'use strict';

const { SafeMap } = require('../../native');
const { ByteWriter } = require('./byte-writer.js');
const { EARLY, VALUE } = require('../tags.js');
const { LINEAR_SEARCH } = require('../limits.js');

/** Objects of one kind that were met, and where their tags stand: the first few in arrays, then all in a Map. */
class Seen {
  constructor() {
    this.count = 0;
    /** @type {(object | null)[]} */
    this.objects = filled(null);
    /** @type {number[]} */
    this.places = filled(0);
    /** @type {Map<object, number> | null} */
    this.placeOf = null;
  }

  /**
   * @param {object} object
   * @param {number} place  where its tag will stand, if it is new
   * @returns {number} where its tag stands, -1 if it is new
   */
  meet(object, place) {
    const count = this.count;
    if (count >= LINEAR_SEARCH) return this.#meetInMap(object, place);
    const objects = this.objects;
    for (let i = 0; i < count; i++) {
      if (objects[i] === object) return this.places[i];
    }
    objects[count] = object;
    this.places[count] = place;
    this.count = count + 1;
    return -1;
  }

  /**
   * @param {object} object
   * @param {number} place
   */
  #meetInMap(object, place) {
    const map = (this.placeOf ??= this.#moveToMap());
    const known = map.get(object);
    if (known !== undefined) return known;
    map.set(object, place);
    return -1;
  }

  #moveToMap() {
    /** @type {Map<object, number>} */
    const map = new SafeMap();
    for (let i = 0; i < LINEAR_SEARCH; i++) map.set(/** @type {object} */ (this.objects[i]), this.places[i]);
    return map;
  }

  /** Keeps nothing of a message alive. */
  forget() {
    for (let i = 0; i < this.count; i++) this.objects[i] = null;
    this.count = 0;
    this.placeOf = null;
  }
}

/** Invariant: what an object is, is asked the same way each time, so that it is looked for where it was put. */
class IdentityWriter extends ByteWriter {
  constructor() {
    super();
    this.ordinary = new Seen();
    this.arrays = new Seen();
    this.others = new Seen();
  }

  /**
   * Writes a reference to an object met before; else remembers that its tag will stand here.
   * @param {Seen} seen  those among which it would be
   * @param {object} object
   */
  known(seen, object) {
    const place = seen.meet(object, this.pos);
    if (place < 0) return false;
    this.bytes[place] |= EARLY;
    this.tagged(VALUE.REFERENCE, place);
    return true;
  }

  forgetObjects() {
    this.ordinary.forget();
    this.arrays.forget();
    this.others.forget();
  }
}

/**
 * @template T
 * @param {T} value
 * @returns {any[]}
 */
function filled(value) {
  const array = [];
  for (let i = 0; i < LINEAR_SEARCH; i++) array[i] = value;
  return array;
}

module.exports = { IdentityWriter };
