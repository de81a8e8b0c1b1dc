// What the codec must be told about the world around it: which objects are ports, and what else has to be listed.
'use strict';

/** @typedef {{ isPort(object: object): boolean, needsTransfer(object: object): boolean }} Host */

/** @type {Host} */
let host = { isPort: () => false, needsTransfer: () => false };

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
 * Could it be handed over, if it were in the list? Asked for what is refused otherwise.
 * @param {object} object
 */
function needsTransfer(object) {
  return host.needsTransfer(object);
}

module.exports = { registerHost, isPort, needsTransfer };
