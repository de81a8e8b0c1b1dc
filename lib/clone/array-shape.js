// What an array has: all its elements and nothing else, or holes and named properties.
'use strict';

const { charCodeAt, numberToString } = require('../native');
const { hasOnlyElements } = require('./kind');
const { LONG_ARRAY } = require('./limits.js');

const { keys, values, getPrototypeOf } = Object;
const arrayPrototype = Array.prototype;

/** Prints an array's named properties and only counts its elements; runs no getter, no custom inspection, no trap. */
const NAMED_ONLY = Object.freeze({
  maxArrayLength: 0, depth: 0, getters: false, customInspect: false, showProxy: false, showHidden: false,
  colors: false, compact: 3, breakLength: Infinity, maxStringLength: 0, sorted: false, numericSeparator: false,
});

/** Node's, loaded for the first long array. In the place of another it says of none that it has nothing but elements, which takes
 * longer to find out otherwise. */
const inspect = (/** @type {any[]} */ array) => require('node:util').inspect(array, NAMED_ONLY);

/** An array with holes, or with named properties. */
class Uneven {
  /**
   * @param {string[]} names  its indices, then its other keys
   * @param {unknown[] | null} members  likewise, if they have been read already: getters run once
   */
  constructor(names, members) {
    this.names = names;
    this.members = members;
    this.indices = countIndices(names);
  }
}

/**
 * Elements are own and enumerable, as Object.keys() gives them; to list the indices of a long array as strings takes longer
 * than to write it.
 * @param {any[]} array
 * @param {number} length  of it
 * @returns {any[] | Uneven} where to read the elements of an array that has them all and nothing else: those of a long one
 *   in a copy, for its getters, if it has any, have run
 */
function elementsOf(array, length) {
  if (length <= LONG_ARRAY) {
    const names = keys(array);
    const even = names.length === length && (length === 0 || names[length - 1] === numberToString(length - 1));
    return even ? array : new Uneven(names, null);
  }
  if (!hasOnlyElements(array) && (getPrototypeOf(array) !== arrayPrototype || inspect(array) !== `[ ... ${length} more items ]`)) {
    return new Uneven(keys(array), null);
  }
  // Not before it is known that nothing is named: so many values are so many elements.
  const elements = values(array);
  if (elements.length === length) return elements;
  const names = keys(array);
  return new Uneven(names, names.length === elements.length ? elements : null);
}

/**
 * How many of an array's keys are indices; they come first.
 * @param {string[]} all
 */
function countIndices(all) {
  let count = 0;
  while (count < all.length && isArrayIndex(all[count])) count++;
  return count;
}

/** @param {string} key */
function isArrayIndex(key) {
  const index = +key >>> 0;
  return index !== 0xffffffff && numberToString(index) === key;
}

/**
 * Numbers as keys mean a dictionary: its lists are all different.
 * @param {string} key
 */
function startsWithDigit(key) {
  const first = charCodeAt(key, 0);
  return first >= 0x30 && first <= 0x39;
}

module.exports = { Uneven, elementsOf, isArrayIndex, startsWithDigit };
