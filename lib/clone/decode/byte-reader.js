// Reads primitives from bytes that may be hostile: every read is checked against the end of the body.
'use strict';

const { BIGINT_WORDS, COMPILE_AFTER, UNROLLED_STRING } = require('../limits.js');
const { VALUE, SHORT_STRING } = require('../tags.js');
const { malformed } = require('./malformed.js');
const { compile } = require('../compile.js');
const { knownText } = require('./known-texts.js');

const { SafeDataView, hexSlice, latin1Slice, ucs2Slice } = require('../../native');

const { BigInt, Number } = globalThis;
const { fromCharCode } = String;

/** @typedef {(bytes: Uint8Array, start: number) => string} ShortReader */

/** @type {ShortReader[]} by length */
const shortReaders = Array.from({ length: UNROLLED_STRING + 1 }, (_, length) => shortReader(length));

/**
 * A reader of Latin-1 strings of one length; compiled when there have been some, which a process that only starts does not have.
 * @param {number} length
 * @returns {ShortReader}
 */
function shortReader(length) {
  if (length === 0) return () => '';
  let uses = 0;
  return (bytes, start) => {
    if (++uses === COMPILE_AFTER) shortReaders[length] = compiled(length) ?? native;
    return native(bytes, start);
  };

  /** @type {ShortReader} */
  function native(bytes, start) {
    return latin1Slice(bytes, start, start + length);
  }
}

/**
 * @param {number} length
 * @returns {ShortReader | null} null where nothing may be compiled
 */
function compiled(length) {
  let units = 'bytes[start]';
  for (let i = 1; i < length; i++) units += `,bytes[start+${i}]`;
  return compile(['of'], `return (bytes,start)=>of(${units})`)?.(fromCharCode) ?? null;
}

/** Invariant: start <= pos <= end; nothing outside [start, end) is ever looked at. */
class ByteReader {
  constructor() {
    /** @type {Uint8Array} */
    this.bytes = NOTHING;
    /** @type {DataView} */
    this.view = NO_VIEW;
    this.start = 0;
    this.pos = 0;
    this.end = 0;
  }

  /**
   * Steps over `length` bytes and tells where they begin.
   * @param {number} length
   */
  take(length) {
    const pos = this.pos;
    if (length > this.end - pos) throw malformed('it ends too early');
    this.pos = pos + length;
    return pos;
  }

  byte() {
    const pos = this.pos;
    if (pos >= this.end) throw malformed('it ends too early');
    this.pos = pos + 1;
    return this.bytes[pos];
  }

  varint() {
    const byte = this.byte();
    return byte < 0x80 ? byte : this.#longVarint(byte & 0x7f);
  }

  /** @param {number} low */
  #longVarint(low) {
    let value = low;
    for (let factor = 0x80; factor <= 2 ** 49; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw malformed('a number is too large');
  }

  int16() {
    return this.view.getInt16(this.take(2), true);
  }

  int32() {
    return this.view.getInt32(this.take(4), true);
  }

  float64() {
    return this.view.getFloat64(this.take(8), true);
  }

  bigint64() {
    return this.view.getBigInt64(this.take(8), true);
  }

  /** A string and nothing else. */
  text() {
    const tag = this.byte();
    if (tag >= 0x80 || tag < VALUE.LATIN1 || (tag > VALUE.UTF16 && tag < SHORT_STRING)) {
      throw malformed('a string is missing');
    }
    if (tag >= SHORT_STRING) return this.shortString(tag - SHORT_STRING);
    return tag === VALUE.LATIN1 ? this.latin1() : this.utf16();
  }

  /** @param {number} length */
  shortString(length) {
    const start = this.take(length);
    if (length <= UNROLLED_STRING) return shortReaders[length](this.bytes, start);
    return latin1Slice(this.bytes, start, start + length);
  }

  /**
   * One that may come again.
   * @param {number} length  from 1 to KNOWN_TEXT
   */
  knownString(length) {
    return knownText(this.bytes, this.take(length), length, shortReaders[length]);
  }

  /** @returns {string} */
  latin1() {
    const length = this.varint();
    const start = this.take(length);
    return latin1Slice(this.bytes, start, start + length);
  }

  /** @returns {string} */
  utf16() {
    return this.wideString(this.varint());
  }

  /**
   * @param {number} length
   * @returns {string}
   */
  wideString(length) {
    const start = this.take(2 * length);
    return ucs2Slice(this.bytes, start, start + 2 * length);
  }

  /** @param {boolean} negative */
  longBigint(negative) {
    const length = this.varint();
    const start = this.take(length);
    if (length === 0) throw malformed('a bigint without digits');
    const magnitude = length % 8 === 0 && length <= 8 * BIGINT_WORDS ? this.#words(start, length) : BigInt(`0x${hexSlice(this.bytes, start, start + length)}`);
    return negative ? -magnitude : magnitude;
  }

  /**
   * @param {number} start
   * @param {number} length
   */
  #words(start, length) {
    let magnitude = this.view.getBigUint64(start, false);
    for (let pos = start + 8; pos < start + length; pos += 8) magnitude = (magnitude << 64n) | this.view.getBigUint64(pos, false);
    return magnitude;
  }
}

const NOTHING = new Uint8Array(0);
const NO_VIEW = new SafeDataView(NOTHING.buffer);

module.exports = { ByteReader, NOTHING, NO_VIEW };
