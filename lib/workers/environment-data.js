// Environment data: Node's own between threads, and told to processes, for which it keeps a list of the keys.
'use strict';

const { worker_threads } = require('../native');

/** Node tells nobody which keys there are: they stand under this one. */
const KEYS = 'message-channel-main:keys';

/**
 * @param {any} key
 * @param {any} [value]  undefined: it is deleted
 */
function setEnvironmentData(key, value) {
  const keys = new Set(/** @type {any} */ (worker_threads.getEnvironmentData(KEYS)));
  if (value === undefined) keys.delete(key);
  else keys.add(key);
  worker_threads.setEnvironmentData(key, value);
  worker_threads.setEnvironmentData(KEYS, /** @type {any} */ (keys));
}

/** What a worker that starts now inherits. @returns {Map<unknown, unknown>} */
function inheritedData() {
  const keys = [.../** @type {any} */ (worker_threads.getEnvironmentData(KEYS) ?? [])];
  return new Map(keys.map((key) => [key, worker_threads.getEnvironmentData(key)]));
}

/** @param {Map<unknown, unknown>} data  of the parent */
function inherit(data) {
  for (const [key, value] of data) setEnvironmentData(key, value);
}

module.exports = { setEnvironmentData, inheritedData, inherit };
