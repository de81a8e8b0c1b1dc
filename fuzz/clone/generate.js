// Bodies as docs/wire-format.md has them, with everything that it knows, and a lie now and then.
'use strict';

const { EARLY, OBJECT, VALUE, SHORT_STRING, SMALL_INT, MEMORY, VERSION, LONGER_TEXT, WIDE_TEXT, WITH_TEXTS } = require('../../lib/clone/tags.js');
const { TABLE_KEYS } = require('../../lib/clone/limits.js');
const { oneOf } = require('./random.js');

/** @typedef {import('./random.js').Pick} Pick */

const MAX_DEPTH = 6;
/** One count or length in so many is another one. */
const LIES = 60;
const KEYS = ['a', 'id', 'name', 'length', '0', '7', '4294967294', '__proto__', 'constructor', 'toString', 'then', 'toJSON', '', '\u4e2d', '\ud800', 'x'.repeat(40)];
/** Those that are no indices. */
const NAMES = KEYS.filter((key) => !/^\d/.test(key));
const TEXTS = ['', 'a', 'text', '\xff', '\u4e2d', '\udc00', 'g', '(', '[a-z]+', 'y'.repeat(25), 'z'.repeat(33), 'AbortError'];
const ADDRESSES = ['1.2.3.4', '1.2.3.9', '::1', '2001:db8::', '24', '64', ''];
const LARGE = [0x7f, 0x80, 0x3fff, 0x4000, 2 ** 16, 2 ** 20, 2 ** 26, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 2 ** 53 - 1, 2 ** 53];
const FLOATS = [0, -0, 0.5, NaN, Infinity, -Infinity, 1e300, 5e-324, 8.64e15, 8.64e15 + 1, 2 ** 53, 1700000000123];
/** Levels around the one from which on the decoder keeps a list instead of recursing. */
const DEEP = [140, 148, 149, 150, 151, 152, 300];

class Body {
  /** @param {Pick} pick */
  constructor(pick) {
    this.pick = pick;
    this.bytes = [VERSION];
    /** @type {number[]} offsets of early objects */
    this.early = [];
    /** @type {number[]} key counts of the shapes */
    this.shapes = [];
    /** Entries in the memory table, which is written if somebody needs one. */
    this.memories = 0;
    /** @type {string[]} what stands at the end, if anything does */
    this.texts = [];
  }

  /** @param {number} value */
  varint(value) {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.bytes.push((rest % 0x80) | 0x80);
    this.bytes.push(rest);
  }

  /** @param {number} honest  what is written for the most part */
  count(honest) {
    const { pick } = this;
    if (pick(LIES) !== 0) return this.varint(honest);
    this.varint(oneOf(pick, [honest + 1, Math.max(0, honest - 1), 0, pick(256), oneOf(pick, LARGE)]));
  }

