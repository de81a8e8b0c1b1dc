// The memory table at the end of a body: the buffers behind all views.
'use strict';

const { MEMORY } = require('./tags.js');
const { MAX_RESERVED } = require('./limits.js');
const { malformed } = require('./malformed.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */
/** @typedef {ArrayBuffer | SharedArrayBuffer} Memory */

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
  const memories = readEntries(reader);
  if (reader.pos !== reader.end) throw malformed('its memory table is too short');
  reader.pos = pos;
  reader.end = table;
  return memories;
}

/** @param {GraphReader} reader */
function readEntries(reader) {
  const count = reader.varint();
  /** @type {Memory[]} */
  const memories = [];
  /** @type {Set<unknown>} */
  const used = new Set();
  const budget = { reserved: 0 };
  for (let i = 0; i < count; i++) {
    const kind = reader.byte();
    if (kind === MEMORY.SAME) addSame(reader, memories);
    else if (kind === MEMORY.SHARED) add(reader, memories, sharedAt(reader), 0);
    else addOwn(reader, memories, kind, used, budget);
  }
  return memories;
}

/**
 * @param {GraphReader} reader
 * @param {Memory[]} memories
 * @param {Memory} memory
 * @param {number} origin
 */
function add(reader, memories, memory, origin) {
  memories.push(memory);
  reader.origins.push(origin);
}

/**
 * @param {GraphReader} reader
 * @param {Memory[]} memories
 */
function addSame(reader, memories) {
  const index = reader.varint();
  if (index >= memories.length) throw malformed('memory that is not there');
  add(reader, memories, memories[index], reader.origins[index]);
}

/** @param {GraphReader} reader */
function sharedAt(reader) {
  const shared = reader.parts.shared[reader.varint()];
  if (!(shared instanceof SharedArrayBuffer)) throw malformed('shared memory that is not there');
  return shared;
}

/**
 * @param {GraphReader} reader
 * @param {Memory[]} memories
 * @param {number} kind
 * @param {Set<unknown>} used parts are used once: otherwise a few bytes could ask for many copies
 * @param {{ reserved: number }} budget
 */
function addOwn(reader, memories, kind, used, budget) {
  const number = reader.varint();
  const origin = reader.varint();
  const resizable = (kind & MEMORY.RESIZABLE) !== 0;
  const maximum = resizable ? reader.varint() : undefined;
  if (maximum !== undefined && (budget.reserved += maximum) > MAX_RESERVED) throw malformed('it reserves too much memory');
  switch (kind & ~MEMORY.RESIZABLE) {
    case MEMORY.BYTES:
      return add(reader, memories, copyOf(reader, number, maximum), origin);
    case MEMORY.BESIDE: {
      const memory = reader.parts.memories[number];
      if (memory === undefined || used.has(memory)) throw malformed('memory that is not there');
      used.add(memory);
      return add(reader, memories, maximum === undefined ? memory : resizableCopy(memory, maximum), origin);
    }
    default: throw malformed('an unknown kind of memory');
  }
}

/**
 * @param {GraphReader} reader
 * @param {number} length
 * @param {number | undefined} maximum
 */
function copyOf(reader, length, maximum) {
  const start = reader.take(length);
  const memory = maximum === undefined ? new ArrayBuffer(length) : newResizable(length, maximum);
  new Uint8Array(memory).set(reader.bytes.subarray(start, start + length));
  return memory;
}

/**
 * @param {ArrayBuffer} memory
 * @param {number} maximum
 */
function resizableCopy(memory, maximum) {
  if (memory.resizable && memory.maxByteLength === maximum) return memory;
  const copy = newResizable(memory.byteLength, maximum);
  new Uint8Array(copy).set(new Uint8Array(memory));
  return copy;
}

/**
 * @param {number} length
 * @param {number} maxByteLength
 */
function newResizable(length, maxByteLength) {
  if (length > maxByteLength) throw malformed('a buffer is longer than it may become');
  return new ArrayBuffer(length, { maxByteLength });
}

module.exports = { readMemoryTable };
