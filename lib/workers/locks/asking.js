// Locks of a family, in a process that stands for a worker. Each thread that asks for one has a line to the arbiter: a port of
// ours, whose other end goes up to the main program. When the thread ends, however it ends, the line closes.
// Invariant: what Node refuses is refused by Node itself; what is asked of the arbiter is in order.
'use strict';

const { channel } = require('node:diagnostics_channel');
const { nodeFace } = require('../../faces');
const { SafeMap, illegalConstructor, mapForEach, worker_threads } = require('../../native');
const { threadId } = require('../place.js');
const { MAIN, forward } = require('../thread-messages.js');
const nodes = require('./nodes.js');

const { DOMException, process } = globalThis;
const aborted = () => new DOMException('The operation was aborted', 'AbortError');

const UNSAFE = "Node.js cannot steal from another thread: the lock may be held by one of the main program's";

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

// ---------------------------------------------------------------- the line

/** @type {any} */
let line = null;

/** While something is unanswered the line holds the loop. Node's own would have answered at once; what waits holds nothing. */
let unanswered = 0;

let last = 0;

/** What the arbiter knows of us, by our numbers. @type {Map<number, Question>} */
const open = new SafeMap();

function deferred() {
  /** @type {(value: any) => void} */ let resolve = () => {};
  /** @type {(error: unknown) => void} */ let reject = () => {};
  const promise = new Promise((...functions) => { [resolve, reject] = functions; });
  return { promise, resolve, reject };
}

/** @param {Promise<unknown>} promise  which somebody may look at later */
async function seen(promise) {
  try {
    await promise;
  } catch {
    // Whoever is interested finds it there.
  }
}

class Question {
  id = (last += 1);
  /** 'granted', 'missed', or what was asked. */
  answer = deferred();
  /** It is nobody's lock any more: given back, or lost. */
  end = deferred();
  #isUnanswered = false;

  /** @param {object} message */
  constructor(message) {
    for (const { promise } of [this.answer, this.end]) seen(promise);
    line ??= openLine();
    open.set(this.id, this);
    this.#say(message);
  }

  /** @param {object} message  which will be answered */
  #say(message) {
    if (!this.#isUnanswered && (unanswered += 1) === 1) line.ref();
    this.#isUnanswered = true;
    line.postMessage({ ...message, id: this.id });
  }

  answered() {
    if (this.#isUnanswered && (unanswered -= 1) === 0) line.unref();
    this.#isUnanswered = false;
  }

  /** It is no longer wanted. */
  release() {
    if (open.has(this.id)) this.#say({ type: 'release' });
  }

  /** @param {unknown} error */
  fail(error) {
    this.answered();
    open.delete(this.id);
    this.answer.reject(error);
    this.end.reject(error);
  }
}

function openLine() {
  const { MessageChannel } = nodeFace();
  const { port1, port2 } = new MessageChannel();
  port1.on('message', told);
  port1.on('close', lost);
  port1.unref();
  forward({ destination: MAIN, source: threadId, isLine: true }, port2);
  return port1;
}

/** @param {any} message */
function told({ id, type, state }) {
  const question = open.get(id);
  if (question === undefined) return;
  if (type === 'stolen') return question.fail(aborted());
  if (type === 'refused') return question.fail(new DOMException(UNSAFE, 'NotSupportedError'));
  question.answered();
  if (type === 'over') question.end.resolve(undefined);
  else if (type !== 'waiting') question.answer.resolve(state ?? type);
  if (type !== 'waiting' && type !== 'granted') open.delete(id);
}

/** There is no main program any more, or nobody on the way there. */
function lost() {
  mapForEach(open, (/** @type {Question} */ question) => question.fail(aborted()));
  line = null;
}

// ---------------------------------------------------------------- what Node has

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
