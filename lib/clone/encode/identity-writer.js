// Identity: an object that is met again is written as a reference to where it stands.
'use strict';

const { SafeMap } = require('../../native');
const { ByteWriter } = require('./byte-writer.js');
const { EARLY, VALUE } = require('../tags.js');
const { LINEAR_SEARCH } = require('../limits.js');

class IdentityWriter extends ByteWriter {
  constructor() {
    super();
    /** Objects met and where their tags stand: the first few in arrays, then all in a Map. */
    this.count = 0;
    /** @type {(object | null)[]} */
    this.objects = filled(null);
    /** @type {number[]} */
    this.places = filled(0);
    /** @type {Map<object, number> | null} */
    this.placeOf = null;
  }

  /**
   * Writes a reference to an object met before; else remembers that its tag will stand here.
   * @param {object} object
   */
  known(object) {
    const count = this.count;
    if (count >= LINEAR_SEARCH) return this.#knownInMap(object);
    const objects = this.objects;
    for (let i = 0; i < count; i++) {
      if (objects[i] === object) return this.#reference(this.places[i]);
    }
    objects[count] = object;
    this.places[count] = this.pos;
    this.count = count + 1;
    return false;
  }

  /** @param {object} object */
  #knownInMap(object) {
    const map = (this.placeOf ??= this.#moveToMap());
    const place = map.get(object);
    if (place !== undefined) return this.#reference(place);
    map.set(object, this.pos);
    this.count++;
    return false;
  }

  #moveToMap() {
    /** @type {Map<object, number>} */
    const map = new SafeMap();
    for (let i = 0; i < LINEAR_SEARCH; i++) map.set(/** @type {object} */ (this.objects[i]), this.places[i]);
    return map;
  }

  /** @param {number} place */
  #reference(place) {
    this.bytes[place] |= EARLY;
    this.tagged(VALUE.REFERENCE, place);
    return true;
  }

  /** Keeps nothing of a message alive. */
  forgetObjects() {
    const used = this.count < LINEAR_SEARCH ? this.count : LINEAR_SEARCH;
    for (let i = 0; i < used; i++) this.objects[i] = null;
    this.count = 0;
    this.placeOf = null;
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
