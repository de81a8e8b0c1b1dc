// A worker_threads.Worker with a link of ours to the worker's parentPort.
'use strict';

const worker_threads = require('node:worker_threads');
const { endpointOf } = require('./endpoint.js');
const { Link } = require('./link.js');
const { watchMessageListeners } = require('./listeners.js');
const { wrapMain } = require('./message-port-main.js');
const { native } = require('./native.js');
const { post, prepare } = require('./post.js');
const { readTransfer } = require('./transfer-list.js');
const { holdBackExit } = require('./worker-exit.js');
const { WorkerOffer } = require('./worker-link.js');

/** @typedef {import('./endpoint.js').Face} Face */
/** @typedef {worker_threads.WorkerOptions} WorkerOptions */

/** @param {WorkerOptions | undefined} options */
function namesPorts(options) {
  return Array.isArray(options?.transferList) && options.transferList.some((element) => endpointOf(element) !== undefined);
}

/**
 * Encodes a workerData that takes ports of ours along; without any it is Node's business.
 * @param {WorkerOptions | undefined} options
 */
function prepareWorkerData(options) {
  if (options === undefined || !namesPorts(options)) return { prepared: null, options };
  const { workerData, transferList, ...rest } = options;
  return { prepared: prepare(workerData, readTransfer(transferList, null), null), options: rest };
}

let holdsBackExit = false;

class Worker extends worker_threads.Worker {
  /** @type {Link} */ #link;
  /** @type {WorkerOffer} */ #offer;
  /** Where its ipcRenderer may wait for a WebContents. */
  #place;
  #exited = false;

  /**
   * @param {string | URL} filename
   * @param {WorkerOptions} [given]
   */
  constructor(filename, given) {
    const { prepared, options } = prepareWorkerData(given);
    const offer = new WorkerOffer(prepared !== null);
    const restore = offer.publish();
    try {
      super(filename, options);
    } catch (error) {
      prepared?.drop();
      offer.cancel();
      throw error;
    } finally {
      restore();
    }
    this.#offer = offer;
    this.#place = this.threadId;
    this.#link = new Link(offer.key, this, face);
    this.#link.reference(false); // the thread itself holds the loop
    this.#open(prepared);
    if (!holdsBackExit) this.once('exit', () => this.#end(() => {}));
  }

  /**
   * The thread waits in `claimOffer` until its workerData is there.
   * @param {import('./post.js').PreparedMessage | null} prepared
   */
  #open(prepared) {
    try {
      prepared?.commit(this.#link);
    } catch (error) {
      this.#offer.withdraw();
      super.terminate();
      throw error;
    }
    this.#offer.settle(this.threadId);
  }

  /**
   * @override
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(message, transfer) {
    if (!this.#exited) post(this.#link, arguments.length === 0 ? null : message, transfer);
  }

  /** @param {() => void} exit  what Node does when the thread has ended */
  #end(exit) {
    this.#offer.withdraw();
    native.part(this.#place);
    this.#link.finish(() => {
      this.#exited = true;
      exit();
    });
  }

  static {
    watchMessageListeners(this.prototype, (worker, listening) => {
      if (#link in worker) worker.#link.listen(listening); // Node adds listeners while it constructs
    });
    holdsBackExit = holdBackExit(this.prototype, (worker, exit) => worker.#end(exit));
  }
}

/** @type {Face} */
const face = {
  wrap: wrapMain,
  message: (/** @type {Worker} */ worker, data, ports) => { worker.emit('message', data, { data, ports }); },
  messageerror: (/** @type {Worker} */ worker, error, ports) => worker.emit('messageerror', error, { error, ports }),
  close: () => {}, // the thread has ended: 'exit' says so
  drain: () => {},
};

module.exports = { Worker };
