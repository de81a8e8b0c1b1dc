// Preloaded by what was started here: makes process.parentPort in a child, and removes our traces.
'use strict';

const { getEnvironmentData, isMainThread } = require('node:worker_threads');
const core = require('./core.js');
const { OFFER, hidePreload } = require('./family/traces.js');

const { setImmediate } = globalThis;

// The workers of the child inherit the preload and its traces, but not the link.
hidePreload('boot.js');

if (isMainThread) {
  void core.parentPort; // makes process.parentPort
  // A script that never loads us does not keep what is sent to it either; see there for the condition.
  if (!core.mayBePreceded()) setImmediate(() => core.renderer);
} else if (/** @type {any} */ (getEnvironmentData(OFFER))?.sideCar) {
  void core.parentLink; // takes it; see WorkerOffer.options
}
