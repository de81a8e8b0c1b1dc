// Locks of a family, in a process that stands for a worker: Node's `locks`, whose requests go to the arbiter by this thread's line.
// Invariant: what Node refuses is refused by Node itself; what is asked of the arbiter is in order.
'use strict';

const { channel } = require('node:diagnostics_channel');
const { illegalConstructor, worker_threads } = require('../../native');
const { Question, aborted, seen } = require('./line.js');
const nodes = require('./nodes.js');

const { process } = globalThis;

/** As Node calls this thread in `query()`. */
const clientId = `node-${process.pid}-${worker_threads.threadId}`;

/** Where Node tells what becomes of a request. */
const [started, granted, missed, ended] = ['start', 'grant', 'miss', 'end'].map((what) => channel(`locks.request.${what}`));

const OURS = Symbol('ours');

class Lock {
  #name;
  #mode;

  /** @param {unknown} [key] @param {string} [name] @param {string} [mode] */
  constructor(key, name, mode) {
    if (key !== OURS) throw illegalConstructor();
    this.#name = name;
    this.#mode = mode;
  }

  get name() {
    return this.#name;
  }

  get mode() {
    return this.#mode;
  }

  static {
    for (const name of ['name', 'mode']) Object.defineProperty(this.prototype, name, { enumerable: true });
    Object.defineProperty(this.prototype, Symbol.toStringTag, { value: 'Lock', configurable: true });
  }
}

/**
 * Node says what is wrong: it was called in a way that it refuses.
 * @param {any} name
 * @param {any} options
 * @param {any} callback
 */
function refuse(name, options, callback) {
  const never = () => { throw new Error('this request is one of the family'); };
  return nodes.request(name, options, typeof callback === 'function' ? never : callback);
}

/**
 * Each option is read once.
 * @param {any} given
 */
function readOptions(given) {
  const { ifAvailable, mode = 'exclusive', signal, steal } = given ?? {};
  return { ifAvailable: Boolean(ifAvailable), mode: typeof mode === 'symbol' ? mode : `${mode}`, signal, steal: Boolean(steal) };
}

/** @param {ReturnType<typeof readOptions>} options */
function isWrong({ ifAvailable, mode, signal, steal }) {
  if (mode !== 'exclusive' && mode !== 'shared') return true;
  if (signal !== undefined && (typeof signal !== 'object' || signal === null || !('aborted' in signal))) return true;
  return steal && (ifAvailable || mode === 'shared');
}

/**
 * @param {any} name
 * @param {any} options
 * @param {any} callback
 */
async function request(name, options, callback) {
  if (callback === undefined) [callback, options] = [options, undefined];
  if (typeof name === 'symbol') return refuse(name, options, callback);
  const text = `${name}`;
  const isNone = options === undefined || options === null || typeof options === 'function';
  if (typeof callback !== 'function' || (!isNone && typeof options !== 'object')) return refuse(text, options, callback);
  const read = readOptions(isNone ? undefined : options);
  if (isWrong(read)) return refuse(text, read, callback);
  const { signal, ...wanted } = read;
  signal?.throwIfAborted();
  if (text[0] === '-' || (signal !== undefined && (wanted.steal || wanted.ifAvailable))) return refuse(text, read, callback);
  return whileTold({ name: text, ...wanted }, (wish) => hold(wish, signal, callback));
}

/**
 * As Node tells of it.
 * @param {any} wish
 * @param {(wish: any) => Promise<unknown>} run
 */
async function whileTold(wish, run) {
  const { name, mode } = wish;
  started.publish({ name, mode });
  /** @type {unknown} */
  let error;
  try {
    return await run(wish);
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    ended.publish({ ...wish, error });
  }
}

/**
 * @param {{ name: string, mode: string }} wish
 * @param {any} signal
 * @param {(lock: Lock | null) => unknown} callback
 */
async function hold(wish, signal, callback) {
  const { name, mode } = wish;
  const question = new Question({ type: 'request', ...wish, clientId });
  const giveUp = () => {
    question.release();
    question.fail(signal.reason || aborted());
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    const answer = await question.answer.promise;
    if (signal?.aborted) throw signal.reason || aborted(); // in the same moment: it has given up
    signal?.removeEventListener('abort', giveUp);
    if (answer === 'missed') {
      missed.publish({ name, mode });
      return await callback(null);
    }
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  granted.publish({ name, mode });
  const result = run(question, callback, new Lock(OURS, name, mode));
  seen(result);
  await question.end.promise; // given back, and the arbiter knows it; or stolen, while the callback still runs
  return result;
}

/**
 * @param {Question} question
 * @param {(lock: Lock) => unknown} callback
 * @param {Lock} lock
 */
async function run(question, callback, lock) {
  try {
    return await callback(lock);
  } finally {
    question.release();
  }
}

/** @param {unknown} manager */
async function query(manager) {
  if (!(manager instanceof nodes.manager.constructor)) return Reflect.apply(nodes.methods?.query, manager, []);
  return new Question({ type: 'query' }).answer.promise;
}

module.exports = { request, query };
