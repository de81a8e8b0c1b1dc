// Puts our names in the place of node:worker_threads', for every importer of that: those before us too, if they are ES modules.
'use strict';

const found = require('node:worker_threads');
const { nodeFace, standInForEvents } = require('../faces');
const { BroadcastChannel } = require('./broadcast.js');
const { worker_threads: original } = require('../native');

/** See lib/native/worker-threads.js. */
const ORIGINAL = Symbol.for('message-channel-main:worker_threads');

let takesPorts = false;

/**
 * What `node:module` is, without loading it: that has much besides, and takes as long as a third of ours. A module that was not made
 * by Node, a bundle's, does not know it.
 */
const nodeModule = () => (typeof (/** @type {any} */ (module.constructor)._load) === 'function' ? module.constructor : require('node:module'));

/** Node's `module.register()` would refuse the ports that a program makes now, as those were that it asks for. */
function passPortsToHooks() {
  const Module = /** @type {any} */ (nodeModule());
  if (takesPorts) return;
  takesPorts = true;
  const put = (/** @type {unknown} */ value) => Object.defineProperty(Module, 'register', { configurable: true, enumerable: true, writable: true, value });
  const takingOurs = (/** @type {Function} */ register) => ({ register(/** @type {any} */ specifier, /** @type {any[]} */ ...rest) {
    return register(specifier, ...rest.map(nodeFace().withNodePorts));
  } }).register;
  if (typeof Module.register === 'function') put(takingOurs(Module.register));
  else if (!Object.hasOwn(Module, 'register')) {
    // It comes when somebody loads the rest, or never, where it has been removed.
    Object.defineProperty(Module, 'register', { configurable: true, set(register) { put(takingOurs(register)); } });
  }
}

/**
 * @param {object} names
 * @param {boolean} first  nothing else has run in this process, so that no ES module has seen the names as they were
 */
function replaceEverywhere(names, first) {
  Object.assign(found, names);
  Object.defineProperty(found, ORIGINAL, { value: original, configurable: true });
  passPortsToHooks();
  if (!first) require('node:module').syncBuiltinESMExports();
  const { MessageChannel, MessagePort } = nodeFace();
  for (const [name, value] of Object.entries({ BroadcastChannel, MessageChannel, MessagePort })) {
    Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
  }
  standInForEvents();
}

module.exports = { replaceEverywhere };
