// Reads the second argument of the web's postMessage as WebIDL does: a sequence of objects, or a dictionary with one.
'use strict';

const { dataClone, invalidType } = require('../../native');
const { checkTransfer } = require('../../transfer');
const { isObject, iteratorOf, listOf } = require('./sequence.js');

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */

const noSequence = () => invalidType('postMessage: the transfer list is not a sequence');

/** @param {unknown} element */
function check(element) {
  if (!isObject(element)) throw invalidType('postMessage: an element of the transfer list is not an object');
}

/**
 * @param {any} options
 * @returns {unknown[]}
 */
function elementsOf(options) {
  if (options === null) return [];
  if (!isObject(options)) throw invalidType('postMessage: the options are not an object');
  const method = iteratorOf(options);
  if (method != null) return listOf(options, method, check, noSequence);
  const list = options.transfer;
  return list === undefined ? [] : listOf(list, iteratorOf(list), check, noSequence);
}

/**
 * @param {unknown} transfer
 * @param {Endpoint | null} source
 */
function readWebTransfer(transfer, source) {
  return checkTransfer(elementsOf(transfer), source, dataClone, true);
}

module.exports = { readWebTransfer };
