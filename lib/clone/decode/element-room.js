// What an array index costs as the key of an object: the engine makes room for all elements up to it.
'use strict';

const { COST, ELEMENTS_GAP, FAST_ELEMENTS } = require('../limits.js');
const { isArrayIndex } = require('../array-shape.js');

const { max } = Math;

/** It is put into a table of its own, and the others make room as before. */
const FAR = -1;

/**
 * @param {string} key
 * @param {number} room  elements that there is room for
 * @returns {number} so many there is room for with this key, or FAR
 */
function roomWith(key, room) {
  if (!isArrayIndex(key) || +key < room) return room;
  const index = +key;
  return index - room < ELEMENTS_GAP && index < FAST_ELEMENTS ? index + (index >> 1) + 17 : FAR;
}

/**
 * @param {number} more  as above
 * @param {number} room  before
 */
const costOf = (more, room) => (more === FAR ? COST.FAR_ELEMENT : COST.ROOM * (more - room));

/**
 * Charges one more key of an object.
 * @param {import('./graph-reader.js').GraphReader} reader
 * @param {string} key
 * @param {number} room  elements that the object has room for
 * @returns {number} the same with this key
 */
function spendKey(reader, key, room) {
  const more = roomWith(key, room);
  if (more !== room) reader.spend(costOf(more, room));
  return max(more, room);
}

/**
 * What all keys of an object cost so.
 * @param {readonly string[]} keys
 */
function costOfElements(keys) {
  let cost = 0;
  let room = 0;
  for (let i = 0; i < keys.length; i++) {
    const more = roomWith(keys[i], room);
    cost += costOf(more, room);
    room = max(more, room);
  }
  return cost;
}

module.exports = { costOfElements, spendKey };
