// Gives a port the other face: the new object takes over the native port, with everything queued in it.
'use strict';

const { endpointOf, orphan } = require('../port');
const { dataClone, invalidType } = require('../native');

/** @typedef {import('../port/endpoint.js').Face} Face */

/**
 * A closed port changes its face as it would travel: the new one emits 'close'.
 * @param {unknown} port  with another face; detached afterwards
 * @param {Face} face
 * @returns {any}
 */
function takeOver(port, face) {
  const endpoint = endpointOf(port);
  if (endpoint === undefined || endpoint.face === face) throw invalidType('from: the argument is not a port with the other face');
  if (endpoint.neutered) throw dataClone('from: the port is already neutered.');
  const { key, sideCar } = endpoint.release();
  const taken = face.wrap(key || orphan());
  const successor = /** @type {import('../port/endpoint.js').Endpoint} */ (endpointOf(taken));
  successor.sideCar = sideCar;
  return taken;
}

module.exports = { takeOver };
