// moveMessagePortToContext: what needs one address space, and Node's own class of ports.
'use strict';

const { endpointOf } = require('../port');
const { invalidType, withCode, worker_threads } = require('../native');

/** @type {typeof import('node:worker_threads').moveMessagePortToContext} */
function moveMessagePortToContext(port, contextified) {
  const endpoint = endpointOf(port);
  if (endpoint === undefined) return worker_threads.moveMessagePortToContext(port, contextified);
  if (endpoint.key === 0) throw withCode(new Error('Cannot send data on closed MessagePort'), 'ERR_CLOSED_MESSAGE_PORT');
  if (typeof contextified !== 'object' || contextified === null || !require('node:vm').isContext(contextified)) throw invalidType('Invalid context argument');
  throw withCode(
    new Error('moveMessagePortToContext: a port that can cross processes stays in its context; make it with node:worker_threads to move it'),
    'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
  );
}

module.exports = { moveMessagePortToContext };
