// Tells instances of the program's own classes, which arrive as plain objects, from those of the platform,
// which would arrive as a useless {} and are refused.
'use strict';

const types = require('node:util/types');
const { SafeSet, SafeWeakMap, functionToString, ownValue, symbolDescription } = require('../../native');

const { process } = globalThis;

const { getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn } = Object;
const { isArray } = Array;
const { get } = Reflect;
const { isProxy } = types;

/** @param {string[]} names */
function setOf(names) {
  /** @type {Set<string>} */
  const set = new SafeSet();
  for (let i = 0; i < names.length; i++) set.add(names[i]);
  return set;
}

/** Native classes one may inherit from without being one: what they are is settled by brand, not by prototype. */
const HARMLESS = setOf([
  'Object', 'Function', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'Number', 'String', 'Boolean', 'BigInt', 'Symbol',
  'Promise', 'WeakMap', 'WeakSet', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'TypedArray', 'Int8Array',
  'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Error', 'EvalError', 'RangeError',
  'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'AggregateError', 'SuppressedError',
]);

/** Node marks what its own structured clone treats specially with methods under these symbols. */
const CLONE_SYMBOLS = setOf(['messaging_clone_symbol', 'messaging_transfer_symbol', 'messaging_deserialize_symbol']);

/** @type {WeakMap<object, boolean>} by prototype */
const verdicts = new SafeWeakMap();

// The environment is of a class of its own, and nothing but its variables.
if (getPrototypeOf(process.env) !== Object.prototype) verdicts.set(getPrototypeOf(process.env), false);

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
  for (let /** @type {object | null} */ link = proto; link !== null; link = getPrototypeOf(link)) {
    if (isProxy(link)) return false;
    if (isPlatformClass(link) || isNativeIterator(link) || isSpecialToClone(link)) return true;
  }
  return false;
}

/** @param {object} proto */
function isPlatformClass(proto) {
  const constructor = constructorOf(proto);
  if (constructor === null) return false;
  const name = ownValue(constructor, 'name');
  if (typeof name !== 'string') return false;
  return isNative(constructor, name) ? !HARMLESS.has(name) : isPlatformGlobal(name, constructor) || isOfModule(name, constructor);
}

/**
 * Of a class; other functions, bound ones say, may have the name too.
 * @param {object} proto
 */
function constructorOf(proto) {
  const constructor = ownValue(proto, 'constructor');
  if (typeof constructor !== 'function' || isProxy(constructor)) return null;
  return ownValue(constructor, 'prototype') === proto ? constructor : null;
}

/**
 * Web classes which Node writes in JavaScript stand on the global object, not enumerable.
 * @param {string} name
 * @param {unknown} constructor
 */
function isPlatformGlobal(name, constructor) {
  const property = getOwnPropertyDescriptor(globalThis, name);
  if (property === undefined || property.enumerable) return false;
  return (hasOwn(property, 'value') ? property.value : get(globalThis, name)) === constructor;
}

/**
 * Node 26 gives the certificate's class, and Deno those of addresses, nothing else that could be seen. Only whoever has the name
 * makes us load its module.
 * @param {string} name
 * @param {unknown} constructor
 */
function isOfModule(name, constructor) {
  switch (name) {
    case 'X509Certificate': return process.versions.openssl !== undefined && require('node:crypto').X509Certificate === constructor;
    case 'BlockList': return require('node:net').BlockList === constructor;
    case 'SocketAddress': return require('node:net').SocketAddress === constructor;
    default: return false;
  }
}

/** @param {object} proto */
function isNativeIterator(proto) {
  const next = ownValue(proto, 'next');
  return typeof next === 'function' && !isProxy(next) && isNative(next, 'next');
}

/** @param {object} proto */
function isSpecialToClone(proto) {
  const symbols = getOwnPropertySymbols(proto);
  for (let i = 0; i < symbols.length; i++) if (CLONE_SYMBOLS.has(symbolDescription(symbols[i]) ?? '')) return true;
  return false;
}

/**
 * Do Node's own ports carry objects of its class?
 * @param {object} object no proxy
 */
function isClonedByNode(object) {
  for (let link = getPrototypeOf(object); link !== null && !isProxy(link); link = getPrototypeOf(link)) {
    if (isSpecialToClone(link)) return true;
  }
  return false;
}

/**
 * Node's own classes keep their C++ half under a symbol of this name.
 * @param {object} object
 */
function hasNativeHalf(object) {
  const symbols = getOwnPropertySymbols(object);
  for (let i = 0; i < symbols.length; i++) {
    if (symbolDescription(symbols[i]) !== 'kHandle') continue;
    const half = ownValue(object, symbols[i]);
    if (typeof half !== 'object' || half === null || isProxy(half)) continue;
    const proto = getPrototypeOf(half);
    if (proto !== null && !isArray(half) && isNativeClass(proto)) return true;
  }
  return false;
}

/** @param {object} proto */
function isNativeClass(proto) {
  const constructor = constructorOf(proto);
  const name = constructor === null ? undefined : ownValue(constructor, 'name');
  return typeof name === 'string' && isNative(/** @type {Function} */ (constructor), name) && !HARMLESS.has(name);
}

/**
 * Some of Node's native classes have no name. Bound functions have none in their text, whatever they are called.
 * @param {Function} callable
 * @param {string} name
 */
function isNative(callable, name) {
  return functionToString(callable) === `function ${name}() { [native code] }`;
}

module.exports = { isPlatformPrototype, isClonedByNode, hasNativeHalf };
