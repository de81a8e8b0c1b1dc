// Keys of large objects, in front of their values; a list that has come before is the strings that it was then, which the engine has hashed.
'use strict';

const { latin1Slice } = require('../../native');
const { KEY_LISTS, KEY_LIST_BYTES } = require('../limits.js');
const { costOfElements } = require('./element-room.js');
const { readList, skipList } = require('./read-texts.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

/**
 * What came last, as it stood there; as strings, what came twice. `cost` is what its indices cost.
 * @type {{ count: number, written: string, keys: string[] | null, cost: number }[]}
 */
const known = [];
let oldest = 0;

/**
 * @param {number} count
 * @param {string} written
 */
function find(count, written) {
  for (let i = 0; i < known.length; i++) if (known[i].count === count && known[i].written === written) return known[i];
  return undefined;
}

/**
 * @param {GraphReader} reader
 * @param {number} count
 * @returns {{ keys: readonly string[], cost: number }}
 */
function readKeys(reader, count) {
  const start = reader.pos;
  skipList(reader, count);
  const end = reader.pos;
  if (end - start > KEY_LIST_BYTES) return again(reader, start, count);
  const written = latin1Slice(reader.bytes, start, end);
  const same = find(count, written);
  if (same !== undefined) return { keys: (same.keys ??= again(reader, start, count).keys), cost: same.cost };
  const { keys, cost } = again(reader, start, count);
  known[oldest] = { count, written, keys: null, cost };
  oldest = (oldest + 1) % KEY_LISTS;
  return { keys, cost };
}

/**
 * @param {GraphReader} reader
 * @param {number} start
 * @param {number} count
 */
function again(reader, start, count) {
  reader.pos = start;
  const keys = readList(reader, count);
  return { keys, cost: costOfElements(keys) };
}

module.exports = { readKeys };
