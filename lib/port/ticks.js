// Ends a task: runs nextTicks and microtasks, as Node does between two callbacks from the event loop.
'use strict';

const { native } = require('../native');

/** An undocumented alias, ten times cheaper than a callback scope; may be missing, or be there without effect. */
const tickCallback = /** @type {any} */ (process)._tickCallback;

let run = typeof tickCallback === 'function' ? probe : native.drainTicks;

/** Uses the alias once and keeps it if it ran what was scheduled. */
function probe() {
  let ran = false;
  process.nextTick(() => { ran = true; });
  run = tickCallback;
  drain();
  if (ran) return;
  run = native.drainTicks;
  drain();
}

/** Runs everything; a callback that throws becomes an 'uncaughtException' and does not stop the others. */
function drain() {
  for (;;) {
    try {
      return run();
    } catch (error) {
      native.fatal(error);
    }
  }
}

module.exports = { drain };
