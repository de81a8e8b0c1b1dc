// What the codec must be told about the world around it: which objects are ports.
'use strict';

const { types } = require('node:util');

/** @typedef {{ isPort(object: object): boolean }} Host */

/** @type {Host} */
let host = { isPort: () => false };

/**
 * Called once by the port faces.
 * @param {Host} newHost
 */
function registerHost(newHost) {
  host = newHost;
}

/** @param {object} object */
function isPort(object) {
  return host.isPort(object);
}

/**
 * Can this object stand in a transfer list?
 * @param {unknown} object
 */
function isTransferable(object) {
  return typeof object === 'object' && object !== null && (types.isArrayBuffer(object) || host.isPort(object));
}

module.exports = { registerHost, isPort, isTransferable };
