// Keys of large objects, in front of their values; a list that comes again is copied as it was written.
'use strict';

const { bytesSlice } = require('../../native');
const { KEY_LISTS, KEY_LIST_BYTES } = require('../limits.js');
const { writeTexts } = require('./listed-texts.js');

/** @typedef {import('./byte-writer.js').ByteWriter} ByteWriter */

/** What was written last, each with its bytes. @type {{ names: string[], bytes: Uint8Array }[]} */
const known = [];
let oldest = 0;

/** @param {string[]} names */
function find(names) {
  for (let i = 0; i < known.length; i++) if (areSame(known[i].names, names)) return known[i];
  return undefined;
}

/**
 * @param {string[]} some
 * @param {string[]} others
 */
function areSame(some, others) {
  const { length } = some;
  if (length !== others.length) return false;
  for (let i = 0; i < length; i++) if (some[i] !== others[i]) return false;
  return true;
}

/**
 * @param {ByteWriter} writer
 * @param {string[]} names  nobody else's
 * @returns {boolean} whether all of them have been written: otherwise each has to stand in front of its value
 */
function writeKeys(writer, names) {
  const same = find(names);
  if (same !== undefined) {
    writer.copy(same.bytes, same.bytes.length);
    return true;
  }
  const start = writer.pos;
  if (!writeTexts(writer, names, names.length)) return false;
  if (writer.pos - start <= KEY_LIST_BYTES) {
    known[oldest] = { names, bytes: bytesSlice(writer.bytes, start, writer.pos) };
    oldest = (oldest + 1) % KEY_LISTS;
  }
  return true;
}

module.exports = { writeKeys };
