// Of what sort an object is, in one call: every object of every message is asked for.
'use strict';

const types = require('node:util/types');
const { engineTells, native, objectToString } = require('../../native');

const {
  isProxy, isMap, isSet, isAnyArrayBuffer, isPromise, isWeakMap, isWeakSet, isGeneratorObject, isMapIterator, isSetIterator,
  isBigIntObject, isSymbolObject,
} = types;
const { Array } = globalThis;
const { isArray } = Array;
const { apply } = Reflect;
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
  /** An array with all its elements and nothing else, none of which is a getter. Another may be such a one, too. */
  FULL_ARRAY: 8,
  // The engine leaves these to look().
  VIEW: 9,
  PROXY: 10,
  OTHER: 11,
  /** Ordinary, and with its properties in a table, or with elements: its list of keys is no shape that others could have, too. */
  TABLE: 12,
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

/** An array has the shape of one of these, by what has been put into it, unless something else was done to it than to fill it. */
const [WHOLE, ANY, FRACTIONS] = [[1], [''], [1.5]];
/** And that of one of these if some were left out, though they have been filled since. */
const [WHOLE_OR_HOLE, ANY_OR_HOLE, FRACTION_OR_HOLE] = [[, 1], [, ''], [, 1.5]]; // eslint-disable-line no-sparse-arrays

const { isAlike, sortsOf } = native;

/**
 * What is called for every object of every message: without Node-API in between, where that can be. Neither is there before an object has
 * been asked for, and neither is ever another one, so that the engine compiles the calls for what they call.
 * @type {typeof native.sortOf | undefined}
 */
let tell;
/** @type {typeof native.hashedSortOf | undefined} */
let tellHashed;

function begin() {
  const direct = engineTells() ? native.directSorts() : undefined; // the first object is the first to ask
  tell = direct === undefined ? native.sortOf : direct[0];
  tellHashed = direct === undefined ? native.hashedSortOf : direct[1];
}

/** Bits of what is told that are a sort; above them is a number that the object keeps, or 0. As src/node/calls/values.rs has it. */
const SORT_BITS = 4;
const SORT_MASK = (1 << SORT_BITS) - 1;

/** What stands in front of those that are asked for. */
const AHEAD = 5;

/**
 * Of an object, at once, where the engine tells.
 * @param {object} object
 * @returns {number}
 */
function sortOf(object) {
  if (tell !== undefined) return tell(object, WHOLE, ANY, FRACTIONS);
  begin();
  return sortOf(object);
}

/**
 * The same, and above its bits the number that it keeps.
 * @param {object} object
 * @returns {number}
 */
function hashedSortOf(object) {
  if (tellHashed !== undefined) return tellHashed(object, WHOLE, ANY, FRACTIONS);
  begin();
  return hashedSortOf(object);
}

/**
 * Those of a list, as what `tellEach` takes.
 * @param {unknown[]} list
 * @param {number} from
 * @param {number} to  TOLD_AT_ONCE behind it at most
 */
function asking(list, from, to) {
  const asked = new Array(AHEAD + to - from);
  asked[2] = WHOLE;
  asked[3] = ANY;
  asked[4] = FRACTIONS;
  for (let i = from; i < to; i++) asked[AHEAD + i - from] = list[i];
  return asked;
}

/**
 * Of each of these its sort, and the number that it keeps; 0 for what is no object.
 * @param {Int32Array} told
 * @param {boolean} hashed  otherwise there are no numbers
 * @param {any[]} asked
 */
function tellEach(told, hashed, asked) {
  asked[0] = told;
  asked[1] = hashed;
  apply(sortsOf, native, asked);
}

/**
 * Whether an array has nothing but elements, as the engine says; a `false` is no verdict.
 * @param {any[]} array
 */
const hasOnlyElements = (array) => isAlike(array, ANY_OR_HOLE) || isAlike(array, WHOLE_OR_HOLE) || isAlike(array, FRACTION_OR_HOLE);

/**
 * Goes on where it has not told.
 * @param {object} object
 */
function look(object) {
  const tells = engineTells();
  const sort = tells ? sortOf(object) : SORT.UNTOLD;
  if (sort !== SORT.UNTOLD) return sort;
  if (!tells && looksOrdinary(object)) return SORT.ORDINARY;
  if (isView(object)) return SORT.VIEW;
  if (isProxy(object)) return SORT.PROXY; // before isArray(), which throws if it is revoked
  return isArray(object) ? SORT.ARRAY : SORT.OTHER;
}

module.exports = { AHEAD, SORT, SORT_BITS, SORT_MASK, asking, hasOnlyElements, hashedSortOf, look, sortOf, tellEach };
