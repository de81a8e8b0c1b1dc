// What Maps and Sets have in them, as it is at the beginning: a getter may change them while they are written.
'use strict';

const { mapForEach, mapSize, setForEach, setSize } = require('../../native');
const { mapKeyStep, mapValueStep } = require('./path.js');

/** As it is when we load. */
const { Array } = globalThis;

/**
 * @param {Map<unknown, unknown>} map
 * @returns {unknown[]} keys and values by turns
 */
function entriesOf(map) {
  const entries = new Array(2 * mapSize(map));
  let count = 0;
  mapForEach(map, (/** @type {unknown} */ value, /** @type {unknown} */ key) => {
    entries[count++] = key;
    entries[count++] = value;
  });
  return entries;
}

/**
 * @param {unknown[]} entries
 * @param {number} index
 */
function entryStep(entries, index) {
  const place = index >> 1;
  return index % 2 === 0 ? mapKeyStep(place) : mapValueStep(entries[index - 1], place);
}

/** @param {Set<unknown>} set */
function membersOf(set) {
  const members = new Array(setSize(set));
  let count = 0;
  setForEach(set, (/** @type {unknown} */ member) => {
    members[count++] = member;
  });
  return members;
}

module.exports = { entriesOf, entryStep, membersOf };
