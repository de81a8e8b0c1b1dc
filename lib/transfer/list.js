// Reads the second argument of postMessage and checks what it names, in the order the contract gives.
'use strict';

const { isArrayBuffer } = require('node:util').types;
const { SafeMap, append, arrayIndexOf, arrayMap, arraySlice, dataClone, invalidType } = require('../native');
const { endpointOf } = require('../port');
const { isDetachable } = require('./memory.js');

/** @typedef {import('../port/endpoint.js').Endpoint} Endpoint */

const { isArray } = Array;
const { getPrototypeOf, hasOwn } = Object;

/** A checked list. The maps give each object its index among its kind, as the codec wants it. */
class TransferList {
  /** @type {Map<object, number>} @readonly */ ports = new SafeMap();
  /** @type {Map<ArrayBuffer, number>} @readonly */ buffers = new SafeMap();
  /** The endpoints of the ports. @type {Endpoint[]} @readonly */ endpoints = [];
  /** Where in the list each of the ports stands, and each of the buffers. @type {number[]} */ #portPlaces = [];
  /** @type {number[]} */ #bufferPlaces = [];
  /** @type {ArrayBuffer[]} */ #memory = [];

  /**
   * @param {any} element
   * @param {Endpoint | undefined} endpoint  undefined: an ArrayBuffer
   * @param {number} index
   */
  add(element, endpoint, index) {
    if (endpoint?.neutered) throw neutered(index);
    const seen = endpoint === undefined ? this.buffers : this.ports;
    if (seen.has(element)) throw dataClone(`${endpoint === undefined ? 'ArrayBuffer' : 'Port'} at index ${index} is a duplicate.`);
    seen.set(element, seen.size);
    append(endpoint === undefined ? this.#bufferPlaces : this.#portPlaces, index);
    if (endpoint === undefined) append(this.#memory, element);
    else append(this.endpoints, endpoint);
  }

  /** Getters ran since the list was read: looks again whether everything can leave, and says what is to. */
  claim() {
    const keys = arrayMap(this.endpoints, (/** @type {Endpoint} */ { key, neutered: gone }, /** @type {number} */ i) => {
      if (gone) throw neutered(this.#portPlaces[i]);
      return key; // 0 for a closed port
    });
    const memory = arrayMap(this.#memory, (/** @type {ArrayBuffer} */ buffer, /** @type {number} */ i) => {
      if (!isDetachable(buffer)) throw dataClone(`ArrayBuffer at index ${this.#bufferPlaces[i]} cannot be detached.`);
      return buffer;
    });
    return { keys, memory };
  }
}

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
 * @returns {TransferList | null} null when there is nothing to transfer
 */
function readTransfer(transfer, source) {
  return checkTransfer(listOf(transfer), source, invalidType);
}

/**
 * @param {unknown[]} list
 * @param {Endpoint | null} source  the port that is posted to
 * @param {(text: string) => Error} invalid  makes the error for what cannot be transferred
 * @returns {TransferList | null} null when there is nothing to transfer
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
  const transfer = new TransferList();
  for (let index = 0; index < list.length; index++) transfer.add(list[index], endpoints[index], index);
  return transfer;
}

/** @param {number} index */
const neutered = (index) => dataClone(`Port at index ${index} is already neutered.`);

module.exports = { readTransfer, checkTransfer };
