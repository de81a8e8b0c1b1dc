// What an object is, by its internal slots and never by what it says of itself.
'use strict';

const { types } = require('node:util');
const { SafeMap, getter, native, objectToString } = require('../../native');
const { numberOf } = require('../value/index.js');
const { isPort, needsTransfer } = require('./host.js');
const { isMarked } = require('./marks.js');
const { isPlatformPrototype, isClonedByNode, hasNativeHalf } = require('./platform.js');

const {
  isProxy, isMap, isSet, isDate, isRegExp, isNativeError, isAnyArrayBuffer, isArrayBuffer, isSharedArrayBuffer,
  isBoxedPrimitive, isPromise, isWeakMap, isWeakSet, isModuleNamespaceObject, isArgumentsObject,
  isGeneratorObject, isMapIterator, isSetIterator, isBigIntObject, isSymbolObject,
} = types;
/** Deno makes none that could be seen. */
const isExternal = types.isExternal ?? (() => false);
const { getPrototypeOf } = Object;
const { toStringTag } = Symbol;
const { isView } = ArrayBuffer;
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
 * Is it no proxy, no array, and without internal slots? It may be anything, whatever its prototype is: a Map whose prototype
 * was set to Object.prototype is a Map still. A `false` is no verdict. (What nothing but its prototype tells apart, a WeakRef
 * or an array's iterator, passes for ordinary without it.)
 * @param {object} object
 */
function looksOrdinary(object) {
  // A tag hides what the object is made of, and its getter would run.
  return !isProxy(object) && !(toStringTag in object) && objectToString(object) === '[object Object]' && !isView(object)
    && !isMap(object) && !isSet(object) && !isPromise(object) && !isAnyArrayBuffer(object) && !isWeakMap(object)
    && !isWeakSet(object) && !isGeneratorObject(object) && !isMapIterator(object) && !isSetIterator(object)
    && !isBigIntObject(object) && !isSymbolObject(object);
}

/** The engine tells at once where it tells; every object of every message is asked for. */
const isOrdinary = native.isOrdinary({}) ? native.isOrdinary : looksOrdinary;

/**
 * Which question to ask first, by prototype: each costs a call into the engine. A prototype proves nothing.
 * @type {Map<object, { kind: number, asks: (object: object) => boolean }>}
 */
const likely = new SafeMap();
likely.set(Map.prototype, { kind: KIND.MAP, asks: isMap });
likely.set(Set.prototype, { kind: KIND.SET, asks: isSet });
likely.set(Date.prototype, { kind: KIND.DATE, asks: isDate });
likely.set(RegExp.prototype, { kind: KIND.REGEXP, asks: isRegExp });
// None of these has a brand between itself and Error.prototype.
for (const { prototype } of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError]) {
  likely.set(prototype, { kind: KIND.ERROR, asks: isNativeError });
}

/**
 * @param {object} object neither a proxy nor an array
 * @returns {number} a KIND
 */
function classify(object) {
  if (isView(object)) return KIND.VIEW;
  const guess = likely.get(/** @type {object} */ (getPrototypeOf(object)));
  return guess !== undefined && guess.asks(object) ? guess.kind : ask(object);
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
  if (proto === null || !(isPlatformPrototype(proto) || hasNativeHalf(object))) return KIND.PLAIN;
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

/**
 * Whether a getter of the platform's takes it for an object of its own.
 * @param {((object: any) => unknown)} question
 * @param {object} object
 */
function answers(question, object) {
  try {
    question(object);
    return true;
  } catch {
    return false;
  }
}

module.exports = { KIND, answers, classify, classifyOrdinary, isClonedByNode, isMarked, isOrdinary, isProxy, needsTransfer };
