// An array that is nothing but numbers: all of them in one go.
'use strict';

const { COST, MAX_PRESIZED } = require('../limits.js');
const { NUMBERS } = require('../tags.js');
const { malformed } = require('./malformed.js');

/**
 * @typedef {import('./graph-reader.js').GraphReader} GraphReader
 * @typedef {(view: DataView, pos: number, numbers: number[], length: number) => void} Run
 */

const { Array } = globalThis;

/** One for each form, so that the engine compiles it for what it meets there and nowhere else. @type {Run[]} */
const runs = [];
runs[NUMBERS.INT8] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) numbers[i] = view.getInt8(pos + i);
};
runs[NUMBERS.INT16] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) numbers[i] = view.getInt16(pos + 2 * i, true);
};
runs[NUMBERS.INT32] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) numbers[i] = view.getInt32(pos + 4 * i, true);
};
runs[NUMBERS.FLOAT64] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) numbers[i] = view.getFloat64(pos + 8 * i, true);
};

/**
 * What stands behind the tag.
 * @param {GraphReader} reader
 */
function readNumbers(reader) {
  const form = reader.byte();
  const length = reader.varint();
  if (form >= runs.length) throw malformed('numbers of an unknown form');
  const start = reader.take(length * 2 ** form);
  reader.spend(COST.SHORT_ARRAY + COST.ELEMENT * length);
  /** @type {number[]} */
  const numbers = length > MAX_PRESIZED ? [] : new Array(length);
  runs[form](reader.view, start, numbers, length);
  return numbers;
}

module.exports = { readNumbers };
