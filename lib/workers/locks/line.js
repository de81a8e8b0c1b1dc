// The line of a thread of a process worker to the arbiter of locks: a port of ours, whose other end goes up to the main program. When
// the thread ends, however it ends, the line closes.
'use strict';

const { nodeFace } = require('../../faces');
const { SafeMap, mapForEach } = require('../../native');
const { threadId } = require('../place.js');
const { MAIN, forward } = require('../thread-messages.js');

const { DOMException } = globalThis;

const aborted = () => new DOMException('The operation was aborted', 'AbortError');

const UNSAFE = "Node.js cannot steal from another thread: the lock may be held by one of the main program's";

/** Opened with the first question. @type {any} */
let line = null;

/** While something is unanswered the line holds the loop. Node's own would have answered at once; what waits holds nothing. */
let unanswered = 0;

let lastId = 0;

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
  id = (lastId += 1);
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

module.exports = { Question, aborted, seen };
