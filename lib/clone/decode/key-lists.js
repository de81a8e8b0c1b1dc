// Keys of large objects, in front of their values; a list that has come before is the strings that it was then, which the engine has
// hashed, and one that comes often has a literal, which the engine copies.
'use strict';

const { NONE, latin1Slice } = require('../../native');
const { compile } = require('../compile.js');
const { KEY_LISTS, KEY_LIST_BYTES, LITERALS, LITERAL_AFTER, LITERAL_KEYS } = require('../limits.js');
const { costOfElements } = require('./element-room.js');
const { readList, skipList } = require('./read-texts.js');

/**
 * @typedef {import('./graph-reader.js').GraphReader} GraphReader
 * @typedef {Record<string, unknown>} Table  one without a prototype, so that every key is its own
 * @typedef {{ keys: readonly string[], cost: number, literal: (() => Table) | null }} KeyList  `cost` is what its indices cost
 */

const { stringify } = JSON;

/** What came last, as it stood there; as strings, what came twice. */
class KnownList {
  /**
   * @param {number} count
   * @param {string} written
   * @param {number} cost
   */
  constructor(count, written, cost) {
    this.count = count;
    this.written = written;
    this.cost = cost;
    /** @type {readonly string[]} */
    this.keys = NONE;
    this.uses = 0;
    /** Makes a table with all of these. @type {(() => Table) | null} */
    this.literal = null;
  }

  /** @returns {KeyList} */
  use() {
    if (++this.uses === due) this.literal = literalOf(this.keys, this.cost);
    return this;
  }
}

/** At which use a list gets a literal; the next ones at twice as many once so many have. */
let due = LITERAL_AFTER;
let made = 0;

/** @type {KnownList[]} */
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
 * @returns {KeyList}
 */
function readKeys(reader, count) {
  const start = reader.pos;
  skipList(reader, count);
  const end = reader.pos;
  if (end - start > KEY_LIST_BYTES) return again(reader, start, count);
  const written = latin1Slice(reader.bytes, start, end);
  const same = find(count, written);
  if (same !== undefined) {
    if (same.keys === NONE) same.keys = again(reader, start, count).keys;
    return same.use();
  }
  const list = again(reader, start, count);
  known[oldest] = new KnownList(count, written, list.cost);
  oldest = (oldest + 1) % KEY_LISTS;
  return list;
}

/**
 * @param {GraphReader} reader
 * @param {number} start
 * @param {number} count
 */
function again(reader, start, count) {
  reader.pos = start;
  const keys = readList(reader, count);
  return { keys, cost: costOfElements(keys), literal: null };
}

/**
 * A table that is filled key by key grows and is hashed anew, again and again. To compile this takes about as long as it took to read the
 * tables that it is earned by: nobody has us compile for longer than that, nor fills the heap with what is compiled.
 * @param {readonly string[]} keys
 * @param {number} cost
 * @returns {(() => Table) | null}
 */
function literalOf(keys, cost) {
  if (cost > 0 || keys.length > LITERAL_KEYS) return null; // elements are none of the table
  let members = '__proto__:null';
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === '__proto__') return null; // here it would be the prototype
    members += `,${stringify(keys[i])}:0`;
  }
  if (++made % LITERALS === 0) due *= 2;
  return /** @type {(() => Table) | null} */ (compile([], `return {${members}}`));
}

module.exports = { readKeys };