  /** @param {ArrayBufferView} view */
  raw(view) {
    this.bytes.push(...new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }

  text(text = oneOf(this.pick, TEXTS)) {
    const wide = /[^\0-\xff]/.test(text);
    if (!wide && text.length < 32 && this.pick(8) !== 0) this.bytes.push(SHORT_STRING + text.length);
    else if (!wide && this.pick(4) !== 0) this.bytes.push(VALUE.LATIN1), this.count(text.length);
    else {
      this.bytes.push(VALUE.UTF16);
      this.count(text.length);
      this.bytes.push(...Buffer.from(text, 'utf16le'));
      return;
    }
    this.bytes.push(...Buffer.from(text, 'latin1'));
  }

  primitive() {
    const { pick, bytes } = this;
    switch (pick(15)) {
      case 0: bytes.push(VALUE.NULL); break;
      case 1: bytes.push(VALUE.UNDEFINED); break;
      case 2: bytes.push(VALUE.TRUE + pick(2)); break;
      case 3: bytes.push(VALUE.INT16, pick(256), pick(256)); break;
      case 4: bytes.push(VALUE.INT32); this.raw(Int32Array.of(pick(2 ** 32))); break;
      case 5: bytes.push(VALUE.FLOAT64); this.raw(Float64Array.of(oneOf(pick, FLOATS))); break;
      case 6: bytes.push(VALUE.BIGINT64); this.raw(BigInt64Array.of(BigInt(pick(2 ** 32)) << BigInt(pick(32)))); break;
      case 7: {
        const length = pick(20);
        bytes.push(VALUE.BIGINT_POSITIVE + pick(2));
        this.count(length);
        for (let i = 0; i < length; i++) bytes.push(pick(256));
        break;
      }
      case 8: case 9: case 10: this.text(); break;
      case 11: bytes.push(VALUE.NEXT_TEXT); this.texts.push(oneOf(pick, TEXTS)); break;
      default: bytes.push(SMALL_INT + pick(112)); break;
    }
  }

  /** @param {number} depth */
  value(depth) {
    const { pick, bytes, early } = this;
    if (early.length > 0 && pick(8) === 0) {
      bytes.push(VALUE.REFERENCE);
      this.count(oneOf(pick, early));
    } else if (depth >= MAX_DEPTH || pick(3) === 0) this.primitive();
    else if (pick(40) === 0) this.deep(depth);
    else this.object(depth + 1);
  }

  /** @param {number} depth */
  deep(depth) {
    for (let levels = oneOf(this.pick, DEEP); levels > 0; levels--) this.bytes.push(OBJECT.ARRAY, 1);
    this.value(depth + 2);
  }

  /** @param {number} depth */
  object(depth) {
    const { pick, bytes, early } = this;
    const kind = pick(0x16);
    const isEarly = pick(3) === 0;
    if (isEarly) early.push(bytes.length);
    bytes.push(isEarly ? kind | EARLY : kind);
    switch (kind) {
      case OBJECT.EMPTY: break;
      case OBJECT.RECORD_NEW: this.members(this.shape(), isEarly, depth); break;
      case OBJECT.RECORD: {
        const index = pick(this.shapes.length + 1);
        this.count(index);
        this.members(this.shapes[index] ?? 0, isEarly, depth);
        break;
      }
      case OBJECT.DICTIONARY: this.named(isEarly, depth); break;
      case OBJECT.ARRAY: this.elements(isEarly, depth); break;
      case OBJECT.NAMED_ARRAY: this.elements(isEarly, depth); this.named(isEarly, depth); break;
      case OBJECT.NUMBERS: this.numbers(); break;
      case OBJECT.TEXTS: this.list(Array.from({ length: pick(16) }, () => oneOf(pick, TEXTS))); break;
      case OBJECT.TABLE: {
        const keys = Array.from({ length: pick(LIES) === 0 ? pick(12) : TABLE_KEYS + 1 + pick(8) }, (_, i) => (pick(4) === 0 ? oneOf(pick, KEYS) : `k${i}`));
        this.list(keys);
        this.members(keys.length, isEarly, depth);
        break;
      }
      case OBJECT.MAP: this.times(2, depth); break;
      case OBJECT.SET: this.times(1, depth); break;
      case OBJECT.DATE: this.raw(Float64Array.of(oneOf(pick, FLOATS))); break;
      case OBJECT.REGEXP: this.text(); this.text(oneOf(pick, ['', 'g', 'dgimsuy', 'v', 'gg', 'z'])); break;
      case OBJECT.ERROR: this.error(depth); break;
      case OBJECT.DOM_EXCEPTION: this.exception(depth); break;
      case OBJECT.BOXED: this.primitive(); break;
      case OBJECT.VIEW: this.view(); this.count(pick(3) * 8); break;
      case OBJECT.TRACKING_VIEW: this.view(); break;
      case OBJECT.BUFFER: this.memories ||= 1 + pick(4); this.count(pick(this.memories)); break;
      case OBJECT.VALUE: this.platform(); break;
      default: this.count(pick(3)); break; // a port, or something shared
    }
  }

  numbers() {
    const { pick, bytes } = this;
    const form = pick(LIES) === 0 ? pick(256) : pick(4);
    const count = pick(7);
    bytes.push(form);
    this.count(count);
    for (let left = count * 2 ** (form % 4) - Number(pick(LIES) === 0); left > 0; left--) bytes.push(pick(256));
  }

  /** @param {string[]} texts  their number, and each behind its length */
  list(texts) {
    const { pick, bytes } = this;
    this.count(texts.length);
    for (const text of texts) {
      const isWide = /[^\0-\xff]/.test(text) || pick(10) === 0;
      const isLong = text.length >= LONGER_TEXT || pick(20) === 0;
      bytes.push((pick(LIES) === 0 ? pick(256) : isLong ? LONGER_TEXT : text.length) | (isWide ? WIDE_TEXT : 0));
      if (isLong) this.raw(Uint16Array.of(pick(LIES) === 0 ? pick(2 ** 16) : text.length));
      bytes.push(...Buffer.from(text, isWide ? 'utf16le' : 'latin1'));
    }
  }

  /** What stands behind all the rest. */
  textsAtTheEnd() {
    const { pick, bytes, texts } = this;
    const at = bytes.length;
    bytes[0] = WITH_TEXTS;
    this.list(texts);
    this.raw(Uint32Array.of(pick(LIES) === 0 ? pick(at * 2) : at));
  }

  shape() {
    const { pick, bytes } = this;
    const at = bytes.length;
    const count = 1 + pick(5);
    bytes.push(0, 0, 0, 0, pick(LIES) === 0 ? pick(256) : count);
    for (let i = 0; i < count; i++) {
      const key = oneOf(pick, pick(LIES) === 0 ? KEYS : NAMES);
      const wide = /[^\0-\xff]/.test(key);
      bytes.push((key.length << 1) | Number(wide), ...Buffer.from(key, wide ? 'utf16le' : 'latin1'));
    }
    let hash = 0x811c9dc5;
    for (let i = at + 4; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    // Few hashes that are none of these keys', so that shapes are taken for others.
    if (pick(4) === 0) hash = pick(4);
    new Uint8Array(Uint32Array.of(hash).buffer).forEach((byte, i) => { bytes[at + i] = byte; });
    this.shapes.push(count);
    return count;
  }

  /** @param {number} count @param {boolean} holes @param {number} depth */
  members(count, holes, depth) {
    for (let i = 0; i < count; i++) this.member(holes, depth);
  }

  /** @param {boolean} holes @param {number} depth */
  member(holes, depth) {
    if (this.pick(holes ? 4 : LIES) === 0) this.bytes.push(VALUE.HOLE);
    else this.value(depth);
  }

  /** @param {boolean} holes @param {number} depth */
  elements(holes, depth) {
    const { pick } = this;
    const count = pick(7);
    const skipped = holes && pick(4) === 0 ? oneOf(pick, [1, 5, 33, 1000, 2 ** 20, 2 ** 31]) : 0;
    this.count(count + skipped);
    const before = skipped === 0 ? -1 : pick(count + 1);
    for (let i = 0; i <= count; i++) {
      if (i === before) {
        this.bytes.push(VALUE.HOLES);
        this.count(skipped);
      }
      if (i < count) this.member(holes, depth);
    }
  }

  /** @param {boolean} holes @param {number} depth */
  named(holes, depth) {
    const count = this.pick(4);
    this.count(count);
    for (let i = 0; i < count; i++) {
      this.text(oneOf(this.pick, KEYS));
      this.member(holes, depth);
    }
  }

  /** @param {number} each @param {number} depth */
  times(each, depth) {
    const count = this.pick(5);
    this.count(count);
    for (let i = 0; i < count * each; i++) this.value(depth);
  }

  /** @param {number} depth */
  error(depth) {
    const { pick, bytes } = this;
    const has = pick(LIES) === 0 ? pick(256) : pick(16);
    bytes.push(pick(LIES) === 0 ? pick(256) : pick(8), has);
    if (has & 1) this.text();
    if (has & 2) this.text();
    if (has & 4) this.value(depth);
    if (has & 8) this.value(depth);
  }

  /** @param {number} depth */
  exception(depth) {
    const { pick, bytes } = this;
    const has = pick(LIES) === 0 ? pick(256) : pick(4) * 2 | pick(2) << 4;
    bytes.push(has);
    this.text();
    this.text();
    if (has & 16) {
      this.primitive();
      this.primitive();
    }
    if (has & 2) this.text();
    if (has & 4) this.value(depth);
  }

  /** A value of a class of the platform's. */
  platform() {
    const { pick, bytes } = this;
    const number = pick(LIES) === 0 ? pick(256) : pick(7);
    bytes.push(number);
    switch (number) {
      case 0: case 1: {
        this.text();
        const isThere = pick(4) !== 0;
        bytes.push(isThere ? 0 : 1);
        if (isThere) this.memories ||= 1 + pick(4);
        this.count(pick(isThere ? this.memories : 300));
        if (number === 0) this.text(), this.raw(Float64Array.of(oneOf(pick, FLOATS)));
        break;
      }
      case 2: case 4: {
        if (number === 2) bytes.push(pick(4));
        const length = pick(40);
        this.count(length);
        for (let i = 0; i < length; i++) bytes.push(i < 2 ? 0x30 : pick(256));
        break;
      }
      case 3: {
        bytes.push(pick(3), pick(2));
        for (const some of [['HMAC', 'AES-GCM', 'Ed25519'], ['', 'SHA-256'], ['', 'P-256'], ['', 'sign', 'encrypt verify']]) this.text(oneOf(pick, some));
        this.count(oneOf(pick, [0, 128, 256]));
        this.count(32);
        for (let i = 0; i < 32; i++) bytes.push(pick(256));
        break;
      }
      case 5: {
        const count = pick(4);
        this.count(count);
        for (let i = 0; i < count; i++) {
          bytes.push(pick(3), pick(2));
          this.text(oneOf(pick, ADDRESSES));
          this.text(oneOf(pick, ADDRESSES));
        }
        break;
      }
      default: bytes.push(pick(2)); this.text(oneOf(pick, ADDRESSES)); this.count(pick(2 ** 17)); this.count(pick(4)); break;
    }
  }

  view() {
    const { pick, bytes } = this;
    this.memories ||= 1 + pick(4);
    bytes.push(pick(LIES) === 0 ? pick(256) : pick(13));
    this.count(pick(this.memories));
    this.count(pick(3) * 8);
  }

  table() {
    const { pick, bytes } = this;
    const at = bytes.length;
    this.count(this.memories);
    for (let i = 0; i < this.memories; i++) this.entry(i);
    this.raw(Uint32Array.of(pick(LIES) === 0 ? pick(at * 2) : at));
  }

  /** @param {number} index */
  entry(index) {
    const { pick, bytes } = this;
    const kind = oneOf(pick, [MEMORY.BYTES, MEMORY.BYTES, MEMORY.BESIDE, MEMORY.SAME, MEMORY.SHARED, pick(256)]);
    const resizable = pick(3) === 0 ? MEMORY.RESIZABLE : 0;
    if (kind === MEMORY.SAME || kind === MEMORY.SHARED) {
      bytes.push(kind);
      this.count(kind === MEMORY.SAME ? pick(index + 1) : pick(2));
      return;
    }
    bytes.push(kind | resizable);
    const length = pick(4) * 8;
    this.count(kind === MEMORY.BYTES ? length : pick(3));
    this.count(pick(3) * 8);
    if (resizable) this.count(oneOf(pick, [length, length + 8, 100, 2 ** 16]));
    if (kind === MEMORY.BYTES) for (let i = 0; i < length; i++) bytes.push(i);
  }
}

/** @param {Pick} pick */
function generate(pick) {
  const body = new Body(pick);
  if (pick(30) === 0) body.deep(0);
  else body.value(0);
  if (body.memories > 0) body.table();
  if (body.texts.length > 0 || pick(LIES) === 0) body.textsAtTheEnd();
  return Buffer.from(body.bytes);
}

module.exports = { generate };
