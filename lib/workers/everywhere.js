// Puts our names in the place of node:worker_threads', for every importer of that: those before us too, if they are ES modules.
'use strict';

const found = require('node:worker_threads');
const { nodeFace, standInForEvents } = require('../faces');
const { FOREIGN, MAJOR, unwarned, withCode, worker_threads: original } = require('../native');
const { BroadcastChannel } = require('./broadcast.js');
const { birth } = require('./birth.js');

const { process } = globalThis;

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

const MOCKS = '--experimental-test-module-mocks';

/** Node's mocks of modules take the names when they load, and hand Node's hooks a port that nothing of ours comes by; from 24 on they have none. */
function keepNodesMocks() {
  if (MAJOR < 24 && process.execArgv.includes(MOCKS)) require('node:test');
}

/** Node's inspector asks by these names whether there is a main thread besides, and ends a process that has none by an assertion. */
function declineMainThread() {
  if (birth === null || FOREIGN) return;
  try {
    unwarned(/** @type {any} */ (process).binding)('inspector').MainThreadConnection = class {
      constructor() {
        throw withCode(new Error('connectToMainThread() needs one process: the main thread of a worker in a process is in another one'), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
      }
    };
  } catch {
    // a Node without an inspector, or without process.binding()
  }
}

/**
 * @param {object} names
 * @param {boolean} first  nothing else has run in this process, so that no ES module has seen the names as they were
 */
function replaceEverywhere(names, first) {
  keepNodesMocks();
  declineMainThread();
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
