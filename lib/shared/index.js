// The shared room: memory that processes share, and waiting for words of it. It uses native.
// Invariant: what is shared is native's to know, by where it lies; nothing here keeps memory.
'use strict';

const types = require('node:util/types');
const { SafeMap, atomicsLoad, native, invalidType, withCode } = require('../native');
const { MAX_BYTES, SLICE } = require('./limits.js');

const { Promise, RangeError } = globalThis;
const { isSharedArrayBuffer } = types;
const { isInteger, isNaN } = Number;
const { max, min, trunc } = Math;

/** What native's wait answers with. */
const OUTCOMES = /** @type {const} */ (['ok', 'not-equal', 'timed-out']);
const TIMED_OUT = 2;

/** More than can sleep for a word. */
const ALL = 2 ** 31 - 1;

/** @param {string} text */
const outOfRange = (text) => withCode(new RangeError(text), 'ERR_OUT_OF_RANGE');

/**
 * @param {unknown} value
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
function checkInteger(value, name, least, most) {
  if (typeof value !== 'number') throw invalidType(`sharedMemory: ${name} is not a number`);
  if (!isInteger(value) || value < least || value > most) throw outOfRange(`sharedMemory: ${name} is ${value}; it has to be an integer from ${least} to ${most}`);
}

/** @param {number} byteLength */
function create(byteLength) {
  checkInteger(byteLength, 'byteLength', 1, MAX_BYTES);
  return native.sharedCreate(byteLength);
}

/**
 * Where a word lies in its memory.
 * @param {Int32Array} view
 * @param {number} index
 */
function place(view, index) {
  if (!types.isInt32Array(view) || !isSharedArrayBuffer(view.buffer) || !native.isSharedMemory(view.buffer)) {
    throw invalidType('sharedMemory: view is no Int32Array over memory from sharedMemory.create()');
  }
  checkInteger(index, 'index', 0, view.length - 1);
  return view.byteOffset + 4 * index;
}

/**
 * @param {unknown} timeout  undefined: for ever
 * @returns {number} milliseconds
 */
function checkTimeout(timeout) {
  if (timeout === undefined) return Infinity;
  if (typeof timeout !== 'number') throw invalidType('sharedMemory: timeout is not a number');
  return isNaN(timeout) ? Infinity : max(timeout, 0);
}

/**
 * Sleeps in slices: between two of them a thread can be terminated. What is notified of meanwhile ends its turn.
 * @param {Int32Array} view
 * @param {number} index
 * @param {number} value
 * @param {number} [timeout]
 */
function wait(view, index, value, timeout) {
  const offset = place(view, index);
  checkInteger(value, 'value', -(2 ** 31), 2 ** 31 - 1);
  const most = checkTimeout(timeout);
  const turn = native.sharedTurn(view.buffer, offset);
  for (let left = most, again = false; ; left -= SLICE, again = true) { // by no clock of JavaScript's, which a test may have stopped
    const outcome = native.sharedWait(view.buffer, offset, value, min(left, SLICE), turn, again);
    if (outcome !== TIMED_OUT || left <= SLICE) return OUTCOMES[outcome];
  }
}

/** Who waits, by the number that native knows it by. @type {Map<number, (outcome: typeof OUTCOMES[number]) => void>} */
const waiting = new SafeMap();
let lastNumber = 0;

/**
 * It does not hold the event loop, as Atomics.waitAsync does not.
 * @param {Int32Array} view
 * @param {number} index
 * @param {number} value
 * @param {number} [timeout]
 * @returns {Promise<typeof OUTCOMES[number]>}
 */
async function waitAsync(view, index, value, timeout) {
  const offset = place(view, index);
  checkInteger(value, 'value', -(2 ** 31), 2 ** 31 - 1);
  const most = checkTimeout(timeout);
  const turn = native.sharedTurn(view.buffer, offset);
  if (atomicsLoad(view, index) !== value) return 'not-equal';
  if (most === 0) return 'timed-out';
  do lastNumber = (lastNumber + 1) & 0x7fffffff; while (lastNumber === 0 || waiting.has(lastNumber));
  const number = lastNumber;
  native.sharedWaitLater(view.buffer, offset, value, most, turn, number);
  return new Promise((resolve) => { waiting.set(number, resolve); });
}

/**
 * A wait has ended.
 * @param {number} number
 * @param {number} outcome
 */
function slept(number, outcome) {
  waiting.get(number)?.(OUTCOMES[outcome]);
  waiting.delete(number);
}

/**
 * @param {Int32Array} view
 * @param {number} index
 * @param {number} [count]  Infinity, a fraction and what is below 0 mean what they do to Atomics.notify
 */
function notify(view, index, count = ALL) {
  const offset = place(view, index);
  if (typeof count !== 'number') throw invalidType('sharedMemory: count is not a number');
  return native.sharedNotify(view.buffer, offset, isNaN(count) ? 0 : trunc(max(0, min(count, ALL))));
}

const sharedMemory = Object.freeze({ create, wait, waitAsync, notify });

module.exports = { sharedMemory, slept };
