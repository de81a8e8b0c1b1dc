// Makes the objects that are not read by recursion; their members follow in a frame.
'use strict';

const { EARLY, OBJECT, VALUE, ERROR_HAS, ERROR_NAMES, VIEW_NAMES } = require('../tags.js');
const { COST } = require('../limits.js');
const { malformed } = require('./malformed.js');
const { withoutTrace } = require('../../native');
const {
  RecordFrame, DictionaryFrame, ArrayFrame, NamedArrayFrame, MapFrame, SetFrame, HiddenFrame,
} = require('./read-frames.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

/** Global constructors are taken when the codec loads, before anybody can replace them. */
const { DOMException, Date, Map, Object, RegExp, Set } = globalThis;
const { isInteger } = Number;
const errors = ERROR_NAMES.map((name) => /** @type {any} */ (globalThis)[name]);
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
openers[OBJECT.PORT] = (reader) => part(reader.parts.ports[reader.varint()], 'port');
openers[OBJECT.SHARED] = (reader) => part(reader.parts.shared[reader.varint()], 'shared value');

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
 * @param {string[]} keys
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

/** The property is there from the beginning, where the constructor puts it. */
const NO_CAUSE_YET = Object.freeze({ cause: undefined });

/** @param {GraphReader} reader */
function openError(reader) {
  reader.spend(COST.ERROR);
  const type = reader.byte();
  const has = reader.byte();
  if (type >= ERROR_NAMES.length || has > 15) throw malformed('an unknown kind of error');
  const message = (has & ERROR_HAS.MESSAGE) !== 0 ? reader.text() : undefined;
  const options = (has & ERROR_HAS.CAUSE) !== 0 ? NO_CAUSE_YET : undefined;
  const isAggregate = ERROR_NAMES[type] === 'AggregateError';
  const error = withoutTrace(() => (
    isAggregate ? new errors[type]([], message, options) : new errors[type](message, options)));
  if (isAggregate && (has & ERROR_HAS.ERRORS) === 0) delete error.errors;
  if ((has & ERROR_HAS.STACK) !== 0) error.stack = reader.text();
  openHidden(reader, error, has);
  return error;
}

/** @param {GraphReader} reader */
function openDOMException(reader) {
  reader.spend(COST.ERROR);
  const has = reader.byte();
  if ((has & ~(ERROR_HAS.STACK | ERROR_HAS.CAUSE)) !== 0) throw malformed('an unknown kind of error');
  const name = reader.text();
  const message = reader.text();
  const exception = withoutTrace(() => new DOMException(message, name));
  if ((has & ERROR_HAS.STACK) !== 0) exception.stack = reader.text();
  openHidden(reader, exception, has);
  return exception;
}

/**
 * @param {GraphReader} reader
 * @param {object} error
 * @param {number} has
 */
function openHidden(reader, error, has) {
  const names = [];
  if ((has & ERROR_HAS.CAUSE) !== 0) names[0] = 'cause';
  if ((has & ERROR_HAS.ERRORS) !== 0) names[names.length] = 'errors';
  reader.opened = names.length === 0 ? null : new HiddenFrame(error, names);
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
  if (tracking) return new views[kind](memory.bufferFor(reader), offset);
  const length = reader.varint() / elementSizes[kind];
  if (kind === UINT8 && offset === 0 && memory.isUntouched(length)) return memory.ownBytes(reader);
  if (!isInteger(length)) throw malformed('a view ends inside an element');
  return new views[kind](memory.bufferFor(reader), offset, length);
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
