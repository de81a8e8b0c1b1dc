// Numbers as people read them.
'use strict';

/** Three digits that count, thousands apart. @param {number} value */
function digits(value) {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
  return grouped(Math.abs(value) < 0.001 ? '0' : text);
}

/** @param {number | string} value */
const grouped = (value) => String(value).replace(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ' ');

/** How many times. @param {number} value */
const times = (value) => `${value >= 9.95 ? grouped(value.toFixed(0)) : value >= 0.995 ? value.toFixed(1) : value.toPrecision(2)}×`;

/** @param {number} value */
const percent = (value) => `${(100 * value).toFixed(0)} %`;

module.exports = { digits, grouped, percent, times };
