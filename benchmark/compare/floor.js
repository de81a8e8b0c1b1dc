// The floor under this package: encode, decode, emit and drain the ticks in one thread, and wake a thread once for each burst.
'use strict';

const { EventEmitter } = require('node:events');
const { performance } = require('node:perf_hooks');
const { Worker } = require('node:worker_threads');
const { codec } = require('../clone/contenders.js');
const { kindOf, weightOf } = require('./messages.js');

const WAKES = 500;

/** The other thread of a wake: answers each by another. */
function sleeper() {
  const { workerData } = require('node:worker_threads');
  for (let i = 1; ; i += 2) {
    Atomics.wait(workerData, 0, i - 1);
    Atomics.store(workerData, 0, i + 1);
    Atomics.notify(workerData, 0);
  }
}

/** Half of the median round trip between two threads that sleep, in microseconds. @param {Int32Array<SharedArrayBuffer>} cell */
function wake(cell) {
  const times = [];
  for (let n = 0; n < WAKES; n++) {
    const [i, start] = [Atomics.load(cell, 0), performance.now()];
    Atomics.store(cell, 0, i + 1);
    Atomics.notify(cell, 0);
    while (Atomics.load(cell, 0) === i + 1) Atomics.wait(cell, 0, i + 1);
    times.push(performance.now() - start);
  }
  return 1000 * times.sort((a, b) => a - b)[WAKES >> 1] / 2;
}

/** @type {() => void} */
const drain = /** @type {any} */ (process)._tickCallback;

/** @type {import('./plays.js').Play} */
const through = {
  prepare() {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    new Worker(`(${sleeper})()`, { eval: true, workerData: cell });
    return { cell, port: new EventEmitter(), clone: codec() };
  },
  async round({ cell, port, clone }, count, { kind, burst }) {
    const { make, weigh } = kindOf(kind);
    let sum = 0;
    port.removeAllListeners().on('message', (/** @type {{ data: any }} */ { data }) => {
      sum += weigh(data);
    });
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      port.emit('message', { data: clone(make(i)), ports: [] });
      drain();
    }
    const time = 1000 * (performance.now() - start);
    if (sum !== weightOf(kind, 0, count)) throw new Error('the codec has changed a message');
    return { figure: time / count + wake(cell) / burst, checked: count };
  },
};

/** A stream wakes once in all, which is nothing. @type {import('./plays.js').Play} */
const stream = { ...through, round: (state, count, params) => through.round(state, count, { ...params, burst: Infinity }) };

/** There and back are two messages and two wakes. @type {import('./plays.js').Play} */
const ping = {
  ...through,
  async round(state, count) {
    const { figure, checked } = await through.round(state, count, { kind: 'number', burst: 1 });
    return { figure: 2 * figure, checked };
  },
};

/** @type {Record<string, import('./plays.js').Play>} */
module.exports = { burst: through, ping, senders: through, stream };
