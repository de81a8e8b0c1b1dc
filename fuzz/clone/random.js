// Chance that a seed brings back, in the same order on every machine.
'use strict';

/** @typedef {(below: number) => number} Pick */

/**
 * @param {number} seed
 * @returns {Pick} an integer from 0 on, below what is asked for
 */
function random(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/**
 * @template T
 * @param {Pick} pick
 * @param {readonly T[]} list
 */
const oneOf = (pick, list) => list[pick(list.length)];

module.exports = { random, oneOf };
