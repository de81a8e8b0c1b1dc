// The memory table at the end of a body: the buffers behind all views.
'use strict';

const { isSharedArrayBuffer } = require('node:util/types');
const { NONE, bytesSet, getter, typedArray, uncurry } = require('../../native');
const { extentOf } = require('../extent.js');
const { MEMORY } = require('../tags.js');
const { COST, MAX_RESERVED } = require('../limits.js');
const { anchor } = require('../anchor.js');
const { malformed } = require('./malformed.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

/** As they are when we load. */
const { ArrayBuffer, Uint8Array } = globalThis;
const { hasOwn } = Object;
const bufferOf = getter(typedArray, 'buffer');
/** Missing where no buffer is immutable: there it can change. @type {((buffer: ArrayBuffer) => ArrayBuffer) | undefined} */
const toImmutable = hasOwn(ArrayBuffer.prototype, 'sliceToImmutable') ? uncurry(/** @type {any} */ (ArrayBuffer.prototype).sliceToImmutable) : undefined;

/** One buffer. Bytes that stand in the body are copied out when somebody asks for them. */
class Memory {
  /**
   * @param {number} origin where its first byte was in the original buffer
   */
  constructor(origin) {
    this.origin = origin;
    this.start = 0;
    this.length = -1;
    /** A Blob has its bytes. */
    this.taken = false;
    /** @type {ArrayBufferLike | null} */
    this.buffer = null;
    /** @type {Uint8Array | null} a view of all of it, made before its buffer was needed */
    this.bytes = null;
  }

  /** @param {GraphReader} reader */
  bufferFor(reader) {
    return (this.buffer ??= bufferOf(this.bytes ?? this.copy(reader)));
  }

  /** @param {GraphReader} reader */
  copy({ view }) {
    return new Uint8Array(new Uint8Array(view.buffer, view.byteOffset + this.start, this.length));
  }

  /**
   * What a Uint8Array of all these bytes is, if nobody has asked for their buffer yet: the cheapest of all views.
   * @param {GraphReader} reader
   */
  ownBytes(reader) {
    return (this.bytes = this.copy(reader));
  }

  /** @param {number} length of a Uint8Array from the first byte on */
  isUntouched(length) {
    return this.length === length && this.buffer === null && this.bytes === null;
  }
}

/**
 * Reads the table and cuts it off: the graph ends where the table begins.
 * @param {GraphReader} reader
 * @returns {Memory[]}
 */
function readMemoryTable(reader) {
  const { pos, end, start } = reader;
  if (end - pos < 4) throw malformed('its memory table is missing');
  const table = start + reader.view.getUint32(end - 4, true);
  if (table < pos || table > end - 4) throw malformed('its memory table is elsewhere');
  reader.pos = table;
  reader.end = end - 4;
  const memories = new TableReader(reader).read();
  if (reader.pos !== reader.end) throw malformed('its memory table is too short');
  reader.pos = pos;
  reader.end = table;
  return memories;
}

class TableReader {
  /** @param {GraphReader} reader */
  constructor(reader) {
    this.reader = reader;
    /** @type {Memory[]} */
    this.memories = NONE;
    this.reserved = 0;
  }

  read() {
    const count = this.reader.varint();
    // An array that grows from nothing gets room for seventeen.
    if (count > 0) this.memories = [this.#entry(this.reader.byte())];
    for (let i = 1; i < count; i++) this.memories[i] = this.#entry(this.reader.byte());
    return this.memories;
  }

  /** @param {number} kind */
  #entry(kind) {
    const number = this.reader.varint();
    if (kind === MEMORY.SAME) return this.#same(number);
    if (kind === MEMORY.SHARED) return this.#shared(number);
    this.reader.spend(COST.MEMORY);
    const memory = new Memory(this.reader.varint());
    const maximum = (kind & MEMORY.RESIZABLE) === 0 ? -1 : this.#reserve(this.reader.varint());
    switch (kind & ~(MEMORY.RESIZABLE | MEMORY.IMMUTABLE)) {
      case MEMORY.BYTES: this.#inBody(memory, number, maximum); break;
      case MEMORY.BESIDE: this.#beside(memory, number, maximum); break;
      default: throw malformed('an unknown kind of memory');
    }
    if ((kind & MEMORY.IMMUTABLE) !== 0 && toImmutable !== undefined) memory.buffer = toImmutable(/** @type {ArrayBuffer} */ (memory.bufferFor(this.reader)));
    return memory;
  }

  /** @param {number} index */
  #same(index) {
    if (index >= this.memories.length) throw malformed('memory that is not there');
    return this.memories[index];
  }

  /** @param {number} index */
  #shared(index) {
    const shared = this.reader.parts.shared[index];
    if (!isSharedArrayBuffer(shared)) throw malformed('shared memory that is not there');
    const memory = new Memory(0);
    memory.buffer = shared;
    return memory;
  }

  /** @param {number} maximum */
  #reserve(maximum) {
    this.reserved += maximum;
    if (this.reserved > MAX_RESERVED) throw malformed('it reserves too much memory');
    return maximum;
  }

  /**
   * @param {Memory} memory
   * @param {number} length
   * @param {number} maximum
   */
  #inBody(memory, length, maximum) {
    memory.start = this.reader.take(length);
    memory.length = length;
    if (maximum >= 0) memory.buffer = resizable(memory.copy(this.reader), maximum);
  }

  /**
   * @param {Memory} memory
   * @param {number} index
   * @param {number} maximum
   */
  #beside(memory, index, maximum) {
    const buffer = this.reader.bufferBeside(index);
    memory.buffer = maximum < 0 || extentOf(buffer).maximum === maximum ? buffer : resizable(new Uint8Array(buffer), maximum);
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {number} maxByteLength
 */
function resizable(bytes, maxByteLength) {
  if (bytes.length > maxByteLength) throw malformed('a buffer is longer than it may become');
  const buffer = new ArrayBuffer(bytes.length, { maxByteLength });
  bytesSet(new Uint8Array(buffer), bytes);
  return buffer;
}

anchor(() => [new Memory(0), new TableReader(/** @type {any} */ (null))]);

module.exports = { Memory, readMemoryTable };
