// postMessageToThread across a family: to a thread of this process by Node's own, and to another process along the links between
// the threads that made process workers and those, and between such threads and the main thread of their process. Each link
// knows who is behind it. What is sent is a port in which the message waits; on that the answer comes back.
// Invariant: what comes by a link never goes back by it.
'use strict';

const { nodeFace } = require('../faces');
const { endpointOf } = require('../port');
const { native, withCode, worker_threads } = require('../native');
const { hasThreads } = require('./broadcast.js');
const { descends } = require('./descent.js');
const { PROCESSES, THREADS } = require('./limits.js');
const { isInside, threadId } = require('./place.js');

const { clearTimeout, process, setImmediate, setTimeout } = globalThis;
const { nextTick } = process;
const { apply } = Reflect;

/** Missing before Node 22.5 and 20.19. @type {((...args: any[]) => Promise<void>) | undefined} */
const toThreadHere = Reflect.get(worker_threads, 'postMessageToThread');

/** The main thread of the main program. */
const MAIN = 0;

/** @typedef {{ destination: number, source: number, isLine?: boolean }} Address  isLine: a port to ask for locks by */
/** @typedef {(message: object, transfer?: object[]) => void} Send */

/** Under this key a message of Node's is one of ours. */
const ENVELOPE = 'message-channel-main:thread-message';

/** @type {Record<string, () => Error>} */
const FAILURES = {
  unheard: () => withCode(new Error('Cannot find the destination thread or listener'), 'ERR_WORKER_MESSAGING_FAILED'),
  failed: () => withCode(new Error('The destination thread threw an error while processing the message'), 'ERR_WORKER_MESSAGING_ERRORED'),
  late: () => withCode(new Error('Sending a message to another thread timed out'), 'ERR_WORKER_MESSAGING_TIMEOUT'),
};

/** To the processes behind this thread, by their ids. @type {Map<number, Send>} */
const routes = new Map();

/** To the process that started this one; in a thread that has started one, to its main thread. @type {Send | null} */
let parent = null;

/** Once somebody has asked for a lock here. @type {typeof import('./locks/arbiter.js') | null} */
let arbiter = null;

/** @param {Send} send */
function setParent(send) {
  parent = send;
}

/**
 * A process has been started, or somebody has told of one that has.
 * @param {number} pid
 * @param {Send} send  to it, or on the way there
 */
function addRoute(pid, send) {
  routes.set(pid, send);
  if (parent !== null) parent({ type: 'kin', pid });
  else if (!worker_threads.isMainThread && toThreadHere !== undefined) linkToMain(pid);
}

/**
 * @param {number} pid
 * @param {Send} send
 */
function removeRoute(pid, send) {
  if (routes.get(pid) !== send) return;
  routes.delete(pid);
  parent?.({ type: 'kin', pid, hasEnded: true });
}

/** @param {Send} send */
function removeRoutes(send) {
  for (const pid of [...routes.keys()]) removeRoute(pid, send);
}

/**
 * The main thread gets to know of the first process that this thread has started.
 * @param {number} kin
 */
function linkToMain(kin) {
  const { MessageChannel } = nodeFace();
  const { port1, port2 } = new MessageChannel();
  setParent(link(port1));
  pass(MAIN, { kin }, port2);
}

/**
 * A link to another thread of this process. When that ends, so do all who are behind it.
 * @param {any} port
 */
function link(port) {
  /** @type {Send} */
  const send = (message, transfer) => port.postMessage(message, transfer);
  port.on('message', (/** @type {any} */ message) => told(message, send));
  port.on('close', () => {
    removeRoutes(send);
    if (parent === send) parent = null;
  });
  port.unref();
  return send;
}

/**
 * A process has ended. What it held of locks is given back before anybody hears of that.
 * @param {number} pid
 * @param {() => void} callback
 */
function hangUp(pid, callback) {
  const released = arbiter?.hangUp(pid);
  if (released === undefined) callback();
  else released.then(() => nextTick(callback));
}

