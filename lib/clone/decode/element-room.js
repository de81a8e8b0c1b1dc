// What an array index costs as the key of an object: the engine makes room for all elements up to it.
'use strict';

const { COST, ELEMENTS_GAP, FAST_ELEMENTS } = require('../limits.js');
const { isArrayIndex, startsWithDigit } = require('../array-shape.js');

/** It is put into a table of its own, and the others make room as before. */
const FAR = -1;

/**
 * @param {number} index
 * @param {number} room  elements that there is room for
 * @returns {number} so many there is room for with this one, or FAR
 */
function roomWith(index, room) {
  if (index < room) return room;
  return index - room < ELEMENTS_GAP && index < FAST_ELEMENTS ? index + (index >> 1) + 17 : FAR;
}

/**
 * Charges one more key of an object.
 * @param {import('./graph-reader.js').GraphReader} reader
 * @param {string} key
 * @param {number} room  elements that the object has room for
 * @returns {number} the same with this key
 */
function spendKey(reader, key, room) {
  if (!startsWithDigit(key) || !isArrayIndex(key)) return room;
  const more = roomWith(+key, room);
  reader.spend(more === FAR ? COST.FAR_ELEMENT : COST.ROOM * (more - room));
  return more === FAR ? room : more;
}

/**
 * What all keys of an object cost so.
 * @param {readonly string[]} keys
 */
function costOfElements(keys) {
  let cost = 0;
  let room = 0;
  for (let i = 0; i < keys.length; i++) {
    if (!startsWithDigit(keys[i]) || !isArrayIndex(keys[i])) continue;
    const more = roomWith(+keys[i], room);
    cost += more === FAR ? COST.FAR_ELEMENT : COST.ROOM * (more - room);
    if (more !== FAR) room = more;
  }
  return cost;
}

module.exports = { costOfElements, spendKey };
