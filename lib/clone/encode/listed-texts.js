// Short texts of a message, which stand together at its end: to put them together and write that takes a third of the time of writing
// each, and to read all of them at once a half.
'use strict';

const { charCodeAt, ucs2Write } = require('../../native');
const { LISTED_TEXT, LOOPED_STRING, TEXTS_AT_ONCE } = require('../limits.js');
const { LONGER_TEXT, WIDE_TEXT, WITH_TEXTS } = require('../tags.js');
const { writeNarrow } = require('./narrow.js');

/** @typedef {import('./byte-writer.js').ByteWriter} ByteWriter */

/** A list that had more is given back. */
const ROOM = 256;

/** Invariant: of the places of `texts` the first `count` are taken, and the others hold nothing. */
class ListedTexts {
  constructor() {
    this.count = 0;
    /** @type {string[]} */
    this.texts = [];
  }

  forget() {
    const { count, texts } = this;
    if (count > ROOM) this.texts = [];
    else for (let i = 0; i < count; i++) texts[i] = '';
    this.count = 0;
  }

  /** @param {string} text  of LISTED_TEXT characters at most */
  add(text) {
    this.texts[this.count++] = text;
  }

  /**
   * @param {string[]} list  of such
   * @param {number} length
   */
  addAll(list, length) {
    const { count, texts } = this;
    for (let i = 0; i < length; i++) texts[count + i] = list[i];
    this.count = count + length;
  }

  /**
   * Writes all behind everything else, and that they are there.
   * @param {ByteWriter} writer
   */
  write(writer) {
    const start = writer.pos;
    writer.bytes[0] = WITH_TEXTS;
    writer.varint(this.count);
    writeList(writer, this.texts, this.count);
    writer.reserve(0);
    writer.uint32(start);
  }
}

/**
 * Writes the lengths of texts, then their characters.
 * @param {ByteWriter} writer
 * @param {string[]} texts  of LISTED_TEXT characters at most
 * @param {number} count
 */
function writeList(writer, texts, count) {
  let room = count;
  for (let i = 0; i < count; i++) if (texts[i].length >= LONGER_TEXT) room += 2;
  writer.reserve(room);
  let place = writer.pos;
  writer.pos = writeLengths(writer.bytes, place, texts, count);
  for (let from = 0, to = 0; to < count; from = to) {
    let piece = '';
    for (; to < count && piece.length < TEXTS_AT_ONCE; to++) piece += texts[to];
    writer.reserve(2 * piece.length);
    if (writeNarrow(writer.bytes, piece, writer.pos)) {
      writer.pos += piece.length;
      if (to < count) for (let i = from; i < to; i++) place += roomOf(texts[i]);
      continue;
    }
    for (let i = from; i < to; i++) {
      if (writeText(writer, texts[i])) writer.bytes[place] |= WIDE_TEXT;
      place += roomOf(texts[i]);
    }
  }
}

/** Bytes that the length of a text takes. @param {string} text */
const roomOf = (text) => (text.length < LONGER_TEXT ? 1 : 3);

/**
 * @param {Uint8Array} bytes
 * @param {number} pos
 * @param {string[]} texts
 * @param {number} count
 * @returns {number} behind them
 */
function writeLengths(bytes, pos, texts, count) {
  for (let i = 0; i < count; i++) {
    const { length } = texts[i];
    if (length < LONGER_TEXT) {
      bytes[pos++] = length;
      continue;
    }
    bytes[pos++] = LONGER_TEXT;
    bytes[pos++] = length;
    bytes[pos++] = length >> 8;
  }
  return pos;
}

/**
 * One of several that are not all narrow. There is room for it.
 * @param {ByteWriter} writer
 * @param {string} text
 * @returns {boolean} whether it is wide
 */
function writeText(writer, text) {
  const { bytes, pos } = writer;
  const { length } = text;
  let all = 0;
  for (let i = 0; i < length; i++) {
    const unit = charCodeAt(text, i);
    all |= unit;
    bytes[pos + i] = unit;
  }
  writer.pos += length;
  if (all <= 0xff) return false;
  writer.pos += length;
  if (length > LOOPED_STRING) {
    ucs2Write(bytes, text, pos, 2 * length);
    return true;
  }
  for (let i = 0; i < length; i++) {
    const unit = charCodeAt(text, i);
    bytes[pos + 2 * i] = unit;
    bytes[pos + 2 * i + 1] = unit >> 8;
  }
  return true;
}

/**
 * How many characters the elements of a list have together.
 * @param {unknown[]} list
 * @param {number} length
 * @returns {number} NaN: not all are texts that may be listed
 */
function charactersOf(list, length) {
  let characters = 0;
  for (let i = 0; i < length; i++) {
    const value = list[i];
    if (typeof value !== 'string' || value.length > LISTED_TEXT) return NaN;
    characters += value.length;
  }
  return characters;
}

/**
 * Whether all elements of a list are texts that may be listed.
 * @param {unknown[]} list
 * @param {number} length
 */
const areListable = (list, length) => charactersOf(list, length) >= 0;

module.exports = { ListedTexts, areListable, charactersOf, writeList };
