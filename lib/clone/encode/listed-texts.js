// Short texts of a message, of which many are written in one call: that takes a fourth of the time of writing each, and to read them a half.
'use strict';

const { native } = require('../../native');
const { LISTED_TEXT, TEXTS_AT_ONCE } = require('../limits.js');
const { WITH_TEXTS } = require('../tags.js');

/** @typedef {import('./byte-writer.js').ByteWriter} ByteWriter */

const { Array } = globalThis;
const { apply } = Reflect;
const { min } = Math;
const { textsOut } = native;

/** Bytes that one takes at most, its length and two for each character; there is a margin behind it. */
const LONGEST = 3 + 2 * LISTED_TEXT;

/** The number that says how many were written, and where they end, has so many places for the first. See src/node/calls/short.rs. */
const COUNTS = 256;

/** A list that had more is given back. */
const ROOM = 256;

/** Those that stand at the end. Invariant: of the places of `texts` the first `count` are taken, and the others hold nothing. */
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
   * Writes all behind everything else, and that they are there.
   * @param {ByteWriter} writer
   */
  write(writer) {
    const start = writer.pos;
    writer.bytes[0] = WITH_TEXTS;
    writer.varint(this.count);
    writeTexts(writer, this.texts, this.count);
    writer.reserve(0);
    writer.uint32(start);
  }
}

/**
 * Writes texts, each behind its length.
 * @param {ByteWriter} writer
 * @param {unknown[]} list
 * @param {number} count
 * @returns {boolean} whether all were texts of LISTED_TEXT characters at most; otherwise the first of them have been written
 */
function writeTexts(writer, list, count) {
  for (let from = 0; from < count;) {
    writer.reserve(LONGEST);
    const told = writeSome(writer, list, from, min(count, from + TEXTS_AT_ONCE));
    const written = told % COUNTS;
    if (written === 0) return false;
    from += written;
    writer.pos = (told - written) / COUNTS;
  }
  return true;
}

/**
 * @param {ByteWriter} writer
 * @param {unknown[]} list
 * @param {number} from
 * @param {number} to
 * @returns {number}
 */
function writeSome(writer, list, from, to) {
  const ahead = 2;
  const given = new Array(ahead + to - from);
  given[0] = writer.bytes;
  given[1] = writer.pos;
  for (let i = from; i < to; i++) given[ahead + i - from] = list[i];
  return apply(textsOut, native, given);
}

module.exports = { ListedTexts, writeTexts };
