// What console.log(port) shows: its face, its state, what waits in it, and where its peer is.
'use strict';

const { native } = require('../native');

/** @typedef {import('../port/endpoint.js').Endpoint} Endpoint */

/** As node:util has it, which a child that starts does without. @type {typeof import('node:util').inspect.custom} */
const custom = /** @type {any} */ (Symbol.for('nodejs.util.inspect.custom'));

/**
 * A peer behind a socket may even be in this process. Sizes are in bytes: `waiting` has arrived here, `bufferedAmount`
 * is on its way to the peer.
 * @param {Endpoint} endpoint
 */
function describe(endpoint) {
  const { key, neutered, started, holding } = endpoint;
  if (neutered) return { state: 'transferred' };
  if (key === 0) return { state: 'closed' };
  const [place, waiting] = native.stats(key);
  return {
    id: native.numbers(key)[0],
    state: started ? 'started' : 'paused',
    peer: place,
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
  return show(port.constructor.name, describe(endpoint), depth, options);
}

/**
 * As Node shows its own, and what there is to add.
 * @param {object} port
 * @param {Endpoint} endpoint
 * @param {number} depth
 * @param {import('node:util').InspectOptions} options
 */
function inspectNodePort(port, endpoint, depth, options) {
  const { hasRef: refed = false, ...more } = /** @type {Record<string, unknown>} */ (describe(endpoint));
  return show(`${port.constructor.name} [EventTarget]`, { active: endpoint.key !== 0, refed, ...more }, depth, options);
}

/**
 * @param {string} name
 * @param {object} fields
 * @param {number} depth
 * @param {import('node:util').InspectOptions} options
 */
function show(name, fields, depth, options) {
  return depth < 0 ? `[${name}]` : `${name} ${require('node:util').inspect(fields, options)}`;
}

module.exports = { custom, inspectPort, inspectNodePort };
