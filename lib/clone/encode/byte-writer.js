// A growing buffer and the primitives: numbers, strings, bigints.
'use strict';

const { BIGINT_WORDS, INITIAL_BUFFER, RETAINED_BUFFER, MAX_BODY, MARGIN, LOOPED_STRING, ALIGNED_STRING } = require('../limits.js');
const { VALUE, SHORT_STRING, SMALL_INT } = require('../tags.js');

const {
  SafeDataView, bigintToString, bytesSet, charCodeAt, hexWrite, subarray, ucs2Write, withCode,
} = require('../../native');
const { writeNarrow } = require('./narrow.js');

const { ArrayBuffer, Buffer, RangeError } = globalThis;

const { from, allocUnsafeSlow } = Buffer;
const { min, floor } = Math;
const { asIntN } = BigInt;

/** Invariant: before every value at least MARGIN bytes are free. */
class ByteWriter {
  constructor() {
    this.pos = 0;
    this.limit = 0;
    this.bytes = NOTHING;
    this.view = NO_VIEW;
    this.adopt(new ArrayBuffer(INITIAL_BUFFER));
  }

  /** @param {ArrayBuffer} buffer */
  adopt(buffer) {
    this.bytes = from(buffer);
    this.view = new SafeDataView(buffer);
    this.limit = buffer.byteLength - MARGIN;
  }

  /**
   * Makes room for `need` bytes and the margin.
   * @param {number} need
   */
  grow(need) {
    const wanted = this.pos + need + 2 * MARGIN;
    if (wanted > MAX_BODY) throw tooLarge();
    const old = this.bytes;
    // Memory that is not cleared: nobody reads it before it was written.
    this.adopt(allocUnsafeSlow(min(MAX_BODY, old.length * 2 > wanted ? old.length * 2 : wanted)).buffer);
    bytesSet(this.bytes, subarray(old, 0, this.pos));
  }

  /** @param {number} need */
  reserve(need) {
    if (this.pos + need > this.limit) this.grow(need);
  }

  /** Gives a large buffer back. */
  shrink() {
    if (this.bytes.length > RETAINED_BUFFER) this.adopt(new ArrayBuffer(INITIAL_BUFFER));
  }

  /** @param {number} byte */
  byte(byte) {
    this.bytes[this.pos++] = byte;
  }

