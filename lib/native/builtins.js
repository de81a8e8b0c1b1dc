// JavaScript's own functions as they were when we loaded: what a program puts in their place later changes no message.
// Methods take their object first; our own objects are of classes that have them for their own, which is faster. Not
// covered: iteration (`for … of`, spread), and accessors under indices of Array.prototype or Object.prototype, without which
// Node itself does not work either.
'use strict';

const { Buffer, WebAssembly } = globalThis;

/** Under --enable-sharedarraybuffer-per-context nobody is shown it, and Node's workers have it all the same. */
const SharedArrayBuffer = /** @type {SharedArrayBufferConstructor} */ (
  globalThis.SharedArrayBuffer ?? new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true }).buffer.constructor
);

const { bind, call } = Function.prototype;
const { defineProperty, getOwnPropertyDescriptor, getOwnPropertySymbols, getPrototypeOf, hasOwn, keys, setPrototypeOf } = Object;
const { apply, deleteProperty, ownKeys } = Reflect;
const { max, min } = Math;

/** @type {(method: unknown) => (object: any, ...args: any[]) => any} */
const uncurry = /** @type {any} */ (bind).bind(call);

/**
 * @param {object} prototype
 * @param {PropertyKey} key
 * @returns {(object: any) => any} undefined where there is no such accessor
 */
function getter(prototype, key) {
  const get = getOwnPropertyDescriptor(prototype, key)?.get;
  return /** @type {any} */ (get && uncurry(get));
}

/**
 * A subclass with methods of its parent for its own. Nobody else gets to see an object of it.
 * @template {new (...args: any[]) => object} C
 * @param {C} parent
 * @param {PropertyKey[]} [methods]
 * @returns {C}
 */
function safe(parent, methods = ownKeys(parent.prototype)) {
  const own = /** @type {any} */ (class extends parent {});
  for (const key of methods) {
    if (key !== 'constructor') defineProperty(own.prototype, key, /** @type {any} */ (getOwnPropertyDescriptor(parent.prototype, key)));
  }
  return own;
}

/**
 * As push(), of one element.
 * @template T
 * @param {T[]} array
 * @param {T} element
 */
function append(array, element) {
  array[array.length] = element;
}

/**
 * Takes an object of options out of the reach of Object.prototype: a function of the platform's asks it for more than we give.
 * @template {object} T
 * @param {T} options  nobody else's
 * @returns {T}
 */
const bare = (options) => setPrototypeOf(options, null);

/**
 * Makes a property that can be changed, whatever Object.prototype has: a description inherits a `get` from there.
 * @template {object} T
 * @param {T} object
 * @param {PropertyKey} key
 * @param {unknown} value
 * @param {boolean} [enumerable]
 * @returns {T}
 */
function defineValue(object, key, value, enumerable = false) {
  return defineProperty(object, key, /** @type {PropertyDescriptor} */ ({ __proto__: null, value, writable: true, enumerable, configurable: true }));
}

/**
 * What an object has of its own under a key: undefined for accessors, of which nothing runs.
 * @param {object} object
 * @param {PropertyKey} key
 * @returns {any}
 */
function ownValue(object, key) {
  const property = getOwnPropertyDescriptor(object, key);
  return property !== undefined && hasOwn(property, 'value') ? property.value : undefined;
}

/** A list that stays empty. @type {never[]} */
const NONE = Object.freeze(/** @type {any} */ ([]));

/** What we read and write with a DataView. A start is counted in what it leaves to the collector, and there are twice as many. */
const IN_VIEWS = [
  'getBigInt64', 'getBigUint64', 'getFloat64', 'getInt16', 'getInt32', 'getUint32',
  'setBigInt64', 'setBigUint64', 'setFloat64', 'setInt16', 'setInt32', 'setUint32',
];

const buffer = /** @type {any} */ (Buffer.prototype);
const typedArray = getPrototypeOf(Uint8Array.prototype);

module.exports = {
  uncurry,
  SharedArrayBuffer,
  getter,
  append,
  NONE,
  /** @type {MapConstructor} */
  SafeMap: safe(Map),
  /** @type {SetConstructor} */
  SafeSet: safe(Set),
  /** @type {WeakMapConstructor} */
  SafeWeakMap: safe(WeakMap),
  /** @type {DataViewConstructor} */
  SafeDataView: safe(DataView, IN_VIEWS),
  defineProperty,
  bare,
  defineValue,
  ownValue,
  getOwnPropertyDescriptor,
  getOwnPropertySymbols,
  getPrototypeOf,
  objectKeys: keys,
  apply,
  deleteProperty,
  max,
  min,
  isInteger: Number.isInteger,
  bytesFrom: Buffer.from,
  bytesAlloc: Buffer.alloc,

  Int32Array,
  atomicsLoad: Atomics.load,
  atomicsStore: Atomics.store,

  arrayFill: uncurry(Array.prototype.fill),
  arrayFilter: uncurry(Array.prototype.filter),
  arrayIndexOf: uncurry(Array.prototype.indexOf),
  arrayJoin: uncurry(Array.prototype.join),
  arrayMap: uncurry(Array.prototype.map),
  arraySlice: uncurry(Array.prototype.slice),
  arraySort: uncurry(Array.prototype.sort),

  charCodeAt: uncurry(String.prototype.charCodeAt),
  stringIndexOf: uncurry(String.prototype.indexOf),
  stringLastIndexOf: uncurry(String.prototype.lastIndexOf),
  stringSlice: uncurry(String.prototype.slice),
  substring: uncurry(String.prototype.substring),
  stringSplit: uncurry(String.prototype.split),
  startsWith: uncurry(String.prototype.startsWith),
  numberToString: uncurry(Number.prototype.toString),
  bigintToString: uncurry(BigInt.prototype.toString),
  symbolDescription: getter(Symbol.prototype, 'description'),
  functionToString: uncurry(Function.prototype.toString),
  /** In a for-in it costs nothing: compiled code knows that it asks for what the loop is at. */
  hasOwnProperty: uncurry(Object.prototype.hasOwnProperty),
  objectToString: uncurry(Object.prototype.toString),
  dateGetTime: uncurry(Date.prototype.getTime),

  mapForEach: uncurry(Map.prototype.forEach),
  mapSet: uncurry(Map.prototype.set),
  mapSize: getter(Map.prototype, 'size'),
  setAdd: uncurry(Set.prototype.add),
  setForEach: uncurry(Set.prototype.forEach),
  setSize: getter(Set.prototype, 'size'),

  /** Whether a buffer can neither change nor be detached: a proposal, which engines have not had for long. @type {(buffer: object) => boolean} */
  isImmutable: hasOwn(ArrayBuffer.prototype, 'immutable') ? getter(ArrayBuffer.prototype, 'immutable') : () => false,
  typedArray,
  bytesAt: uncurry(typedArray.at),
  bytesSet: uncurry(typedArray.set),
  bytesSlice: uncurry(typedArray.slice),
  intsFill: uncurry(typedArray.fill),
  subarray: uncurry(typedArray.subarray),

  hexSlice: uncurry(buffer.hexSlice),
  hexWrite: uncurry(buffer.hexWrite),
  latin1Slice: uncurry(buffer.latin1Slice),
  latin1Write: uncurry(buffer.latin1Write),
  ucs2Slice: uncurry(buffer.ucs2Slice),
  ucs2Write: uncurry(buffer.ucs2Write),
  utf8Write: uncurry(buffer.utf8Write),
};
