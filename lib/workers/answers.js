// Answers in a worker's process what its parent asks of it (see questions.js), as soon as the loop turns. Loaded with the first question.
'use strict';

const { PassThrough, Readable } = require('node:stream');
const { setImmediate: turn } = require('node:timers/promises');
const { withCode } = require('../native');

const { process, ReadableStream } = globalThis;

/** Those that run: of what, and what ends each. @type {Map<number, { kind: string, stop: () => string | Promise<string> }>} */
const profiles = new Map();

let lastProfile = 0;

/** Of the heap Node makes one at a time. */
const alreadyStarted = () => withCode(new Error('heap profiler have been started'), 'ERR_HEAP_PROFILE_HAVE_BEEN_STARTED');

/** `node`: what takes options, in a version that has those. @type {Record<string, { node: string, begin: string[], end: string }>} */
const PROFILERS = {
  cpu: { node: 'startCpuProfile', begin: ['Profiler.enable', 'Profiler.start'], end: 'Profiler.stop' },
  heap: { node: 'startHeapProfile', begin: ['HeapProfiler.enable', 'HeapProfiler.startSampling'], end: 'HeapProfiler.stopSampling' },
};

/**
 * @param {import('node:inspector').Session} session
 * @param {string} method
 * @returns {Promise<any>}
 */
const command = (session, method) => new Promise((resolve, reject) => {
  session.post(method, (/** @type {Error | null} */ error, /** @type {unknown} */ result) => (error === null ? resolve(result) : reject(error)));
});

/**
 * @param {string} kind
 * @returns {Promise<() => Promise<string>>} ends it
 */
async function beginProfile(kind) {
  const session = new (require('node:inspector').Session)();
  session.connect();
  const { begin, end } = PROFILERS[kind];
  for (const method of begin) await command(session, method);
  return async () => {
    const { profile } = await command(session, end);
    session.disconnect();
    return JSON.stringify(profile);
  };
}

/** @type {Record<string, (...args: any[]) => any>} */
const answers = {
  heapSnapshot: (options) => Readable.toWeb(require('node:v8').getHeapSnapshot(options).pipe(new PassThrough())),
  heapStatistics: () => require('node:v8').getHeapStatistics(),
  cpuUsage: () => process.cpuUsage(),
  async startProfile(kind, options) {
    if (kind === 'heap' && [...profiles.values()].some((profile) => profile.kind === kind)) throw alreadyStarted();
    const id = ++lastProfile;
    const start = Reflect.get(require('node:v8'), PROFILERS[kind].node);
    if (start !== undefined && start.length > 0) {
      const handle = start(options);
      profiles.set(id, { kind, stop: () => handle.stop() });
      return id;
    }
    const begun = beginProfile(kind);
    profiles.set(id, { kind, stop: async () => (await begun)() });
    await begun;
    return id;
  },
  stopProfile(id) {
    const { stop } = /** @type {{ stop: () => string | Promise<string> }} */ (profiles.get(id));
    profiles.delete(id);
    return stop();
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
