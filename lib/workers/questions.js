// What a worker in a process can be asked of itself, by the methods that Node's Worker has for that; answers.js answers there.
'use strict';

const { Readable } = require('node:stream');
const { defineValue, withCode, worker_threads } = require('../native');

const { ReadableStream } = globalThis;

/** @typedef {(question: string, ...args: unknown[]) => Promise<any>} Ask */

const notRunning = () => withCode(new Error('Worker instance not running'), 'ERR_WORKER_NOT_RUNNING');

/** The process may be anybody's by now. */
const malformed = () => withCode(new Error('The process of the worker has given an answer that is none'), 'ERR_MESSAGE_MALFORMED');

/** @param {any} answer  that should have members */
function membersOf(answer) {
  if (typeof answer !== 'object' || answer === null) throw malformed();
  return answer;
}

/** A profiler that runs: what Node calls CPUProfileHandle and HeapProfileHandle. */
class ProfileHandle {
  #end;
  /** @type {Promise<string> | null} */ #profile = null;

  /** @param {() => Promise<string>} end */
  constructor(end) {
    this.#end = end;
  }

  /** @returns {Promise<string>} the profile, as JSON */
  stop() {
    return (this.#profile ??= this.#end());
  }

  async [Symbol.asyncDispose ?? Symbol('asyncDispose')]() {
    await this.stop();
  }
}

/** What else is in there is nothing to Node, and may be what no message carries. @param {unknown} value */
const isOption = (value) => typeof value === 'number' || typeof value === 'boolean';

/**
 * @param {Ask} ask
 * @param {string} kind
 * @param {object} [options]
 */
async function startProfile(ask, kind, options = {}) {
  const id = await ask('startProfile', kind, Object.fromEntries(Object.entries(options).filter(([, value]) => isOption(value))));
  return new ProfileHandle(() => ask('stopProfile', id));
}

/**
 * Throws as Node does, whose own method looks at its arguments before it finds that there is no thread.
 * @param {string} name
 * @param {unknown[]} args
 */
function check(name, args) {
  Reflect.apply(Reflect.get(worker_threads.Worker.prototype, name), {}, args).catch(() => {});
}

/**
 * All of it is here before anybody gets it: the worker may end before it is read.
 * @param {unknown} stream
 */
async function arrived(stream) {
  if (!(stream instanceof ReadableStream)) throw malformed(); // a list without end takes as long
  const chunks = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
  } catch {
    throw notRunning();
  }
  return Readable.from(chunks, { objectMode: false });
}

/** As Node has them of a thread. @param {any} statistics  node:v8's */
const told = (statistics) => Object.assign(Object.create(null), statistics, { does_zap_garbage: Boolean(statistics.does_zap_garbage) });

/**
 * What Node's Worker has for it, by name; the arguments have been checked.
 * @type {Record<string, (ask: Ask, ...args: any[]) => Promise<any>>}
 */
const methods = {
  getHeapSnapshot: (ask, options) => ask('heapSnapshot', options).then(arrived),
  getHeapStatistics: async (ask) => told(membersOf(await ask('heapStatistics'))),
  cpuUsage(ask, previous) {
    return ask('cpuUsage').then(membersOf).then(({ user, system }) => (previous ? { user: user - previous.user, system: system - previous.system } : { user, system }));
  },
  startCpuProfile: (ask, options) => startProfile(ask, 'cpu', options),
  startHeapProfile: (ask, options) => startProfile(ask, 'heap', options),
};

/** The questions of one worker that have no answer yet. */
class Questions {
  #post;
  #next = 1;
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */ #open = new Map();

  /** @param {(message: object) => void} post */
  constructor(post) {
    this.#post = post;
  }

  /** @type {Ask} */
  ask = (question, ...args) => new Promise((resolve, reject) => {
    const id = this.#next++;
    this.#post({ type: 'ask', id, question, args });
    this.#open.set(id, { resolve, reject });
  });

  /** @param {{ id: number, value?: unknown, error?: any, code?: unknown }} told  nothing of it is believed */
  answered({ id, value, error, code }) {
    const question = this.#open.get(id);
    this.#open.delete(id);
    if (error === undefined) question?.resolve(value);
    else if (!(error instanceof Error)) question?.reject(malformed());
    else question?.reject(typeof code === 'string' ? defineValue(error, 'code', code, true) : error);
  }

  /** The worker has ended. */
  close() {
    for (const { reject } of this.#open.values()) reject(notRunning());
    this.#open.clear();
  }
}

module.exports = { Questions, check, methods, notRunning };
