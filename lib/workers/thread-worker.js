// A worker in a thread, with Node's manners: values instead of events, and our ports in what it is sent.
'use strict';

const { EventEmitter } = require('node:events');
const { nodeFace } = require('../faces');
const { Worker, preloadOf } = require('../family');
const { worker_threads: { isMainThread } } = require('../native');
const { FACES } = require('../port');
const { makeRoom } = require('./broadcast.js');
const { passOn } = require('./locks/nodes.js');

const { process } = globalThis;
const { apply } = Reflect;

const { emit } = EventEmitter.prototype;
const { retell, wrapNode, readNodeTransfer, missingMessage } = nodeFace();

/** @typedef {import('./worker.js').Tell} Tell */

/** Under `node --watch`. */
const WATCHED = Boolean(process.env.WATCH_REPORT_DEPENDENCIES);

/**
 * From version 24 on Node's loader tells the parent of a thread which files that loads. It posts that on `parentPort`, which is ours
 * by then, so Node's Worker does not see it and cannot pass it on to `node --watch`: we do.
 * @param {any} message
 */
function tellWatcher(message) {
  for (const kind of ['watch:require', 'watch:import']) {
    if (isMainThread && Array.isArray(message?.[kind])) process.send?.({ [kind]: message[kind] });
  }
}

/** @type {import('../family/worker.js').Manners} */
const NODES = {
  name: 'node',
  /** What it runs may be somebody else's, who knows node:worker_threads only. Nothing in a bundle: that finds Node's own names. */
  preload: preloadOf('thread-worker.js'),
  read: readNodeTransfer,
  face: {
    kind: FACES.Worker,
    retell,
    wrap: wrapNode,
    message: (/** @type {ThreadWorker} */ worker, data) => {
      if (WATCHED) tellWatcher(data);
      apply(emit, worker, ['message', data]); // past our own emit(), which keeps back what comes by Node's port
    },
    messageerror: (/** @type {import('node:events').EventEmitter} */ worker, error) => {
      worker.emit('messageerror', error);
      return false; // of its ports nobody is told
    },
    close() {},
    drain() {},
  },
};

class ThreadWorker extends Worker {
  /**
   * @param {string | URL} filename
   * @param {import('node:worker_threads').WorkerOptions} options
   * @param {Tell} tell
   */
  constructor(filename, options, tell) {
    try {
      super(filename, options, NODES);
    } catch (error) {
      throw retell(error, { message: 'workerData' });
    }
    makeRoom();
    this.once('exit', passOn);
    for (const event of ['message', 'messageerror', 'online', 'error', 'exit']) this.on(event, (...args) => tell(event, ...args));
  }

  /**
   * Under --watch nothing comes by Node's own port but what its loader tells of our preload, which is kept from the program: it hears
   * of its own files only.
   * @override
   * @param {any} name
   * @param {any[]} args
   */
  emit(name, ...args) {
    return (WATCHED && name === 'message' && NODES.preload.length > 0) ? false : super.emit(name, ...args);
  }

  /**
   * @override
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(message, transfer) {
    if (arguments.length === 0 && this.threadId !== -1) throw missingMessage();
    super.postMessage(message, transfer);
  }
}

module.exports = { ThreadWorker };
