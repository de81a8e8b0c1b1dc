// What an object is, by its internal slots and never by what it says of itself.
'use strict';

const { types } = require('node:util');
const { getter, objectToString } = require('../../native');
const { isPort } = require('./host.js');
const { isPlatformPrototype, hasNativeHalf } = require('./platform.js');

const {
  isProxy, isMap, isSet, isDate, isRegExp, isNativeError, isAnyArrayBuffer, isArrayBuffer, isSharedArrayBuffer,
  isBoxedPrimitive, isPromise, isWeakMap, isWeakSet, isExternal, isModuleNamespaceObject, isArgumentsObject,
  isGeneratorObject, isMapIterator, isSetIterator, isBigIntObject, isSymbolObject,
} = types;
const { getPrototypeOf } = Object;
const { toStringTag } = Symbol;
const { isView } = ArrayBuffer;
const domException = DOMException.prototype;
const domCode = getter(domException, 'code');
/** Missing with --jitless. */
const Module = globalThis.WebAssembly?.Module;
const moduleExports = Module?.exports;

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
});

/**
 * Has an object, neither a proxy nor an array, no internal slots? It may be anything, whatever its prototype is: a Map whose
 * prototype was set to Object.prototype is a Map still. A `false` is no verdict. (What nothing but its prototype tells
 * apart, a WeakRef or an array's iterator, passes for ordinary without it.)
 * @param {object} object
 */
function isOrdinary(object) {
  // A tag hides what the object is made of, and its getter would run.
  return !(toStringTag in object) && objectToString(object) === '[object Object]' && !isView(object)
    && !isMap(object) && !isSet(object) && !isPromise(object) && !isAnyArrayBuffer(object) && !isWeakMap(object)
    && !isWeakSet(object) && !isGeneratorObject(object) && !isMapIterator(object) && !isSetIterator(object)
    && !isBigIntObject(object) && !isSymbolObject(object);
}

/**
 * @param {object} object neither a proxy nor an array
 * @returns {number} a KIND
 */
function classify(object) {
  if (isMap(object)) return KIND.MAP;
  if (isSet(object)) return KIND.SET;
  if (isView(object)) return KIND.VIEW;
  if (isArrayBuffer(object)) return KIND.BUFFER;
  if (isDate(object)) return KIND.DATE;
  if (isDOMException(object)) return KIND.DOM_EXCEPTION;
  if (isNativeError(object)) return KIND.ERROR;
  if (isRegExp(object)) return KIND.REGEXP;
  if (isBoxedPrimitive(object)) return KIND.BOXED;
  if (isSharedArrayBuffer(object) || isModule(object)) return KIND.SHARED;
  if (isPort(object)) return KIND.PORT;
  return isRefused(object) ? KIND.REFUSED : KIND.PLAIN;
}

/** @param {object} object */
function isRefused(object) {
  if (isPromise(object) || isWeakMap(object) || isWeakSet(object) || isExternal(object)) return true;
  if (isModuleNamespaceObject(object) || isArgumentsObject(object)) return true;
  if (isGeneratorObject(object) || isMapIterator(object) || isSetIterator(object)) return true;
  const proto = getPrototypeOf(object);
  return proto !== null && (isPlatformPrototype(proto) || hasNativeHalf(object));
}

/**
 * As `instanceof`, but without running a proxy's trap.
 * @param {object} object
 * @param {object} prototype
 */
function inherits(object, prototype) {
  for (let link = getPrototypeOf(object); link !== null && !isProxy(link); link = getPrototypeOf(link)) {
    if (link === prototype) return true;
  }
  return false;
}

/** @param {object} object */
function isDOMException(object) {
  if (!inherits(object, domException)) return false;
  try {
    domCode(object);
    return true;
  } catch {
    return false;
  }
}

/** @param {object} object */
function isModule(object) {
  if (Module === undefined || !inherits(object, Module.prototype)) return false;
  try {
    moduleExports(object);
    return true;
  } catch {
    return false;
  }
}

module.exports = { KIND, classify, isOrdinary, isProxy };