/** @param {number} destination */
function placeOf(destination) {
  if (destination < PROCESSES) return { isHere: !isInside, pid: 0, thread: destination };
  const pid = (destination % THREADS) - PROCESSES;
  return { isHere: isInside && pid === process.pid, pid, thread: Math.floor(destination / THREADS) };
}

/**
 * @param {Address} address
 * @param {any} port  with the message; it closes where there is no way
 * @param {Send | null} from  the link that it came by
 */
function forward(address, port, from = null) {
  const { isHere, pid, thread } = placeOf(address.destination);
  if (isHere && thread === worker_threads.threadId) arrive(address, port);
  else if (isHere) pass(thread, address, port);
  else if (pid === 0 || routes.has(pid) || !worker_threads.isMainThread || !hasThreads()) leave(pid, address, port, from);
  // What another thread has told of its processes is read in a turn or two.
  else setImmediate(() => setImmediate(() => leave(pid, address, port, from)));
}

/**
 * @param {number} pid
 * @param {Address} address
 * @param {any} port
 * @param {Send | null} from
 */
function leave(pid, address, port, from) {
  const way = routes.get(pid) ?? parent;
  if (way === null && !worker_threads.isMainThread) return pass(MAIN, address, port);
  if (way !== null && way !== from) way({ type: 'thread-message', ...address, port }, [port]);
  port.close(); // if it is still here: a link that has closed takes nothing along
}

/**
 * @param {Address} address
 * @param {any} port
 */
function arrive({ source, isLine }, port) {
  if (!isLine) hand(port, source);
  else if (isInside) port.close();
  else (arbiter ??= require('./locks/arbiter.js')).serve(port, placeOf(source).pid);
}

/**
 * To another thread of this process, which finds the port where it is parked.
 * @param {number} thread
 * @param {Address | { kin: number }} address
 * @param {any} port
 */
function pass(thread, address, port) {
  const endpoint = endpointOf(port);
  if (endpoint === undefined || endpoint.key === 0) return;
  if (toThreadHere === undefined) return port.close();
  const id = native.park(endpoint.release().key);
  const takeBack = () => {
    const key = native.claim(id);
    // A main thread that does not know of us has Node's locks in common with this one.
    if (key !== 0 && 'isLine' in address && address.isLine && !isInside) arrive(address, nodeFace().wrapNode(key));
    else if (key !== 0) native.close(key);
  };
  // A thread that does not know of us may have a listener of its own, which leaves the port where it is.
  /** @type {any} */ (toThreadHere)(thread, { [ENVELOPE]: id, ...address }).then(takeBack, takeBack);
}

const { emit } = process;

/** Who has sent what has not come whole yet, and what it has sent since. @type {Map<number, any[]>} */
const awaited = new Map();

/**
 * Emits it here, and answers. What is larger than a socket takes follows its port, and what the same thread sends later waits behind it.
 * @param {any} port
 * @param {number} source
 */
function hand(port, source) {
  const behind = awaited.get(source);
  if (behind !== undefined) return void behind.push(port);
  let received;
  try {
    received = nodeFace().receiveMessageOnPort(port);
  } catch {
    return answer(port, 'unheard'); // it is not to be understood, and so nobody hears of it
  }
  if (received !== undefined) answer(port, emitted(received.message, source));
  else wait(port, source);
}

/**
 * @param {any} port
 * @param {number} source
 */
function wait(port, source) {
  /** @type {any[]} */
  const behind = [];
  awaited.set(source, behind);
  port.once('message', (/** @type {unknown} */ value) => answer(port, emitted(value, source)));
  port.on('messageerror', () => answer(port, 'unheard'));
  port.on('close', () => {
    awaited.delete(source);
    for (const next of behind) hand(next, source);
  });
  port.unref();
}

/**
 * @param {unknown} value
 * @param {number} source
 */
function emitted(value, source) {
  try {
    return apply(emit, process, ['workerMessage', value, source]) ? 'delivered' : 'unheard';
  } catch {
    return 'failed';
  }
}

/**
 * @param {any} port
 * @param {string} told
 */
function answer(port, told) {
  port.postMessage(told);
  port.close();
}

/**
 * From a peer.
 * @param {any} message
 * @param {Send | null} from
 */
