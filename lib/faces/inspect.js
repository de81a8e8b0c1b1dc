// What console.log(port) shows: its face, its state, what waits in it, and where its peer is.
'use strict';

const { inspect } = require('node:util');
const { native } = require('../native');

/** @typedef {import('../port/endpoint.js').Endpoint} Endpoint */

/** Where the other end is, by the number that native gives to each; a socket may even lead back to this process. */
const PLACES = ['gone', 'this thread', 'another thread', 'in transit', 'behind a socket'];

/**
 * Sizes are in bytes: `waiting` has arrived here, `bufferedAmount` is on its way to the peer.
 * @param {Endpoint} endpoint
 */
function describe(endpoint) {
  const { key, neutered, started, holding } = endpoint;
  if (neutered) return { state: 'transferred' };
  if (key === 0) return { state: 'closed' };
  const [place, waiting] = native.stats(key);
  return {
    state: started ? 'started' : 'paused',
    peer: PLACES[place],
    waiting,
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
