// What an object is, by its internal slots and never by what it says of itself.
'use strict';

const { types } = require('node:util');
const { isPort } = require('./host.js');
const { isPlatformPrototype, hasNativeHalf } = require('./platform.js');

const {
  isProxy, isMap, isSet, isDate, isRegExp, isNativeError, isArrayBuffer, isSharedArrayBuffer, isBoxedPrimitive,
  isPromise, isWeakMap, isWeakSet, isExternal, isModuleNamespaceObject, isArgumentsObject,
} = types;
const { getPrototypeOf } = Object;
const { isView } = ArrayBuffer;
const domCode = /** @type {(this: object) => number} */ (
  Object.getOwnPropertyDescriptor(DOMException.prototype, 'code')?.get);

/** @enum {number} */
const KIND = Object.freeze({
  REFUSED: 0,
  PLAIN: 1,
  ARRAY: 2,
  MAP: 3,
  SET: 4,
  VIEW: 5,
  BUFFER: 6,
  DATE: 7,
  ERROR: 8,
  REGEXP: 9,
  BOXED: 10,
  DOM_EXCEPTION: 11,
  PORT: 12,
  SHARED: 13,
});

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
  const proto = getPrototypeOf(object);
  return proto !== null && (isPlatformPrototype(proto) || hasNativeHalf(object));
}

/** @param {object} object */
function isDOMException(object) {
  if (!(object instanceof DOMException)) return false;
  try {
    domCode.call(object);
    return true;
  } catch {
    return false;
  }
}

/** @param {object} object */
function isModule(object) {
  if (typeof WebAssembly === 'undefined' || !(object instanceof WebAssembly.Module)) return false;
  try {
    WebAssembly.Module.exports(object);
    return true;
  } catch {
    return false;
  }
}

module.exports = { KIND, classify, isProxy, isArgumentsObject };
