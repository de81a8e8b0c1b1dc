// Decides when coalesced messages are written: at the end of the tick, of the wake, or of the process.
'use strict';

const { beforeEnd, native, worker_threads: { isMainThread } } = require('../native');

const { process } = globalThis;

const { nextTick } = process;

let pending = false;
let delivering = false;

/** Whether the end has begun: nothing runs later that could still write. */
const exit = { begun: false };

/** Counts turns: what a port posts first in one is posted at once. */
const turn = { now: 1 };

/** @type {(keys: number[]) => void} */
let awaitDrains = () => {};

/** @param {(keys: number[]) => void} callback  is told of ports that submissions have brought above the high-water mark */
function onFull(callback) {
  awaitDrains = callback;
}

/** Posts what was submitted, so that whoever looks sees it. */
function submit() {
  const full = native.submit();
  if (full !== null) awaitDrains(full);
}

function flush() {
  if (!pending) return;
  pending = false;
  turn.now++;
  const full = native.flush();
  if (full !== null) awaitDrains(full);
}

/** Something is being coalesced. While messages are delivered, the answers to all of them go out together. */
function scheduleFlush() {
  if (pending) return;
  pending = true;
  if (!delivering) nextTick(flush);
}

/**
 * Brackets the delivery of one wake.
 * @param {boolean} on
 */
function setDelivering(on) {
  delivering = on;
  turn.now++;
  if (!on) flush();
}

/** What was posted before the end must arrive. A worker leaves that to its process, which goes on. */
function settle() {
  if (isMainThread) native.linger();
  else native.flush();
}

// Listeners that post after this one settle it themselves.
beforeEnd(() => {
  if (exit.begun) return;
  exit.begun = true;
  settle();
});

module.exports = { scheduleFlush, setDelivering, submit, onFull, turn, exit, settle };
