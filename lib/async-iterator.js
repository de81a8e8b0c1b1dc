// Reads a MessagePortMain with `for await`: one message at a time, the rest stays queued in the port.
'use strict';

const { receive } = require('./delivery.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {{ data: any, ports: any[] }} MessageEvent */

/** So many messages are read before the event loop gets its turn. */
const SHARE = 64;

/**
 * Invariant: outside of `arrival` the port is paused, so whoever leaves the loop, closes the port or transfers it finds
 * every message that was not yielded still in it.
 * @param {EventEmitter} port
 * @param {Endpoint} endpoint
 * @returns {AsyncGenerator<MessageEvent, void, undefined>}
 */
async function* iterate(port, endpoint) {
  endpoint.pause();
  for (let read = 1; ; read++) {
    const event = (read % SHARE > 0 && await next(endpoint)) || await arrival(port, endpoint);
    if (event === null) return;
    yield event;
  }
}

/**
 * What has arrived already, as a task of its own.
 * @param {Endpoint} endpoint
 * @returns {Promise<MessageEvent | null> | null}
 */
function next(endpoint) {
  const received = endpoint.key === 0 ? undefined : receive(endpoint);
  if (received == null) return null;
  const event = { data: received.message, ports: received.ports };
  return new Promise((resolve) => process.nextTick(resolve, event));
}

/**
 * Lets the port deliver until a message comes.
 * @param {EventEmitter} port
 * @param {Endpoint} endpoint
 * @returns {Promise<MessageEvent | null>} null when no more will come; rejects with what 'messageerror' says
 */
function arrival(port, endpoint) {
  if (endpoint.key === 0) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const settle = (/** @type {() => void} */ how) => {
      endpoint.pause();
      endpoint.onDetached = null;
      port.off('message', onMessage).off('messageerror', onError).off('close', onEnd);
      how();
    };
    const onMessage = (/** @type {MessageEvent} */ event) => settle(() => resolve(event));
    const onError = (/** @type {{ error: Error, ports: any[] }} */ { error, ports }) => settle(() => {
      for (const part of ports) part.close();
      reject(error);
    });
    const onEnd = () => settle(() => resolve(null));
    port.on('message', onMessage).on('messageerror', onError).on('close', onEnd);
    endpoint.onDetached = onEnd;
    endpoint.start();
  });
}

module.exports = { iterate };
