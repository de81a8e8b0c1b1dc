// Reads the second argument of Node's postMessage: an iterable, or an object with one as `transfer`; in Node's words.
'use strict';

const { isArrayBuffer } = require('node:util/types');
const { MAJOR, SafeSet, arrayFilter, dataClone, invalidType } = require('../../native');
const { endpointOf } = require('../../port');
const { checkTransfer, departureOf, detachable, isDetachable } = require('../../transfer');

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */

/** What was marked here. Node itself keeps the marks of all but ports of ours, and tells nobody of them on Node 20. */
const marked = new WeakSet();

const { isArray } = Array;
const { iterator: ITERATOR } = Symbol;

/**
 * What was marked, memory of the Buffer pool or of WebAssembly, what is detached: before Node 21 a list passes over it.
 * @param {any} element
 */
const mayLeave = (element) => !marked.has(element) && (!isArrayBuffer(element) || isDetachable(element));

/**
 * As Node does, which asks no array for its iterator.
 * @param {any} value
 * @returns {unknown[] | undefined} undefined: it is not iterable
 */
function listOf(value) {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  const list = [];
  if (isArray(value)) {
    const { length } = value;
    for (let i = 0; i < length; i++) list[i] = value[i];
    return list;
  }
  const begin = value[ITERATOR];
  if (typeof begin !== 'function') return undefined;
  const iterator = begin.call(value);
  const next = iterator?.next;
  if (typeof next !== 'function') return undefined;
  for (let step = next.call(iterator); !step.done; step = next.call(iterator)) list.push(step.value);
  return list;
}

/** @param {any} argument */
function readArgument(argument) {
  if (argument === undefined || argument === null) return [];
  if (typeof argument !== 'object' && typeof argument !== 'function') throw invalidType('Optional transferList argument must be an iterable');
  const list = listOf(argument);
  if (list !== undefined) return list;
  const { transfer } = argument;
  const inner = transfer === undefined ? [] : listOf(transfer);
  if (inner === undefined) throw invalidType('Optional options.transfer argument must be an iterable');
  return inner;
}

/**
 * Node finds memory that may not leave where it stands, before what is wrong behind it. We look for it only if something is: what is
 * posted looks at it once more.
 * @param {unknown[]} list
 * @param {number} index  of what is wrong
 * @param {string} text
 */
function refusal(list, index, text) {
  for (let i = 0; i <= index; i++) if (isArrayBuffer(list[i])) detachable(/** @type {ArrayBuffer} */ (list[i]), i);
  return dataClone(text);
}

/**
 * Its name to Node.
 * @param {unknown} element
 * @returns {string | undefined} undefined: it cannot be handed over
 */
function kindOf(element) {
  if (isArrayBuffer(element)) return 'ArrayBuffer';
  if (endpointOf(element) !== undefined) return 'MessagePort';
  const departure = departureOf(element);
  return departure?.isPort ? 'MessagePort' : departure?.name;
}

/**
 * @param {unknown} argument
 * @param {Endpoint | null} source
 */
function readNodeTransfer(argument, source) {
  const named = readArgument(argument);
  const list = MAJOR < 21 ? arrayFilter(named, mayLeave) : named;
  const seen = new SafeSet();
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    const endpoint = endpointOf(element);
    if (marked.has(/** @type {object} */ (element))) throw refusal(list, i, require('./words.js').UNSUPPORTED);
    if (endpoint !== undefined && endpoint === source) throw refusal(list, i, 'Transfer list contains source port');
    if (i > 0 && seen.has(element)) {
      const kind = kindOf(element);
      if (kind !== undefined) throw refusal(list, i, `Transfer list contains duplicate ${kind}`);
    }
    if (endpoint !== undefined && (endpoint.neutered || endpoint.key === 0)) throw refusal(list, i, 'MessagePort in transfer list is already detached');
    if (list.length > 1) seen.add(element);
  }
  return checkTransfer(list, source, (text) => require('./words.js').invalidElement(text));
}

module.exports = { readNodeTransfer, marked };
