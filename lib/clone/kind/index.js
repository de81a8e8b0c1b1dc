// What an object is, by its internal slots and never by what it says of itself.
'use strict';

const types = require('node:util/types');
const { SafeMap, getter } = require('../../native');
const { answers } = require('../value/answers.js');
const { numberOf } = require('../value/index.js');
const { isPort, needsTransfer } = require('./host.js');
const { isMarked } = require('./marks.js');
const { isPlatformPrototype, isClonedByNode, hasNativeHalf } = require('./platform.js');
const { AHEAD, SORT, SORT_BITS, SORT_MASK, asking, hasOnlyElements, hashedSortOf, look, sortOf, tellEach } = require('./sort.js');

const { DOMException } = globalThis;

const {
  isProxy, isMap, isSet, isDate, isRegExp, isNativeError, isArrayBuffer, isSharedArrayBuffer,
  isBoxedPrimitive, isPromise, isWeakMap, isWeakSet, isModuleNamespaceObject, isArgumentsObject,
  isGeneratorObject, isMapIterator, isSetIterator,
} = types;
/** Deno makes none that could be seen. */
const isExternal = types.isExternal ?? (() => false);
const { getPrototypeOf } = Object;
/** What JSON.rawJSON() makes, which Node 20 does not have. */
const isRawJson = /** @type {{ isRawJSON?: (value: unknown) => boolean }} */ (globalThis.JSON).isRawJSON ?? (() => false);
const domException = DOMException.prototype;
const domCode = getter(domException, 'code');
/** Missing with --jitless. */
const Module = globalThis.WebAssembly?.Module;
const modulePrototype = Module?.prototype;
const moduleExports = Module?.exports;
const objectPrototype = Object.prototype;

/** @enum {number} */
const KIND = Object.freeze({
  REFUSED: 0,
  PLAIN: 1,
  MAP: 2,
  SET: 3,
  VIEW: 4,
  BUFFER: 5,
  DATE: 6,
  ERROR: 7,
  REGEXP: 8,
  BOXED: 9,
  DOM_EXCEPTION: 10,
  PORT: 11,
  SHARED: 12,
  VALUE: 13,
});

/**
 * Which question to ask first, by prototype: each costs a call into the engine. A prototype proves nothing.
 * @type {Map<object, { kind: number, sort: number, asks: (object: object) => boolean }>}
 */
const likely = new SafeMap();
likely.set(Map.prototype, { kind: KIND.MAP, sort: SORT.MAP, asks: isMap });
likely.set(Set.prototype, { kind: KIND.SET, sort: SORT.SET, asks: isSet });
likely.set(Date.prototype, { kind: KIND.DATE, sort: SORT.DATE, asks: isDate });
likely.set(RegExp.prototype, { kind: KIND.REGEXP, sort: SORT.REGEXP, asks: isRegExp });
// None of these has a brand between itself and Error.prototype.
for (const { prototype } of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError]) {
  likely.set(prototype, { kind: KIND.ERROR, sort: SORT.ERROR, asks: isNativeError });
}

/**
 * @param {object} object  neither a proxy nor an array
 * @param {number} sort  of it
 * @returns {number} a KIND
 */
function classify(object, sort) {
  if (sort === SORT.VIEW) return KIND.VIEW;
  if (sort === SORT.MAP) return KIND.MAP;
  if (sort === SORT.SET) return KIND.SET;
  if (sort === SORT.DATE) return KIND.DATE;
  const guess = likely.get(/** @type {object} */ (getPrototypeOf(object)));
  return guess !== undefined && (guess.sort === sort || guess.asks(object)) ? guess.kind : ask(object);
}

/**
 * @param {object} object
 * @returns {number}
 */
function ask(object) {
  if (isMap(object)) return KIND.MAP;
  if (isSet(object)) return KIND.SET;
  if (isArrayBuffer(object)) return KIND.BUFFER;
  if (isDate(object)) return KIND.DATE;
  const brand = brandOf(object);
  if (brand !== KIND.PLAIN) return brand;
  if (isNativeError(object)) return KIND.ERROR;
  if (isRegExp(object)) return KIND.REGEXP;
  if (isBoxedPrimitive(object)) return KIND.BOXED;
  if (isSharedArrayBuffer(object)) return KIND.SHARED;
  if (isPort(object)) return KIND.PORT;
  return isUseless(object) ? KIND.REFUSED : platformKind(object);
}

/**
 * @param {object} object an ordinary one
 * @returns {number} a KIND
 */
function classifyOrdinary(object) {
  if (isMarked(object)) return KIND.REFUSED;
  const brand = brandOf(object);
  if (brand !== KIND.PLAIN) return brand;
  if (isPort(object)) return KIND.PORT;
  return platformKind(object);
}

/**
 * Without its slots it would be nothing.
 * @param {object} object
 */
function isUseless(object) {
  return isPromise(object) || isWeakMap(object) || isWeakSet(object) || isExternal(object)
    || isModuleNamespaceObject(object) || isArgumentsObject(object)
    || isGeneratorObject(object) || isMapIterator(object) || isSetIterator(object);
}

/**
 * @param {object} object
 * @returns {number} a KIND
 */
function platformKind(object) {
  const proto = getPrototypeOf(object);
  if (proto === null) return isRawJson(object) ? KIND.REFUSED : KIND.PLAIN;
  if (!(isPlatformPrototype(proto) || hasNativeHalf(object))) return KIND.PLAIN;
  return isMarked(object) || numberOf(object) < 0 ? KIND.REFUSED : KIND.VALUE;
}

/**
 * What a getter tells, and throws for all other objects: so only those are asked that inherit from it, which is found out
 * without running a proxy's trap.
 * @param {object} object
 * @returns {number} KIND.PLAIN if it has no brand
 */
function brandOf(object) {
  for (let link = getPrototypeOf(object); link !== null && link !== objectPrototype && !isProxy(link); link = getPrototypeOf(link)) {
    if (link === domException && answers(domCode, object)) return KIND.DOM_EXCEPTION;
    if (link === modulePrototype && answers(moduleExports, object)) return KIND.SHARED;
  }
  return KIND.PLAIN;
}

module.exports = {
  AHEAD, KIND, SORT, SORT_BITS, SORT_MASK, asking, classify, classifyOrdinary, hasOnlyElements, hashedSortOf, isClonedByNode, isMarked, look,
  needsTransfer, sortOf, tellEach,
};
