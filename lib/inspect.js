// What console.log(port) shows: its face, its state, what waits in it, and where its peer is.
'use strict';

const { inspect } = require('node:util');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */

/** @param {Endpoint} endpoint */
function describe(endpoint) {
  const { key, neutered, started, holding } = endpoint;
  if (neutered) return { state: 'transferred' };
  if (key === 0) return { state: 'closed' };
  return {
    state: started ? 'started' : 'paused',
    bufferedAmount: endpoint.bufferedAmount,
    hasRef: holding,
  };
}

/**
 * @param {object} port
 * @param {Endpoint} endpoint
 * @param {number} depth
 * @param {import('node:util').InspectOptions} options
 */
function inspectPort(port, endpoint, depth, options) {
  const { name } = port.constructor;
  return depth < 0 ? `[${name}]` : `${name} ${inspect(describe(endpoint), options)}`;
}

module.exports = { inspectPort };
