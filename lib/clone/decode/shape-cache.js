// The decoder's memory of key lists. It is filled by peers, so it is bounded and every hit is proved byte by byte.
'use strict';

const { SafeDataView, arrayFill, defineValue, latin1Slice, subarray, ucs2Slice } = require('../../native');
const { SHAPE_CACHE, MAX_RECORD_KEYS } = require('../limits.js');
const { Credit, compile, isDue } = require('../compile.js');
const { malformed } = require('./malformed.js');
const { isArrayIndex } = require('../array-shape.js');

const { Array, Uint8Array } = globalThis;
const { stringify } = JSON;
const objectPrototype = Object.prototype;
const MASK = SHAPE_CACHE - 1;
const NO_BYTES = new Uint8Array(0);
const NO_VIEW = new SafeDataView(NO_BYTES.buffer);

/**
 * @typedef {import('./graph-reader.js').GraphReader} GraphReader
 * @typedef {(reader: GraphReader, depth: number) => object} Constructor reads the values and makes the object
 */

class KnownShape {
  /**
   * @param {number} hash
   * @param {string[]} keys
   */
  constructor(hash, keys) {
    this.hash = hash;
    this.keys = keys;
    this.definition = NO_BYTES;
    this.view = NO_VIEW;
    this.uses = 0;
    /** @type {Constructor | null} */
    this.construct = null;
    /** @type {object | null} an object of this shape to copy, where constructors cannot be compiled */
    this.template = null;
  }

  /** @param {Uint8Array<ArrayBuffer>} definition its own copy, not a part of any message */
  define(definition) {
    this.definition = definition;
    this.view = new SafeDataView(definition.buffer);
  }
}

/** Made at once for the first shape: one that grew would leave as much again behind. @type {(KnownShape | undefined)[] | null} */
let shapes = null;

const credit = new Credit();

/**
 * The shape defined at the reader's position.
 * @param {GraphReader} reader
 */
function readShape(reader) {
  const start = reader.take(4);
  const hash = reader.view.getUint32(start, true);
  const cache = (shapes ??= arrayFill(new Array(SHAPE_CACHE), undefined));
  const first = cache[hash & MASK];
  if (first !== undefined && first.hash === hash && isDefinedAt(first, reader, start)) return first;
  const second = cache[(hash >>> 16) & MASK];
  if (second !== undefined && second.hash === hash && isDefinedAt(second, reader, start)) return second;
  const shape = new KnownShape(hash, readKeys(reader));
  shape.define(new Uint8Array(subarray(reader.bytes, start, reader.pos)));
  remember(shape, cache);
  return shape;
}

/**
 * A shape has two places. The one more in use keeps its place.
 * @param {KnownShape} shape
 * @param {(KnownShape | undefined)[]} cache
 */
function remember(shape, cache) {
  const one = shape.hash & MASK;
  const other = (shape.hash >>> 16) & MASK;
  const first = cache[one];
  const second = cache[other];
  const place = first === undefined || (second !== undefined && first.uses < second.uses) ? one : other;
  cache[place] = shape;
}

/**
 * @param {KnownShape} shape
 * @param {GraphReader} reader
 * @param {number} start
 */
function isDefinedAt(shape, reader, start) {
  const { definition, view } = shape;
  const length = definition.length;
  if (length > reader.end - start) return false;
  const words = length - 3;
  let i = 4;
  for (; i < words; i += 4) if (view.getUint32(i, true) !== reader.view.getUint32(start + i, true)) return false;
  for (; i < length; i++) if (definition[i] !== reader.bytes[start + i]) return false;
  reader.pos = start + length;
  return true;
}

/** @param {GraphReader} reader */
function readKeys(reader) {
  const count = reader.byte();
  if (count === 0 || count > MAX_RECORD_KEYS) throw malformed('a record has too many keys or none');
  /** @type {string[]} */
  const keys = [];
  for (let i = 0; i < count; i++) {
    keys[i] = readKey(reader);
    if (isArrayIndex(keys[i])) throw malformed('an index among the keys of a record');
  }
  return keys;
}

/**
 * @param {GraphReader} reader
 * @returns {string}
 */
function readKey(reader) {
  const head = reader.byte();
  const length = head >> 1;
  if ((head & 1) === 0) {
    const start = reader.take(length);
    return latin1Slice(reader.bytes, start, start + length);
  }
  const start = reader.take(length * 2);
  return ucs2Slice(reader.bytes, start, start + length * 2);
}

/**
 * Reads the values of a record and makes the object.
 * @param {KnownShape} shape
 * @param {GraphReader} reader
 * @param {number} depth of the values
 * @returns {object}
 */
function construct(shape, reader, depth) {
  if (shape.construct !== null) return shape.construct(reader, depth);
  if (isDue(++shape.uses)) prepare(shape);
  credit.earn();
  return shape.template === null ? constructSlowly(shape, reader, depth) : copyTemplate(shape, reader, depth);
}

/**
 * @param {KnownShape} shape
 * @param {GraphReader} reader
 * @param {number} depth
 */
function constructSlowly(shape, reader, depth) {
  /** @type {Record<string, unknown>} */
  const object = {};
  const { keys } = shape;
  for (let i = 0; i < keys.length; i++) setOwn(object, keys[i], reader.value(depth));
  return object;
}

/**
 * All keys are own properties of the copy already, so that assigning to them runs no setter.
 * @param {KnownShape} shape
 * @param {GraphReader} reader
 * @param {number} depth
 */
function copyTemplate(shape, reader, depth) {
  /** @type {Record<string, unknown>} */
  const object = { ...shape.template };
  const keys = shape.keys;
  for (let i = 0; i < keys.length; i++) object[keys[i]] = reader.value(depth);
  return object;
}

/** @param {KnownShape} shape */
function prepare(shape) {
  if (credit.take()) {
    let members = '';
    for (let i = 0; i < shape.keys.length; i++) members += `${memberName(shape.keys[i])}:reader.value(depth),`;
    shape.construct = /** @type {Constructor | null} */ (compile(['reader', 'depth'], `return {${members}}`));
  }
  if (shape.construct === null) shape.template ??= makeTemplate(shape.keys);
}

/**
 * Any key but __proto__ may stand without the brackets that make it computed, and is faster so.
 * @param {string} key
 */
const memberName = (key) => (key === '__proto__' ? '["__proto__"]' : stringify(key));

/** @param {string[]} keys */
function makeTemplate(keys) {
  /** @type {Record<string, unknown>} */
  const template = {};
  for (let i = 0; i < keys.length; i++) setOwn(template, keys[i], undefined);
  return template;
}

/**
 * Creates or replaces an own property; neither __proto__ nor a setter on Object.prototype gets in the way.
 * @param {Record<string, unknown>} object
 * @param {string} key
 * @param {unknown} value
 */
function setOwn(object, key, value) {
  if (key in objectPrototype) {
    defineValue(object, key, value, true);
  } else {
    object[key] = value;
  }
}

module.exports = { KnownShape, readShape, construct, setOwn };
