// Reads the second argument of postMessage and checks what it names, in the order the contract gives.
'use strict';

const { isArrayBuffer } = require('node:util').types;
const { SafeMap, append, arrayIndexOf, arrayMap, arraySlice } = require('../native/builtins.js');
const { endpointOf } = require('./endpoint.js');
const { dataClone, invalidType } = require('../native/errors.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */

const { isArray } = Array;
const { getPrototypeOf, hasOwn } = Object;

/**
 * What a checked list names. The maps give each object its index among its kind, as the codec wants it.
 * @typedef {object} Transfer
 * @property {Map<object, number>} ports
 * @property {Map<ArrayBuffer, number>} buffers
 * @property {{ endpoint: Endpoint, index: number }[]} endpoints  in list order, with the place in the list
 * @property {{ buffer: ArrayBuffer, index: number }[]} memory  likewise
 */

/** @param {object} object */
function isPlain(object) {
  const prototype = getPrototypeOf(object);
  return prototype === null || getPrototypeOf(prototype) === null;
}

/**
 * @param {unknown} transfer
 * @returns {unknown[]}
 */
function listOf(transfer) {
  let list = transfer;
  if (typeof list === 'object' && list !== null && !isArray(list) && isPlain(list)) {
    list = hasOwn(list, 'transfer') ? /** @type {{ transfer?: unknown }} */ (list).transfer : undefined;
    if (list === undefined) return [];
  }
  if (!isArray(list)) throw invalidType('transferables must be an array of MessagePorts');
  return arraySlice(list);
}

/**
 * @param {unknown} transfer  not undefined
 * @param {Endpoint | null} source  the port that is posted to
 * @returns {Transfer | null} null when there is nothing to transfer
 */
function readTransfer(transfer, source) {
  return checkTransfer(listOf(transfer), source, invalidType);
}

/**
 * @param {unknown[]} list
 * @param {Endpoint | null} source  the port that is posted to
 * @param {(text: string) => Error} invalid  makes the error for what cannot be transferred
 * @returns {Transfer | null} null when there is nothing to transfer
 */
function checkTransfer(list, source, invalid) {
  if (list.length === 0) return null;
  /** @type {(Endpoint | undefined)[]} */
  const endpoints = [];
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    const endpoint = endpointOf(element);
    if (endpoint === undefined && !isArrayBuffer(element)) throw invalid(`Port at index ${index} is not a valid port`);
    endpoints[index] = endpoint;
  }
  const self = source === null ? -1 : arrayIndexOf(endpoints, source);
  if (self !== -1) throw dataClone(`Port at index ${self} contains the source port.`);
  return collect(list, endpoints);
}

/**
 * @param {unknown[]} list
 * @param {(Endpoint | undefined)[]} endpoints  beside `list`; undefined beside an ArrayBuffer
 * @returns {Transfer}
 */
function collect(list, endpoints) {
  /** @type {Transfer} */
  const transfer = { ports: new SafeMap(), buffers: new SafeMap(), endpoints: [], memory: [] };
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    const endpoint = endpoints[index];
    /** @type {Map<any, number>} */
    const seen = endpoint === undefined ? transfer.buffers : transfer.ports;
    const kind = endpoint === undefined ? 'ArrayBuffer' : 'Port';
    if (endpoint?.neutered) throw neutered(index);
    if (seen.has(element)) throw dataClone(`${kind} at index ${index} is a duplicate.`);
    seen.set(element, seen.size);
    if (endpoint !== undefined) append(transfer.endpoints, { endpoint, index });
    else append(transfer.memory, { buffer: /** @type {ArrayBuffer} */ (element), index });
  }
  return transfer;
}

/** @param {number} index */
const neutered = (index) => dataClone(`Port at index ${index} is already neutered.`);

/**
 * Getters ran since the list was read.
 * @param {Transfer} transfer
 * @returns {number[]} the keys; 0 for a closed port
 */
function keysOf(transfer) {
  return arrayMap(transfer.endpoints, (/** @type {Transfer['endpoints'][0]} */ { endpoint, index }) => {
    if (endpoint.neutered) throw neutered(index);
    return endpoint.key;
  });
}

module.exports = { readTransfer, checkTransfer, keysOf };