  /**
   * Seven bits a byte, low bits first.
   * @param {number} value an integer from 0 to 2 ** 53 - 1
   */
  varint(value) {
    const bytes = this.bytes;
    let pos = this.pos;
    while (value > 0x7fffffff) {
      bytes[pos++] = (value % 0x80) | 0x80;
      value = floor(value / 0x80);
    }
    while (value > 0x7f) {
      bytes[pos++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    bytes[pos++] = value;
    this.pos = pos;
  }

  /**
   * @param {number} tag
   * @param {number} value
   */
  tagged(tag, value) {
    this.bytes[this.pos++] = tag;
    if (value < 0x80) this.bytes[this.pos++] = value;
    else this.varint(value);
  }

  /** @param {number} value */
  number(value) {
    const int = value | 0;
    const pos = this.pos;
    if (int !== value || (int === 0 && 1 / value < 0)) {
      this.bytes[pos] = VALUE.FLOAT64;
      this.view.setFloat64(pos + 1, value, true);
      this.pos = pos + 9;
    } else if (int >= -16 && int < 112) {
      this.bytes[pos] = int + SMALL_INT;
      this.pos = pos + 1;
    } else if (int >= -0x8000 && int < 0x8000) {
      this.bytes[pos] = VALUE.INT16;
      this.view.setInt16(pos + 1, int, true);
      this.pos = pos + 3;
    } else {
      this.bytes[pos] = VALUE.INT32;
      this.view.setInt32(pos + 1, int, true);
      this.pos = pos + 5;
    }
  }

  /** @param {number} value */
  float64(value) {
    this.view.setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  /** @param {string} value */
  string(value) {
    const length = value.length;
    if (length > LOOPED_STRING) return this.longString(value);
    const bytes = this.bytes;
    let pos = this.pos;
    let all = 0;
    bytes[pos++] = SHORT_STRING + length;
    for (let i = 0; i < length; i++) {
      const unit = charCodeAt(value, i);
      all |= unit;
      bytes[pos++] = unit;
    }
    if (all > 0xff) return this.wideString(value);
    this.pos = pos;
  }

  /** @param {string} value */
  longString(value) {
    const length = value.length;
    this.reserve(length);
    const place = this.pos;
    if (length < 32) this.byte(SHORT_STRING + length);
    else this.tagged(VALUE.LATIN1, length);
    if (writeNarrow(this.bytes, value, this.pos)) {
      this.pos += length;
    } else {
      this.pos = place;
      this.wideString(value);
    }
  }

  /**
   * UTF-16 as it is: lone surrogates survive.
   * @param {string} value
   */
  wideString(value) {
    const length = value.length * 2;
    this.reserve(length);
    this.tagged(VALUE.UTF16, value.length);
    if (length > ALIGNED_STRING && this.pos % 2 !== 0) this.lengthen();
    ucs2Write(this.bytes, value, this.pos, length);
    this.pos += length;
  }

  /** Makes the number that was written last a byte longer, by a zero: the engine copies to an even place in half the time. */
  lengthen() {
    this.bytes[this.pos - 1] |= 0x80;
    this.byte(0);
  }

  /** @param {bigint} value */
  bigint(value) {
    if (asIntN(64, value) !== value) return this.longBigint(value);
    this.byte(VALUE.BIGINT64);
    this.view.setBigInt64(this.pos, value, true);
    this.pos += 8;
  }

  /**
   * Sign and magnitude, high byte first: words of 64 bits, if they are few; of many, hexadecimal is the only conversion that is not
   * quadratic.
   * @param {bigint} value
   */
  longBigint(value) {
    const negative = value < 0n;
    const tag = negative ? VALUE.BIGINT_NEGATIVE : VALUE.BIGINT_POSITIVE;
    const magnitude = negative ? -value : value;
    const end = this.#words(tag, magnitude, 1);
    if (end < 0) this.#hexadecimal(tag, bigintToString(magnitude, 16));
    else this.pos = end;
  }

  /**
   * The high words first, then the lowest: a DataView takes no more of a bigint than has room there.
   * @param {number} tag
   * @param {bigint} magnitude
   * @param {number} count  of this word and those below it
   * @returns {number} where the last word ends, or -1: they are too many
   */
  #words(tag, magnitude, count) {
    if (count > BIGINT_WORDS) return -1;
    const higher = magnitude >> 64n;
    if (higher === 0n) {
      this.reserve(8 * count);
      this.tagged(tag, 8 * count);
    }
    const pos = higher === 0n ? this.pos : this.#words(tag, higher, count + 1);
    if (pos < 0) return -1;
    this.view.setBigUint64(pos, magnitude, false);
    return pos + 8;
  }

  /**
   * @param {number} tag
   * @param {string} text
   */
  #hexadecimal(tag, text) {
    const digits = text.length % 2 === 0 ? text : `0${text}`;
    const length = digits.length / 2;
    this.reserve(length);
    this.tagged(tag, length);
    hexWrite(this.bytes, digits, this.pos, length);
    this.pos += length;
  }

  /** Four bytes. @param {number} value */
  uint32(value) {
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  /**
   * @param {Uint8Array} source  whatever its properties say
   * @param {number} length  of it
   */
  copy(source, length) {
    this.reserve(length);
    bytesSet(this.bytes, source, this.pos);
    this.pos += length;
  }
}

const NOTHING = from(new ArrayBuffer(0));
const NO_VIEW = new SafeDataView(NOTHING.buffer);

function tooLarge() {
  return withCode(new RangeError(`A message may not be longer than ${MAX_BODY} bytes`), 'ERR_MESSAGE_TOO_LARGE');
}

module.exports = { ByteWriter };
