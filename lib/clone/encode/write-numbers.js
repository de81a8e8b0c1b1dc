// An array that is nothing but numbers: how narrow they are, and all of them in one go.
'use strict';

const { OBJECT, NUMBERS } = require('../tags.js');

/**
 * @typedef {import('./byte-writer.js').ByteWriter} ByteWriter
 * @typedef {(view: DataView, pos: number, numbers: number[], length: number) => void} Run
 */

/** No form: not all are numbers. */
const NO_FORM = -1;

/** One for each form, so that the engine compiles it for what it meets there and nowhere else. @type {Run[]} */
const runs = [];
runs[NUMBERS.INT8] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) view.setInt8(pos + i, numbers[i]);
};
runs[NUMBERS.INT16] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) view.setInt16(pos + 2 * i, numbers[i], true);
};
runs[NUMBERS.INT32] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) view.setInt32(pos + 4 * i, numbers[i], true);
};
runs[NUMBERS.FLOAT64] = (view, pos, numbers, length) => {
  for (let i = 0; i < length; i++) view.setFloat64(pos + 8 * i, numbers[i], true);
};

/**
 * The narrowest form that holds them all.
 * @param {unknown[]} elements
 * @param {number} length
 */
function formOf(elements, length) {
  let bits = 0;
  for (let i = 0; i < length; i++) {
    const value = elements[i];
    if (typeof value !== 'number') return NO_FORM;
    const int = value | 0;
    if (int !== value || (int === 0 && 1 / value < 0)) return areNumbers(elements, i + 1, length) ? NUMBERS.FLOAT64 : NO_FORM;
    bits |= int ^ (int >> 31);
  }
  if (bits < 0x80) return NUMBERS.INT8;
  return bits < 0x8000 ? NUMBERS.INT16 : NUMBERS.INT32;
}

/**
 * @param {unknown[]} elements
 * @param {number} from
 * @param {number} length
 */
function areNumbers(elements, from, length) {
  for (let i = from; i < length; i++) if (typeof elements[i] !== 'number') return false;
  return true;
}

/**
 * Writes an array if it is nothing but numbers.
 * @param {ByteWriter} writer
 * @param {any[]} elements  are read twice: none of them is a getter
 * @param {number} length
 * @returns {boolean} whether it did
 */
function writeNumbers(writer, elements, length) {
  const form = formOf(elements, length);
  if (form === NO_FORM) return false;
  const size = length * 2 ** form;
  writer.byte(OBJECT.NUMBERS);
  writer.tagged(form, length);
  writer.reserve(size);
  runs[form](writer.view, writer.pos, elements, length);
  writer.pos += size;
  return true;
}

module.exports = { writeNumbers };
