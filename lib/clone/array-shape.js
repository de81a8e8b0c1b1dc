// What an array has: all its elements and nothing else, or holes and named properties.
'use strict';

const { charCodeAt, numberToString } = require('../native');
const { LONG_ARRAY } = require('./limits.js');

const { keys, values } = Object;

/** An array with holes, or with named properties. */
class Uneven {
  /** @param {string[]} names  its indices, then its other keys */
  constructor(names) {
    this.names = names;
    this.indices = countIndices(names);
  }
}

/**
 * Elements are own and enumerable, as Object.keys() gives them; to list the indices of a long array as strings takes longer
 * than to write it. Nothing of the array's runs.
 * @param {any[]} array
 * @param {number} length  of it
 * @param {boolean} hasOnlyElements  it has nothing else, and no getters; `false` is no verdict
 * @returns {Uneven | null} null: it has all its elements, and nothing else
 */
function unevenOf(array, length, hasOnlyElements) {
  if (length > LONG_ARRAY && hasOnlyElements && values(array).length === length) return null;
  const names = keys(array);
  const isEven = names.length === length && (length === 0 || names[length - 1] === numberToString(length - 1));
  return isEven ? null : new Uneven(names);
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
  if (!startsWithDigit(key)) return false;
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

module.exports = { Uneven, unevenOf, isArrayIndex, startsWithDigit };
