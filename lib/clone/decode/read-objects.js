// Makes the objects that are not read by recursion; their members follow in a frame.
'use strict';

const { bytesSet, bytesSlice, uncurry } = require('../../native');
const { CARRIED, EARLY, OBJECT, VALUE, VIEW_NAMES } = require('../tags.js');
const { COST } = require('../limits.js');
const { classes } = require('../value/index.js');
const { malformed } = require('./malformed.js');
const { openDOMException, openError } = require('./read-errors.js');
const { readNumbers } = require('./read-numbers.js');
const { readTexts } = require('./read-texts.js');
const {
  RecordFrame, DictionaryFrame, ArrayFrame, NamedArrayFrame, MapFrame, SetFrame, AbortFrame,
} = require('./read-frames.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

/** Global constructors are taken when the codec loads, before anybody can replace them. */
const { AbortController, ArrayBuffer, Date, Map, Object, RegExp, Set, Uint8Array } = globalThis;
const { isInteger } = Number;
const resize = uncurry(ArrayBuffer.prototype.resize);
const views = VIEW_NAMES.map((name) => /** @type {any} */ (globalThis)[name]);
const UINT8 = VIEW_NAMES.indexOf('Uint8Array');
const elementSizes = views.map((view) => view?.BYTES_PER_ELEMENT ?? 1);

/** @type {((reader: GraphReader) => object)[]} by tag without EARLY */
const openers = [];
openers[OBJECT.EMPTY] = (reader) => {
  reader.spend(COST.OBJECT);
  return {};
};
openers[OBJECT.RECORD] = (reader) => openRecord(reader, reader.knownShape().keys);
openers[OBJECT.RECORD_NEW] = (reader) => openRecord(reader, reader.newShape().keys);
openers[OBJECT.DICTIONARY] = (reader) => {
  reader.spend(COST.OBJECT);
  const object = {};
  reader.opened = new DictionaryFrame(object, reader.varint());
  return object;
};
openers[OBJECT.TABLE] = (reader) => openRecord(reader, reader.keyList().keys);
openers[OBJECT.ARRAY] = (reader) => {
  /** @type {unknown[]} */
  const array = [];
  reader.opened = new ArrayFrame(array, arrayLength(reader));
  return array;
};
openers[OBJECT.NAMED_ARRAY] = (reader) => {
  /** @type {unknown[]} */
  const array = [];
  reader.opened = new NamedArrayFrame(array, arrayLength(reader));
  return array;
};
openers[OBJECT.NUMBERS] = readNumbers;
openers[OBJECT.TEXTS] = readTexts;
openers[OBJECT.MAP] = (reader) => {
  const size = reader.varint();
  reader.spend(COST.MAP + COST.ENTRY * size);
  const map = new Map();
  reader.opened = new MapFrame(map, size);
  return map;
};
openers[OBJECT.SET] = (reader) => {
  const size = reader.varint();
  reader.spend(COST.SET + COST.ENTRY * size);
  const set = new Set();
  reader.opened = new SetFrame(set, size);
  return set;
};
openers[OBJECT.DATE] = (reader) => new Date(reader.float64());
openers[OBJECT.REGEXP] = (reader) => {
  reader.spend(COST.REGEXP);
  return new RegExp(reader.text(), reader.text());
};
openers[OBJECT.ERROR] = openError;
openers[OBJECT.DOM_EXCEPTION] = openDOMException;
openers[OBJECT.BOXED] = (reader) => {
  reader.spend(COST.BOXED);
  if (reader.pos < reader.end && reader.bytes[reader.pos] < VALUE.TRUE) throw malformed('an empty box');
  const primitive = reader.value(0);
  if (typeof primitive === 'object') throw malformed('an empty box');
  return Object(primitive);
};
openers[OBJECT.BUFFER] = (reader) => memoryAt(reader, reader.varint()).bufferFor(reader);
openers[OBJECT.VIEW] = (reader) => openView(reader, false);
openers[OBJECT.TRACKING_VIEW] = (reader) => openView(reader, true);
openers[OBJECT.VALUE] = (reader) => {
  const number = reader.byte();
  const valueClass = classes()[number];
  if (valueClass === undefined) throw malformed('an unknown class of value');
  return valueClass.read(reader);
};
openers[OBJECT.PORT] = (reader) => part(reader.parts.ports[reader.varint()], 'port');
openers[OBJECT.SHARED] = (reader) => part(reader.parts.shared[reader.varint()], 'shared value');

openers[OBJECT.CARRIED] = (reader) => carriedAt(reader, reader.varint()).open();
openers[OBJECT.TRANSFORM] = (reader) => {
  reader.spend(COST.TRANSFORM);
  const index = reader.varint();
  const [readable, writable] = [carriedAt(reader, index), carriedAt(reader, index + 1)];
  if (readable.kind !== CARRIED.READABLE || writable.kind !== CARRIED.WRITABLE) throw malformed('a side that is none');
  return readable.openWith(writable);
};
openers[OBJECT.ABORTED] = (reader) => {
  reader.spend(COST.SIGNAL);
  const controller = new AbortController();
  reader.opened = new AbortFrame(controller);
  return controller.signal;
};

/**
 * Makes the object; `reader.opened` holds its members or null.
 * @param {GraphReader} reader
 * @param {number} tag
 * @param {number} pos of the tag
 * @returns {object}
 */
function open(reader, tag, pos) {
  const opener = openers[tag & ~EARLY];
  if (opener === undefined) throw malformed(`unknown tag ${tag}`);
  reader.opened = null;
  const object = opener(reader);
  const frame = /** @type {import('./read-frames.js').Frame | null} */ (reader.opened);
  if (frame !== null) frame.whole = (tag & EARLY) === 0;
  reader.register(tag, pos, object);
  return object;
}

/**
 * @param {GraphReader} reader
 * @param {readonly string[]} keys
 */
function openRecord(reader, keys) {
  /** @type {Record<string, unknown>} */
  const object = {};
  reader.opened = new RecordFrame(object, keys);
  return object;
}

/** @param {GraphReader} reader */
function arrayLength(reader) {
  const length = reader.varint();
  if (length > 0xffffffff) throw malformed('an array is too long');
  reader.spend(COST.SHORT_ARRAY); // what it takes for holes, its frame bounds
  return length;
}

/**
 * @param {GraphReader} reader
 * @param {number} index
 */
function memoryAt(reader, index) {
  const memory = reader.memoryTable()[index];
  if (memory === undefined) throw malformed('memory that is not there');
  return memory;
}

/**
 * @param {GraphReader} reader
 * @param {boolean} tracking
 */
function openView(reader, tracking) {
  const kind = reader.byte();
  const memory = memoryAt(reader, reader.varint());
  const offset = reader.varint() - memory.origin;
  reader.spend(COST.VIEW);
  if (kind >= views.length || offset < 0) throw malformed('an unknown kind of view or a negative offset');
  if (views[kind] === undefined) throw malformed(`${VIEW_NAMES[kind]} does not exist in this version of Node.js`);
  if (tracking) return trackingView(kind, memory.bufferFor(reader), offset);
  const length = reader.varint() / elementSizes[kind];
  if (kind === UINT8 && offset === 0 && memory.isUntouched(length)) return memory.ownBytes(reader);
  if (!isInteger(length)) throw malformed('a view ends inside an element');
  return new views[kind](memory.bufferFor(reader), offset, length);
}

/**
 * @param {number} kind
 * @param {any} buffer
 * @param {number} offset
 */
function trackingView(kind, buffer, offset) {
  const { byteLength } = buffer;
  const rest = (byteLength - offset) % elementSizes[kind];
  if (rest <= 0) return new views[kind](buffer, offset);
  // It shows no part of an element; and where there is one, the engine of Node 20 makes no view.
  const tail = bytesSlice(new Uint8Array(buffer, byteLength - rest));
  resize(buffer, byteLength - rest);
  const view = new views[kind](buffer, offset);
  resize(buffer, byteLength);
  bytesSet(new Uint8Array(buffer), tail, byteLength - rest);
  return view;
}

/**
 * @param {GraphReader} reader
 * @param {number} index
 */
function carriedAt(reader, index) {
  const carried = reader.parts.carried[index];
  if (carried === undefined) throw malformed('a stream or a signal that is not there');
  return carried;
}

/**
 * @param {unknown} part
 * @param {string} what
 */
function part(part, what) {
  if (typeof part !== 'object' || part === null) throw malformed(`a ${what} that is not there`);
  return part;
}

module.exports = { open };
