// Reads the second argument of the web's postMessage as WebIDL does: a sequence of objects, or a dictionary with one.
'use strict';

const { dataClone, invalidType } = require('../../native');
const { checkTransfer } = require('../../transfer');

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */

/** @param {any} value */
const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

/** @param {any} value */
const isIterable = (value) => isObject(value) && value[Symbol.iterator] != null;

/**
 * @param {any} options
 * @returns {unknown[]}
 */
function listOf(options) {
  if (options === null) return [];
  if (!isObject(options)) throw invalidType('postMessage: the options are not an object');
  const list = isIterable(options) ? options : options.transfer;
  if (list === undefined) return [];
  if (!isIterable(list)) throw invalidType('postMessage: the transfer list is not a sequence');
  const elements = [...list];
  if (!elements.every(isObject)) throw invalidType('postMessage: an element of the transfer list is not an object');
  return elements;
}

/**
 * @param {unknown} transfer
 * @param {Endpoint | null} source
 */
function readWebTransfer(transfer, source) {
  return checkTransfer(listOf(transfer), source, dataClone, true);
}

module.exports = { readWebTransfer };
