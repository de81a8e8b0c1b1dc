// Answers in a worker's process what its parent asks of it (see questions.js), as soon as the loop turns. Loaded with the first question.
'use strict';

const { PassThrough, Readable } = require('node:stream');
const { setImmediate: turn } = require('node:timers/promises');
const { withCode } = require('../native');

const { process, ReadableStream } = globalThis;

/** Those that run. @type {Map<number, { session: import('node:inspector').Session, end: string }>} */
const profiles = new Map();

let begun = 0;

/** Of the heap Node makes one at a time. */
const alreadyStarted = () => withCode(new Error('heap profiler have been started'), 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED');

/** @type {Record<string, { begin: string[], end: string }>} */
const PROFILERS = {
  cpu: { begin: ['Profiler.enable', 'Profiler.start'], end: 'Profiler.stop' },
  heap: { begin: ['HeapProfiler.enable', 'HeapProfiler.startSampling'], end: 'HeapProfiler.stopSampling' },
};

/**
 * @param {import('node:inspector').Session} session
 * @param {string} method
 * @returns {Promise<any>}
 */
const command = (session, method) => new Promise((resolve, reject) => {
  session.post(method, (/** @type {Error | null} */ error, /** @type {unknown} */ result) => (error === null ? resolve(result) : reject(error)));
});

/** @type {Record<string, (...args: any[]) => any>} */
const answers = {
  heapSnapshot: (options) => Readable.toWeb(require('node:v8').getHeapSnapshot(options).pipe(new PassThrough())),
  heapStatistics: () => require('node:v8').getHeapStatistics(),
  cpuUsage: () => process.cpuUsage(),
  async startProfile(kind) {
    if (kind === 'heap' && [...profiles.values()].some(({ end }) => end === PROFILERS.heap.end)) throw alreadyStarted();
    const session = new (require('node:inspector').Session)();
    session.connect();
    const { begin, end } = PROFILERS[kind];
    const id = ++begun;
    profiles.set(id, { session, end });
    for (const method of begin) await command(session, method);
    return id;
  },
  async stopProfile(id) {
    const { session, end } = /** @type {{ session: import('node:inspector').Session, end: string }} */ (profiles.get(id));
    profiles.delete(id);
    const { profile } = await command(session, end);
    session.disconnect();
    return JSON.stringify(profile);
  },
};

/**
 * @param {any} control  a port to the parent
 * @param {any} message
 */
async function answer(control, { id, question, args }) {
  control.ref(); // who was asked stays until it has answered
  await turn(); // the engine's tools are not made to run inside of a message
  try {
    const value = await answers[question](...args);
    control.postMessage({ type: 'answer', id, value }, value instanceof ReadableStream ? [value] : []);
  } catch (/** @type {any} */ error) {
    control.postMessage({ type: 'answer', id, error, code: error.code });
  } finally {
    control.unref();
  }
}

module.exports = { answer };
