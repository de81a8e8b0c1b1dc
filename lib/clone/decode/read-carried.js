// The list of what ports carry: it stands in front of the value, and is read before, since it says which ports the user sees.
'use strict';

const { NONE } = require('../../native');
const { CARRIED, VALUE } = require('../tags.js');
const { ByteReader } = require('./byte-reader.js');
const { malformed } = require('./malformed.js');

/** @typedef {import('../encode/graph-writer.js').CarriedEntry} CarriedEntry */

/**
 * @param {ByteReader} reader  behind the tag
 * @returns {CarriedEntry[]}
 */
function readCarried(reader) {
  const count = reader.varint();
  if (count > reader.end - reader.pos) throw malformed('a list is longer than the message');
  /** @type {CarriedEntry[]} */
  const carried = [];
  for (let i = 0; i < count; i++) {
    const kind = reader.byte();
    if (kind === 0 || kind > CARRIED.SIGNAL) throw malformed('a port carries what is unknown');
    carried[i] = { kind, state: reader.varint() };
  }
  return carried;
}

/**
 * What the last ports of a message carry. Of a message that is no good it says nothing: decoding it will.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @returns {CarriedEntry[]}
 */
function carriedIn(bytes, start, end) {
  if (end - start < 2 || bytes[start + 1] !== VALUE.CARRIED_LIST) return NONE;
  const reader = new ByteReader();
  reader.bytes = bytes;
  reader.start = start;
  reader.pos = start + 2;
  reader.end = end;
  try {
    return readCarried(reader);
  } catch {
    return NONE;
  }
}

module.exports = { readCarried, carriedIn };
