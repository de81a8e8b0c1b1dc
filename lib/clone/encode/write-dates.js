// Dates in a row: one that is later than all before it has not come before, so that nobody has to look for it.
'use strict';

const { dateGetTime } = require('../../native');
const { OBJECT } = require('../tags.js');
const { SORT, sortOf } = require('../kind');

const { Array } = globalThis;

/** @typedef {import('./graph-writer.js').GraphWriter} GraphWriter */

/** Bytes of one. */
const DATE = 9;

/**
 * Writes the Dates that an array begins with, as far as each is later than the one before, or each earlier. No program's code runs meanwhile.
 * @param {GraphWriter} writer
 * @param {any[]} array  of objects
 * @param {number} length
 * @returns {number} how many
 */
function writeDates(writer, array, length) {
  const { others } = writer;
  const end = length - 1;
  if (!others.isEmpty() || sortOf(array[0]) !== SORT.DATE || sortOf(array[end]) !== SORT.DATE) return 0;
  const direction = dateGetTime(array[end]) < dateGetTime(array[0]) ? -1 : 1;
  writer.reserve(DATE * length);
  const { bytes, pos, view } = writer;
  /** @type {object[]} */
  const objects = new Array(length);
  let last = -Infinity;
  let i = 0;
  for (; i < length; i++) {
    const date = array[i];
    const time = timeOf(date);
    if (!(direction * time > last)) break; // nor if it is none
    last = direction * time;
    bytes[pos + DATE * i] = OBJECT.DATE;
    view.setFloat64(pos + DATE * i + 1, time, true);
    objects[i] = date;
  }
  writer.pos = pos + DATE * i;
  objects.length = i;
  others.meetRow({ objects, place: pos, size: DATE });
  return i;
}

/** @param {any} value @returns {number} NaN as well of what is no Date */
function timeOf(value) {
  try {
    return dateGetTime(value);
  } catch {
    return NaN;
  }
}

module.exports = { writeDates };
