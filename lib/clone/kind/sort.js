// Of what sort an object is, in one call: every object of every message is asked for.
'use strict';

const { types } = require('node:util');
const { native, objectToString } = require('../../native');

const {
  isProxy, isMap, isSet, isAnyArrayBuffer, isPromise, isWeakMap, isWeakSet, isGeneratorObject, isMapIterator, isSetIterator,
  isBigIntObject, isSymbolObject,
} = types;
const { isArray } = Array;
const { toStringTag } = Symbol;
const { isView } = ArrayBuffer;

/**
 * By internal slots, whatever the prototype is: a Map whose prototype was set to Object.prototype is a Map still. As
 * src/node/engine/sorts.rs and specimens.js number them.
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

/** @param {object} object */
const looksLike = (object) => (looksOrdinary(object) ? SORT.ORDINARY : SORT.UNTOLD);

/** Another thread of the process may have had the engine look at some of each. */
function tells() {
  if (native.sortOf({}) === SORT.ORDINARY) return true;
  const { ofEachSort, ofOthers } = require('./specimens.js');
  try {
    return native.learnSorts(ofEachSort(), ofOthers());
  } catch {
    return false; // a program has taken the language apart before
  }
}

/** The engine tells at once where it tells. @type {(object: object) => number} */
const sortOf = tells() ? native.sortOf : looksLike;

/**
 * Goes on where nobody has told.
 * @param {object} object  not an ordinary one
 */
function look(object) {
  if (isView(object)) return SORT.VIEW;
  if (isProxy(object)) return SORT.PROXY; // before isArray(), which throws if it is revoked
  return isArray(object) ? SORT.ARRAY : SORT.OTHER;
}

module.exports = { SORT, look, sortOf };
