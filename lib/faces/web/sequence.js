// Takes a sequence as WebIDL does: its iterator is asked for once, and for nothing behind an element that is refused.
'use strict';

const { append, apply } = require('../../native');

const { isArray } = Array;
const { iterator } = Symbol;
/** As it is when we load. */
const ofArrays = Array.prototype.values; // the same function

/** @param {any} value */
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * What iterates it; undefined or null for what is no sequence, and whatever its maker likes for what pretends to be one.
 * @param {any} value
 * @returns {any}
 */
const iteratorOf = (value) => (isObject(value) ? value[iterator] : undefined);

/**
 * @param {any} sequence
 * @param {any} method  that iterates it
 * @param {(element: unknown, before: any[]) => void} check  throws if it may not be one, behind those before it
 * @param {() => Error} invalid  the error where it is no sequence after all
 * @returns {any[]}
 */
function listOf(sequence, method, check, invalid) {
  /** @type {any[]} */
  const list = [];
  const take = (/** @type {unknown} */ element) => {
    check(element, list);
    append(list, element);
  };
  if (method === ofArrays && isArray(sequence)) for (let i = 0; i < sequence.length; i++) take(sequence[i]);
  else takeAll(sequence, method, take, invalid);
  return list;
}

/**
 * @param {any} sequence
 * @param {any} method
 * @param {(element: unknown) => void} take
 * @param {() => Error} invalid
 */
function takeAll(sequence, method, take, invalid) {
  const source = typeof method === 'function' ? apply(method, sequence, []) : undefined;
  const next = isObject(source) ? source.next : undefined;
  if (typeof next !== 'function') throw invalid();
  for (;;) {
    const step = apply(next, source, []);
    if (!isObject(step)) throw invalid();
    if (step.done) return;
    take(step.value);
  }
}

module.exports = { isObject, iteratorOf, listOf };
