// Of what sort an object is, in one call: every object of every message is asked for.
'use strict';

const types = require('node:util/types');
const { engineTells, native, objectToString } = require('../../native');

const {
  isProxy, isMap, isSet, isAnyArrayBuffer, isPromise, isWeakMap, isWeakSet, isGeneratorObject, isMapIterator, isSetIterator,
  isBigIntObject, isSymbolObject,
} = types;
const { isArray } = Array;
const { toStringTag } = Symbol;
const { isView } = ArrayBuffer;

/**
 * By internal slots, whatever the prototype is: a Map whose prototype was set to Object.prototype is a Map still. As
 * src/node/engine/sorts.rs and lib/native/specimens.js number them.
 * @enum {number}
 */
const SORT = Object.freeze({
  /** No verdict: it is of another sort, or nobody has told. */
  UNTOLD: 0,
  /** No proxy, no array, and without internal slots. */
  ORDINARY: 1,
  ARRAY: 2,
  MAP: 3,
  SET: 4,
  DATE: 5,
  REGEXP: 6,
  ERROR: 7,
  // The engine leaves these to look().
  VIEW: 8,
  PROXY: 9,
  OTHER: 10,
});

/**
 * What nothing but its prototype tells apart, a WeakRef or an array's iterator, passes for ordinary without it.
 * @param {object} object
 */
function looksOrdinary(object) {
  // A tag hides what the object is made of, and its getter would run.
  return !isProxy(object) && !(toStringTag in object) && objectToString(object) === '[object Object]' && !isView(object)
    && !isMap(object) && !isSet(object) && !isPromise(object) && !isAnyArrayBuffer(object) && !isWeakMap(object)
    && !isWeakSet(object) && !isGeneratorObject(object) && !isMapIterator(object) && !isSetIterator(object)
    && !isBigIntObject(object) && !isSymbolObject(object);
}

/** Of an object, at once, where the engine tells. */
const { sortOf } = native;

/**
 * Goes on where it has not told.
 * @param {object} object
 */
function look(object) {
  const tells = engineTells(); // which the first object is the first to ask
  const sort = tells ? sortOf(object) : SORT.UNTOLD;
  if (sort !== SORT.UNTOLD) return sort;
  if (!tells && looksOrdinary(object)) return SORT.ORDINARY;
  if (isView(object)) return SORT.VIEW;
  if (isProxy(object)) return SORT.PROXY; // before isArray(), which throws if it is revoked
  return isArray(object) ? SORT.ARRAY : SORT.OTHER;
}

module.exports = { SORT, look, sortOf };
