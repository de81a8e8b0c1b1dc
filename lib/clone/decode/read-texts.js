// Short texts of a message, many of which stand together: they are read in one call. Those at its end are read before everything else.
'use strict';

const { latin1Slice, native, substring } = require('../../native');
const { COPIED_TEXT, COST, CUT_TEXTS, MAX_PRESIZED, NATIVE_TEXTS } = require('../limits.js');
const { LONGER_TEXT, WIDE_TEXT } = require('../tags.js');
const { malformed } = require('./malformed.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

const { Array, process } = globalThis;

/** V8 copies a short part of a text; JavaScriptCore makes a view of it, which keeps the whole. */
const CUTS_COPIES = process.versions.bun === undefined;

/**
 * Reads those at the end and moves the end of the message in front of them. No program's code runs meanwhile.
 * @param {GraphReader} reader  at the beginning of its value
 * @returns {string[]}
 */
function readTextsBehind(reader) {
  const { pos, end, start } = reader;
  const place = end - pos < 4 ? -1 : start + reader.view.getUint32(end - 4, true);
  if (place < pos || place > end - 4) throw malformed('texts that are not there');
  reader.pos = place;
  reader.end = end - 4;
  const texts = readTexts(reader);
  if (reader.pos !== reader.end) throw malformed('there is something behind its texts');
  reader.pos = pos;
  reader.end = place;
  return texts;
}

/**
 * Reads how many they are, and them.
 * @param {GraphReader} reader
 * @returns {string[]}
 */
const readTexts = (reader) => readList(reader, reader.varint());

/**
 * Steps over texts.
 * @param {GraphReader} reader
 * @param {number} count
 */
function skipList(reader, count) {
  const { bytes, end } = reader;
  let { pos } = reader;
  for (let i = 0; i < count; i++) {
    const head = pos < end ? bytes[pos++] : LONGER_TEXT;
    let length = head & LONGER_TEXT;
    if (length === LONGER_TEXT) {
      if (end - pos < 2) throw malformed('it ends too early');
      length = bytes[pos] | (bytes[pos + 1] << 8);
      pos += 2;
    }
    pos += head < WIDE_TEXT ? length : 2 * length;
  }
  if (pos > end) throw malformed('it ends too early');
  reader.pos = pos;
}

/**
 * @param {GraphReader} reader
 * @param {number} count
 * @returns {string[]}
 */
function readList(reader, count) {
  const { bytes, pos, end } = reader;
  if (count > end - pos) throw malformed('it ends too early');
  reader.spend(COST.SHORT_ARRAY + COST.ELEMENT * count);
  const behind = CUTS_COPIES ? endOfShort(bytes, pos, end, count) : -1;
  if (behind !== -1) {
    reader.pos = behind;
    return copies(bytes, pos, count, latin1Slice(bytes, pos, behind));
  }
  return count < NATIVE_TEXTS ? oneByOne(reader, count) : strings(reader, count);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 * @param {number} count
 * @returns {number} where the texts end; -1: they are not all short and narrow, or too many
 */
function endOfShort(bytes, start, end, count) {
  let pos = start;
  for (let i = 0; i < count; i++) {
    const length = pos < end ? bytes[pos] : LONGER_TEXT;
    if (length > COPIED_TEXT) return -1;
    pos += 1 + length;
  }
  return pos > end || pos - start > CUT_TEXTS ? -1 : pos;
}

/**
 * The parts of a text. Short as they are, the engine copies them; one that is longer would keep all of it alive.
 * @param {Uint8Array} bytes
 * @param {number} start  where the text stands in these
 * @param {number} count
 * @param {string} text
 */
function copies(bytes, start, count, text) {
  /** @type {string[]} */
  const list = count > MAX_PRESIZED ? [] : new Array(count);
  let from = 1;
  for (let i = 0; i < count; i++) {
    const to = from + bytes[start + from - 1];
    list[i] = substring(text, from, to);
    from = to + 1;
  }
  return list;
}

/**
 * @param {GraphReader} reader
 * @param {number} count
 */
function oneByOne(reader, count) {
  /** @type {string[]} */
  const list = [];
  for (let i = 0; i < count; i++) {
    const head = reader.byte();
    let length = head & LONGER_TEXT;
    if (length === LONGER_TEXT) length = reader.byte() | (reader.byte() << 8);
    list[i] = head < WIDE_TEXT ? reader.shortString(length) : reader.wideString(length);
  }
  return list;
}

/**
 * @param {GraphReader} reader
 * @param {number} count
 */
function strings(reader, count) {
  /** @type {string[]} */
  const list = count > MAX_PRESIZED ? [] : new Array(count);
  let filled = 0;
  /** @param {string[]} some  the next ones */
  const collect = (...some) => {
    let at = filled;
    for (let i = 0; i < some.length; i++) list[at++] = some[i];
    filled = at;
  };
  const behind = native.textsIn(reader.bytes, reader.pos, reader.end, count, collect);
  if (behind === undefined) throw malformed('it ends too early');
  reader.pos = behind;
  return list;
}

module.exports = { readList, readTexts, readTextsBehind, skipList };
