// What Maps and Sets have in them, as it is at the beginning: a getter may change them while they are written.
'use strict';

const { SafeMap, SafeSet, mapForEach, mapSize, native, setForEach, setSize } = require('../../native');
const { LISTED_AT_ONCE } = require('../limits.js');
const { mapKeyStep, mapValueStep } = require('./path.js');

/** As it is when we load. */
const { Array } = globalThis;

/** Whether the engine lists all of them at once, and rightly; asked when the first large one is to be written. @type {boolean | null} */
let lists = null;

function tells() {
  const entries = native.entriesOf(new SafeMap().set('a', 1).set(2, 'b'));
  const members = native.entriesOf(new SafeSet().add('a').add(1));
  return entries?.length === 4 && entries[0] === 'a' && entries[1] === 1 && entries[2] === 2 && entries[3] === 'b'
    && members?.length === 2 && members[0] === 'a' && members[1] === 1;
}

/**
 * @param {Map<unknown, unknown>} map
 * @returns {unknown[]} keys and values by turns
 */
function entriesOf(map) {
  const size = mapSize(map);
  if (size >= LISTED_AT_ONCE && (lists ??= tells())) return /** @type {unknown[]} */ (native.entriesOf(map));
  const entries = new Array(2 * size);
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
  const size = setSize(set);
  if (size >= LISTED_AT_ONCE && (lists ??= tells())) return /** @type {unknown[]} */ (native.entriesOf(set));
  const members = new Array(size);
  let count = 0;
  setForEach(set, (/** @type {unknown} */ member) => {
    members[count++] = member;
  });
  return members;
}

module.exports = { entriesOf, entryStep, membersOf };