function receive({ destination, source, isLine, port }, from) {
  if (endpointOf(port) === undefined) return;
  if (typeof destination === 'number' && typeof source === 'number') forward({ destination, source, isLine: isLine === true }, port, from);
  else port.close();
}

/**
 * What comes by a link. From a process that was started here, which may be anybody's by now, nothing is believed but of itself and of
 * who is behind it: else it had sent to itself what is for others, and spoken in their names.
 * @param {any} message
 * @param {Send} from
 * @param {number} [root]  the process at the other end, if it was started here
 */
function told(message, from, root) {
  const { type, pid, hasEnded } = message;
  if (type === 'thread-message') {
    if (root === undefined || isFrom(message.source, from)) receive(message, from);
    else closePort(message.port);
  } else if (type !== 'kin' || typeof pid !== 'number' || from === parent) return;
  else if (hasEnded === true) removeRoute(pid, from);
  else if (root === undefined || descends(pid, root)) addRoute(pid, from);
}

/**
 * @param {unknown} source
 * @param {Send} link
 */
const isFrom = (source, link) => typeof source === 'number' && source >= PROCESSES && routes.get(placeOf(source).pid) === link;

/** @param {unknown} port  or what else is in its place */
const closePort = (port) => endpointOf(port)?.close();

/** Node emits what comes from a thread of this process. All else goes by as it came, whatever a program has made of the iterators of arrays. */
if (toThreadHere !== undefined) {
  const { emit: emitOrOpen } = {
    /** @this {NodeJS.Process} @param {string | symbol} event @param {any[]} args */
    emit(event, ...args) {
      const id = event === 'workerMessage' ? args[0]?.[ENVELOPE] : undefined;
      if (id === undefined) return apply(emit, this, arguments);
      const key = native.claim(id);
      if (key === 0) return true;
      const { kin, ...address } = args[0];
      const port = nodeFace().wrapNode(key);
      if (typeof kin === 'number') addRoute(kin, link(port));
      else receive({ ...address, port }, null);
      return true;
    },
  };
  Object.defineProperty(process, 'emit', { configurable: true, writable: true, value: emitOrOpen });
}

/**
 * @param {number} destination
 * @param {any} value
 * @param {any} [transferList]
 * @param {any} [timeout]
 * @returns {Promise<void>}
 */
async function postMessageToThread(destination, value, transferList, timeout) {
  const node = /** @type {any} */ (toThreadHere);
  if (typeof transferList === 'number' && timeout === undefined) return postMessageToThread(destination, value, [], transferList);
  const isOurs = isInside || destination >= PROCESSES || (Array.isArray(transferList) && transferList.some((element) => endpointOf(element) !== undefined));
  if (!isOurs || typeof destination !== 'number') return node(destination, value, transferList, timeout);
  // What Node refuses it refuses here, too.
  if (destination === threadId || (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0))) return node(worker_threads.threadId, null, [], timeout);
  const { MessageChannel } = nodeFace();
  const { port1, port2 } = new MessageChannel();
  const answer = answerOn(port1, timeout);
  try {
    port1.postMessage(value, transferList);
    forward({ destination, source: threadId }, port2);
    const told = await answer;
    if (told !== 'delivered') throw (FAILURES[told] ?? FAILURES.unheard)();
  } finally {
    port1.close();
  }
}

/** Milliseconds that a timer of Node's can last; more are as good as no end. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * @param {any} port
 * @param {number | undefined} timeout
 * @returns {Promise<string>}
 */
function answerOn(port, timeout) {
  return new Promise((resolve) => {
    const timer = timeout === undefined || timeout > LONGEST_TIMER ? undefined : setTimeout(resolve, timeout, 'late');
    const settle = (/** @type {string} */ told) => {
      clearTimeout(timer);
      resolve(told);
    };
    port.once('message', settle);
    port.once('close', () => settle('unheard'));
  });
}

module.exports = {
  postMessageToThread: toThreadHere === undefined ? undefined : postMessageToThread, setParent, addRoute, removeRoutes, told,
  hangUp, forward, MAIN,
};
