// Tells instances of the program's own classes, which arrive as plain objects, from those of the platform,
// which would arrive as a useless {} and are refused.
'use strict';

const { types } = require('node:util');

const functionText = Function.prototype.toString;

/** Native classes one may inherit from without being one: what they are is settled by brand, not by prototype. */
const HARMLESS = new Set([
  'Object', 'Function', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'Number', 'String', 'Boolean', 'BigInt', 'Symbol',
  'Promise', 'WeakMap', 'WeakSet', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'TypedArray', 'Int8Array',
  'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Error', 'EvalError', 'RangeError',
  'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'AggregateError', 'SuppressedError',
]);

/** Node marks what its own structured clone treats specially with methods under these symbols. */
const CLONE_SYMBOLS = new Set(['messaging_clone_symbol', 'messaging_transfer_symbol', 'messaging_deserialize_symbol']);

/** @type {WeakMap<object, boolean>} by prototype */
const verdicts = new WeakMap();

/**
 * Does the platform own the class of an object with this prototype?
 * @param {object} proto
 */
function isPlatformPrototype(proto) {
  let verdict = verdicts.get(proto);
  if (verdict === undefined) {
    verdict = judge(proto);
    verdicts.set(proto, verdict);
  }
  return verdict;
}

/** @param {object} proto */
function judge(proto) {
  for (let /** @type {object | null} */ link = proto; link !== null; link = Object.getPrototypeOf(link)) {
    if (types.isProxy(link)) return false;
    if (isPlatformClass(link) || isNativeIterator(link) || isSpecialToClone(link)) return true;
  }
  return false;
}

/** @param {object} proto */
function isPlatformClass(proto) {
  const constructor = ownValue(proto, 'constructor');
  if (typeof constructor !== 'function' || types.isProxy(constructor)) return false;
  const name = ownValue(constructor, 'name');
  if (typeof name !== 'string') return false;
  if (isNative(constructor)) return !HARMLESS.has(name);
  return ownValue(constructor, 'prototype') === proto && isPlatformGlobal(name, constructor);
}

/**
 * Web classes which Node writes in JavaScript stand on the global object, not enumerable.
 * @param {string} name
 * @param {unknown} constructor
 */
function isPlatformGlobal(name, constructor) {
  const property = Object.getOwnPropertyDescriptor(globalThis, name);
  if (property === undefined || property.enumerable) return false;
  return Reflect.get(globalThis, name) === constructor;
}

/** @param {object} proto */
function isNativeIterator(proto) {
  const next = ownValue(proto, 'next');
  return typeof next === 'function' && !types.isProxy(next) && isNative(next);
}

/** @param {object} proto */
function isSpecialToClone(proto) {
  return Object.getOwnPropertySymbols(proto).some((symbol) => CLONE_SYMBOLS.has(symbol.description ?? ''));
}

/**
 * Node's own classes keep their C++ half under a symbol of this name.
 * @param {object} object
 */
function hasNativeHalf(object) {
  for (const symbol of Object.getOwnPropertySymbols(object)) {
    if (symbol.description !== 'kHandle') continue;
    const half = ownValue(object, symbol);
    if (typeof half !== 'object' || half === null || types.isProxy(half)) continue;
    const proto = Object.getPrototypeOf(half);
    if (proto !== null && !Array.isArray(half) && isNativeClass(proto)) return true;
  }
  return false;
}

/** @param {object} proto */
function isNativeClass(proto) {
  const constructor = ownValue(proto, 'constructor');
  if (typeof constructor !== 'function' || types.isProxy(constructor) || !isNative(constructor)) return false;
  const name = ownValue(constructor, 'name');
  return typeof name === 'string' && !HARMLESS.has(name);
}

/** @param {Function} callable */
function isNative(callable) {
  return functionText.call(callable).endsWith('{ [native code] }');
}

/**
 * @param {object} object
 * @param {PropertyKey} key
 * @returns {unknown} undefined for accessors: nothing of the user's runs
 */
function ownValue(object, key) {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

module.exports = { isPlatformPrototype, hasNativeHalf };
