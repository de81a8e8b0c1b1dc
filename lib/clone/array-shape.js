// What an array has besides its elements, and where its holes end: found without listing every index.
'use strict';

const { inspect } = require('node:util');
const { LONG_ARRAY, LONG_HOLE } = require('./limits.js');

const { keys, hasOwn, getPrototypeOf } = Object;
const arrayPrototype = Array.prototype;

/** Prints an array's named properties and only counts its elements; runs no getter, no custom inspection, no trap. */
const NAMED_ONLY = Object.freeze({
  maxArrayLength: 0, depth: 0, getters: false, customInspect: false, showProxy: false, showHidden: false,
  colors: false, compact: 3, breakLength: Infinity, maxStringLength: 0, sorted: false, numericSeparator: false,
});

/**
 * Does this array have named properties of its own? Object.keys() would turn every index into a string.
 * @param {unknown[]} array
 * @param {number} length
 */
function hasNamed(array, length) {
  if (length > LONG_ARRAY && getPrototypeOf(array) === arrayPrototype) {
    if (inspect(array, NAMED_ONLY) === `[ ... ${length} more items ]`) return false;
  }
  const all = keys(array);
  const last = all[all.length - 1];
  return last !== undefined && last !== String(length - 1) && !isArrayIndex(last);
}

/** @param {unknown[]} array */
function namesOf(array) {
  const all = keys(array);
  let first = all.length;
  while (first > 0 && !isArrayIndex(all[first - 1])) first--;
  return all.slice(first);
}

/** @param {string} key */
function isArrayIndex(key) {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

/** Walks over the holes of one array, from left to right. */
class Holes {
  /** @param {unknown[]} array */
  constructor(array) {
    this.array = array;
    /** @type {string[] | null} what is there, once a hole turned out to be long */
    this.present = null;
    this.next = 0;
  }

  /**
   * The first index from `from` on that is no hole, or `length`.
   * @param {number} from
   * @param {number} length
   */
  end(from, length) {
    let index = from;
    const near = from + LONG_HOLE;
    while (index < length && !hasOwn(this.array, index)) {
      if (++index >= near) return this.#leap(index, length);
    }
    return index;
  }

  /**
   * @param {number} from
   * @param {number} length
   */
  #leap(from, length) {
    this.present ??= keys(this.array).filter(isArrayIndex);
    while (this.next < this.present.length && Number(this.present[this.next]) < from) this.next++;
    return this.next < this.present.length ? Math.min(Number(this.present[this.next]), length) : length;
  }
}

module.exports = { hasNamed, namesOf, isArrayIndex, Holes };
