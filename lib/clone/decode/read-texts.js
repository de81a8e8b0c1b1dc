// The short texts of a message, which stand together at its end, and are read before everything else: all at once.
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
 * Reads them and moves the end of the message in front of them. No program's code runs meanwhile.
 * @param {GraphReader} reader  at the beginning of its value
 * @returns {string[]}
 */
function readTexts(reader) {
  const { pos, end, start } = reader;
  const place = end - pos < 4 ? -1 : start + reader.view.getUint32(end - 4, true);
  if (place < pos || place > end - 4) throw malformed('texts that are not there');
  reader.pos = place;
  reader.end = end - 4;
  const texts = readList(reader, reader.varint());
  if (reader.pos !== reader.end) throw malformed('there is something behind its texts');
  reader.pos = pos;
  reader.end = place;
  return texts;
}

/** Where the characters begin of the list that was stepped over last, and the longest of its lengths as its first byte has it. */
let characters = 0;
let longest = 0;

/**
 * Steps over the lengths of texts and their characters.
 * @param {GraphReader} reader
 * @param {number} count
 */
function skipList(reader, count) {
  const { bytes, end } = reader;
  let { pos } = reader;
  let size = 0;
  longest = 0;
  if (count > end - pos) throw malformed('it ends too early');
  for (let i = 0; i < count; i++) {
    const head = pos < end ? bytes[pos++] : LONGER_TEXT;
    let length = head & LONGER_TEXT;
    if (length === LONGER_TEXT) {
      if (end - pos < 2) throw malformed('it ends too early');
      length = bytes[pos] | (bytes[pos + 1] << 8);
      pos += 2;
    }
    size += head < WIDE_TEXT ? length : 2 * length;
    if (head > longest) longest = head;
  }
  characters = reader.pos = pos;
  reader.take(size);
}

/**
 * Reads the lengths of texts and their characters.
 * @param {GraphReader} reader
 * @param {number} count
 * @returns {string[]}
 */
function readList(reader, count) {
  const { bytes, pos: lengths } = reader;
  skipList(reader, count);
  reader.spend(COST.ELEMENT * count);
  const { pos: end } = reader;
  if (CUTS_COPIES && longest <= COPIED_TEXT && end - characters <= CUT_TEXTS) return copies(bytes, lengths, count, latin1Slice(bytes, characters, end));
  if (count >= NATIVE_TEXTS) return strings(bytes, lengths, count, characters, end);
  reader.pos = characters;
  return oneByOne(reader, lengths, count);
}

/**
 * The parts of a text. Short as they are, the engine copies them; one that is longer would keep all of it alive.
 * @param {Uint8Array} bytes
 * @param {number} lengths
 * @param {number} count
 * @param {string} text
 */
function copies(bytes, lengths, count, text) {
  /** @type {string[]} */
  const list = count > MAX_PRESIZED ? [] : new Array(count);
  let from = 0;
  for (let i = 0; i < count; i++) {
    const to = from + bytes[lengths + i];
    list[i] = substring(text, from, to);
    from = to;
  }
  return list;
}

/**
 * @param {GraphReader} reader  at the characters
 * @param {number} lengths
 * @param {number} count
 */
function oneByOne(reader, lengths, count) {
  const { bytes } = reader;
  /** @type {string[]} */
  const list = [];
  let place = lengths;
  for (let i = 0; i < count; i++) {
    const head = bytes[place++];
    let length = head & LONGER_TEXT;
    if (length === LONGER_TEXT) {
      length = bytes[place] | (bytes[place + 1] << 8);
      place += 2;
    }
    list[i] = head < WIDE_TEXT ? reader.shortString(length) : reader.wideString(length);
  }
  return list;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} lengths
 * @param {number} count
 * @param {number} start  of their characters
 * @param {number} end  of those
 */
function strings(bytes, lengths, count, start, end) {
  /** @type {string[]} */
  const list = count > MAX_PRESIZED ? [] : new Array(count);
  let filled = 0;
  /** @param {string[]} some  the next ones */
  const collect = (...some) => {
    let at = filled;
    for (let i = 0; i < some.length; i++) list[at++] = some[i];
    filled = at;
  };
  if (!native.textsIn(bytes, lengths, start, end, collect)) throw malformed('texts that are not there');
  return list;
}

module.exports = { readList, readTexts, skipList };
