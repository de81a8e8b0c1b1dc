// Medians, and ratios within one round: what the machine did meanwhile concerns both sides of it.
'use strict';

/** @typedef {{ median: number, min: number, max: number }} Summary */

/** @param {number[]} values @returns {Summary} */
function summary(values) {
  const sorted = values.toSorted?.((a, b) => a - b) ?? [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Of each round's figure to that of another in the same round. @param {number[]} figures @param {number[]} base */
const ratios = (figures, base) => summary(figures.map((figure, round) => figure / base[round]));

module.exports = { ratios, summary };
