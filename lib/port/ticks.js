// Ends a task: runs nextTicks and microtasks, as Node does between two callbacks from the event loop. Where nothing can be
// called to run them, the event loop has to.
'use strict';

const { native, unwarned } = require('../native');

const { process, queueMicrotask } = globalThis;
const { nextTick } = process;

const { Deno } = /** @type {any} */ (globalThis);

/**
 * What runs them, the cheapest first: an undocumented alias, ten times cheaper than a callback scope; may be missing, or be
 * there without effect, as callback scopes are in other runtimes. Deno has the same for its own modules.
 * @type {unknown[]}
 */
const CANDIDATES = [unwarned(/** @type {any} */ (process)._tickCallback), Deno?.[Deno.internal]?.core?.runNextTicks, native.drainTicks];

let run = probe;

/** Takes the first that runs what was scheduled; none of them where nothing does. */
function probe() {
  for (let i = 0; i < CANDIDATES.length; i++) {
    const candidate = CANDIDATES[i];
    if (typeof candidate !== 'function') continue;
    const ran = { tick: false, microtask: false };
    nextTick(() => { ran.tick = true; });
    queueMicrotask(() => { ran.microtask = true; });
    run = () => { candidate(); return true; };
    drain();
    if (ran.tick && ran.microtask) return true;
  }
  run = () => false;
  return false;
}

/**
 * Runs everything; a callback that throws becomes an 'uncaughtException' and does not stop the others.
 * @returns {boolean} false: nothing was run, and the event loop has to come round before the next task
 */
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
