// What the codec must be told about the world around it: which objects are ports.
'use strict';

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

module.exports = { registerHost, isPort };
