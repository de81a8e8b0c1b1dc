// Puts our names in the place of node:worker_threads', for every importer of that: those before us too, if they are ES modules.
'use strict';

const found = require('node:worker_threads');
const { nodeFace, standInForEvents } = require('../faces');
const { BroadcastChannel } = require('./broadcast.js');
const { worker_threads: original } = require('../native');

/** See lib/native/worker-threads.js. */
const ORIGINAL = Symbol.for('message-channel-main:worker_threads');

let takesPorts = false;

/** Node's `module.register()` would refuse the ports that a program makes now, as those were that it asks for. */
function passPortsToHooks() {
  const module = require('node:module');
  const register = /** @type {any} */ (Reflect.get(module, 'register')); // missing where it has been removed
  if (takesPorts || register === undefined) return;
  takesPorts = true;
  const { withNodePorts } = nodeFace();
  const takesOurs = { register(/** @type {any} */ specifier, /** @type {any[]} */ ...rest) {
    return register(specifier, ...rest.map(withNodePorts));
  } }.register;
  Object.assign(module, { register: takesOurs });
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
