// ava's `test` for our spec files, with a guard: when a file is done, its process has the descriptors it began with, and ends.
// In a place, which loads a spec file only for the halves in it, a stand-in that runs nothing.
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');
const { setTimeout: pause } = require('node:timers/promises');
const { isCollecting } = require('./halves.js');

const noop = () => {};
const standIn = Object.assign(() => {}, { serial: noop, before: noop, after: { always: noop }, macro: (macro) => macro });
const test = isCollecting() ? standIn : require('ava');

const fixture = (name) => path.join(__dirname, '..', 'fixtures', name);

let before;

test.before('what is made once per process is made', async (t) => {
  t.timeout(50_000);
  const { Worker, utilityProcess } = require('../../index.js');
  const { THREADS_ONLY } = require('./places.js');
  const used = [new Worker(fixture('idle.js'))];
  if (!THREADS_ONLY) used.push(utilityProcess.fork(fixture('idle.js')));
  // More than a socket takes, so that what works off a backlog is there too.
  for (const place of used) place.postMessage(new Uint8Array(8_000_000));
  await Promise.all(used.map((place) => once(place, 'exit')));
  before = descriptors();
  t.pass();
});

test.after.always('no descriptor is left behind', async (t) => {
  t.timeout(20_000);
  const deadline = Date.now() + 10_000;
  const gc = collector();
  let left = surplus();
  while (left.length > 0 && Date.now() < deadline) {
    gc(); // shared memory has a descriptor until nobody can reach it
    await pause(20);
    left = surplus();
  }
  t.deepEqual(left, []);
  // What a test has left for nobody may hold the process until it is collected, and a process that waits collects nothing.
  setInterval(gc, 50).unref();
  setTimeout(tellWhatHolds, 20_000).unref();
});

/** A process that does not end by itself says what holds it, and fails. */
function tellWhatHolds() {
  const { inspectPorts } = require('../../index.js');
  const { libuv } = /** @type {any} */ (process.report.getReport());
  const holding = libuv.filter((handle) => handle.is_active && handle.is_referenced);
  console.error('this process does not end; what holds its loop:', JSON.stringify([holding, inspectPorts()], null, 1));
  process.exit(1);
}

/** Collects garbage, in whatever runtime this is. */
function collector() {
  const { Bun } = /** @type {any} */ (globalThis);
  if (Bun !== undefined) return () => Bun.gc(true);
  v8.setFlagsFromString('--expose-gc');
  return vm.runInNewContext('gc');
}

/** What each open descriptor of this process leads to; the one that reads the list is gone by then. Only Linux tells. */
function descriptors() {
  if (process.platform !== 'linux') return [];
  return fs.readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} -> ${fs.readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      return [];
    }
  });
}

/** The descriptors that are open beyond the number there was at first. */
function surplus() {
  const now = descriptors();
  return now.length > before.length ? now.filter((entry) => !before.includes(entry)) : [];
}

module.exports = { test, fixture, collector };
