// Key lists as bytes: a hash to find them by, then the keys.
'use strict';

const { bytesSlice, latin1Write, ucs2Write } = require('../../native');
const { isNarrow } = require('./narrow.js');
const { keysOf } = require('./shapes.js');
const { imul } = Math;

/**
 * @typedef {import('./byte-writer.js').ByteWriter} ByteWriter
 * @typedef {import('./shapes.js').Shape} Shape
 */

/**
 * @param {ByteWriter} writer
 * @param {Shape} shape
 */
function writeDefinition(writer, shape) {
  const definition = shape.definition ?? define(writer, shape);
  const length = definition.length;
  writer.reserve(length);
  if (length > 48) return writer.copy(definition, length);
  const bytes = writer.bytes;
  const start = writer.pos;
  for (let i = 0; i < length; i++) bytes[start + i] = definition[i];
  writer.pos = start + length;
}

/**
 * Writes the definition once, only to keep a copy.
 * @param {ByteWriter} writer
 * @param {Shape} shape
 */
function define(writer, shape) {
  const start = writer.pos;
  writer.reserve(5);
  writer.pos += 4;
  writer.byte(shape.length);
  const keys = keysOf(shape);
  for (let i = 0; i < keys.length; i++) writeKey(writer, keys[i]);
  writer.view.setUint32(start, hash(writer.bytes, start + 4, writer.pos), true);
  const definition = bytesSlice(writer.bytes, start, writer.pos); // Buffer has a slice() of its own, which copies nothing
  writer.pos = start;
  return (shape.definition = definition);
}

/**
 * Length in characters times two, plus one if they take two bytes each; then the characters.
 * @param {ByteWriter} writer
 * @param {string} key
 */
function writeKey(writer, key) {
  const length = key.length;
  writer.reserve(1 + 2 * length);
  const wide = !isNarrow(key);
  writer.byte(length * 2 + (wide ? 1 : 0));
  if (wide) ucs2Write(writer.bytes, key, writer.pos, 2 * length);
  else latin1Write(writer.bytes, key, writer.pos, length);
  writer.pos += wide ? 2 * length : length;
}

/**
 * FNV-1a. Any hash would do: it only finds, it proves nothing.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} end
 */
function hash(bytes, start, end) {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}

module.exports = { writeDefinition };
