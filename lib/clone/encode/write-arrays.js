// Arrays: those of numbers, texts or objects many at once, those with holes or names by frames.
'use strict';

const { OBJECT } = require('../tags.js');
const { LINEAR_SEARCH, MANY_ALIKE, MAX_RECURSION, TOLD_AT_ONCE } = require('../limits.js');
const { located } = require('./refusal.js');
const { elementStep } = require('./path.js');
const { AHEAD, SORT, SORT_BITS, SORT_MASK, asking, hasOnlyElements, sortOf, tellEach } = require('../kind');
const { unevenOf } = require('../array-shape.js');
const { ArrayFrame, UnevenArrayFrame } = require('./write-frames.js');
const { writeDates } = require('./write-dates.js');
const { writeNumbers } = require('./write-numbers.js');
const { writeTexts } = require('./listed-texts.js');

/**
 * @typedef {import('./graph-writer.js').GraphWriter} GraphWriter
 * @typedef {import('../array-shape.js').Uneven} Uneven
 */

const { Int32Array } = globalThis;
const { min } = Math;
const { hasOwn } = Object;

/** Elements of an array, all of which are found among the others as soon without a hash. */
const FEW = LINEAR_SEARCH / 2;

/**
 * One that is not known yet.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} sort
 * @param {number} depth
 */
function writeArray(writer, array, sort, depth) {
  const { length } = array;
  const hasOnlyData = isOnlyData(array, length, sort);
  const uneven = writeOrTell(writer, array, length, sort, hasOnlyData);
  if (uneven === undefined) return;
  if (uneven !== null) return writer.run(openUneven(writer, array, length, uneven), depth);
  const place = writer.pos;
  writer.tagged(OBJECT.ARRAY, length);
  if (hasOnlyData && length >= MANY_ALIKE && isObject(array[0]) && depth + 1 < MAX_RECURSION) return writeObjects(writer, array, length, place, depth + 1);
  if (sort === SORT.FULL_ARRAY) return writeFull(writer, array, length, place, depth + 1);
  writer.began++;
  let i = 0;
  try {
    for (; i < length; i++) writeElement(writer, array, i, place, depth + 1);
  } catch (error) {
    throw located(error, elementStep(i));
  }
}

/**
 * The head of one that is not known yet.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} sort
 * @returns {import('./write-frames.js').Frame | null} its elements; null: they have been written
 */
function openArray(writer, array, sort) {
  const { length } = array;
  const uneven = writeOrTell(writer, array, length, sort, isOnlyData(array, length, sort));
  if (uneven === undefined) return null;
  if (uneven !== null) return openUneven(writer, array, length, uneven);
  const place = writer.pos;
  writer.tagged(OBJECT.ARRAY, length);
  return new ArrayFrame(array, length, place);
}

/**
 * Whether an array has nothing but elements, none of which is a getter: to look at one early is nothing that a program would see. A `false`
 * is no verdict, and of a short array that is not full nobody asks.
 * @param {any[]} array
 * @param {number} length
 * @param {number} sort  of the array
 */
const isOnlyData = (array, length, sort) => sort === SORT.FULL_ARRAY || (length >= MANY_ALIKE && hasOnlyElements(array));

/**
 * Writes an array whose elements are alike.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length
 * @param {number} sort  of the array
 * @param {boolean} hasOnlyData
 * @returns {Uneven | null | undefined} undefined: it has been written; otherwise what it has that is not even, null: nothing
 */
function writeOrTell(writer, array, length, sort, hasOnlyData) {
  const uneven = sort === SORT.FULL_ARRAY ? null : unevenOf(array, length, hasOnlyData);
  return uneven === null && hasOnlyData && length >= MANY_ALIKE && writeAlike(writer, array, length) ? undefined : uneven;
}

/**
 * Writes a full array whose elements are all numbers, or all short texts, in one go.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length
 * @returns {boolean} whether it did
 */
function writeAlike(writer, array, length) {
  switch (typeof array[0]) {
    case 'number': return writeNumbers(writer, array, length);
    case 'string': return writeOnlyTexts(writer, array, length);
    default: return false;
  }
}

/**
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length
 */
function writeOnlyTexts(writer, array, length) {
  const place = writer.pos;
  writer.tagged(OBJECT.TEXTS, length);
  if (writeTexts(writer, array, length)) return true;
  writer.pos = place;
  return false;
}

/**
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length  that it had at first
 * @param {Uneven} uneven
 */
function openUneven(writer, array, length, uneven) {
  const place = writer.pos;
  writer.tagged(uneven.indices < uneven.names.length ? OBJECT.NAMED_ARRAY : OBJECT.ARRAY, length);
  return new UnevenArrayFrame(array, length, uneven, place);
}

/**
 * The elements of one that has all of them, and no getters.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length
 * @param {number} place  of its tag
 * @param {number} depth
 */
function writeFull(writer, array, length, place, depth) {
  let i = 0;
  try {
    for (; i < length; i++) writeRead(writer, array[i], array, i, place, depth);
  } catch (error) {
    throw located(error, elementStep(i));
  }
}

/**
 * An element that may be a getter, which may delete itself.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} i
 * @param {number} place  of the array's tag
 * @param {number} depth
 */
function writeElement(writer, array, i, place, depth) {
  if (hasOwn(array, i)) writer.value(array[i], depth);
  else writer.absent(place);
}

/**
 * One that was read already.
 * @param {GraphWriter} writer
 * @param {unknown} value
 * @param {any[]} array
 * @param {number} i
 * @param {number} place  of the array's tag
 * @param {number} depth
 */
function writeRead(writer, value, array, i, place, depth) {
  if (value !== undefined || hasOwn(array, i)) writer.value(value, depth);
  else writer.absent(place); // a getter has deleted it meanwhile
}

/**
 * The elements of an array of many objects: it is asked of some at once what they are.
 * @param {GraphWriter} writer
 * @param {any[]} array
 * @param {number} length
 * @param {number} place  of its tag
 * @param {number} depth
 */
function writeObjects(writer, array, length, place, depth) {
  const told = (writer.told[depth] ??= new Int32Array(TOLD_AT_ONCE));
  const hashed = length > FEW;
  let i = 0;
  try {
    i = writeDates(writer, array, length);
    // Where a getter has made an element another one of these, nothing is looked at early any more.
    for (let from = i; from < length && (from === 0 || isOnlyData(array, length, sortOf(array))); from = i) {
      const to = min(length, from + TOLD_AT_ONCE);
      const asked = asking(array, from, to);
      tellEach(told, hashed, asked);
      const { began } = writer;
      for (; i < to; i++) {
        const value = array[i];
        const sort = told[i - from] & SORT_MASK;
        // A getter may have changed what it is, or that it is full.
        const isStill = value === asked[AHEAD + i - from] && (sort !== SORT.FULL_ARRAY || writer.began === began);
        if (writer.pos > writer.limit) writer.grow(0);
        if (sort === SORT.UNTOLD || !isStill) writeRead(writer, value, array, i, place, depth);
        else writer.objectOfSort(value, sort, told[i - from] >> SORT_BITS, depth);
      }
    }
    for (; i < length; i++) writeElement(writer, array, i, place, depth);
  } catch (error) {
    throw located(error, elementStep(i));
  }
}

/** @param {unknown} value */
const isObject = (value) => typeof value === 'object' && value !== null;

module.exports = { openArray, writeArray };
