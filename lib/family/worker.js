// A worker_threads.Worker with a link of ours to the worker's parentPort.
'use strict';

const { FACES, endpointOf, post, prepare, whenHeard } = require('../port');
const { isOursAlone, readTransfer } = require('../transfer');
const { Link, childFace } = require('./link.js');
const { watchListeners } = require('../faces');
const { SafeMap, native, invalidType, worker_threads } = require('../native');
const { own } = require('./own.js');
const { holdBackExit, isEmitted } = require('./worker-exit.js');
const { WorkerOffer } = require('./worker-link.js');

const { Promise, URL } = globalThis;

/** @typedef {import('node:worker_threads').WorkerOptions} WorkerOptions */

/**
 * Whatever can be iterated. Node reads it as an array, and says nothing of what is none.
 * @param {any} list
 * @returns {any[] | undefined}
 */
function listOf(list) {
  if (list === undefined || list === null || Array.isArray(list)) return list ?? undefined;
  if (typeof list !== 'object' || typeof list[Symbol.iterator] !== 'function') throw invalidType('transferList must be an array');
  return [...list];
}

/**
 * Encodes a workerData that takes along what Node would not; without any it is Node's business. Only own properties count: what
 * somebody has put on Object.prototype is no option.
 * @param {WorkerOptions | undefined} given
 * @param {Manners['read']} read
 */
function prepareWorkerData(given, read) {
  const { transferList: list, ...others } = own(given ?? {});
  const transferList = listOf(list);
  if (!transferList?.some(isForUs)) return { prepared: null, options: own({ ...others, transferList }) };
  const { workerData, ...rest } = others;
  return { prepared: prepare(workerData, read(transferList, null), null), options: own(rest) };
}

/**
 * Whether Node could not hand it over. With one such element in the list, the whole workerData goes by our link.
 * @param {any} element
 */
const isForUs = (element) => endpointOf(element) !== undefined || isOursAlone(element);

/** @param {unknown} filename */
const isDataUrl = (filename) => filename instanceof URL && filename.protocol === 'data:';

/**
 * How a worker looks from outside, and what is told of that inside.
 * @typedef {object} Manners
 * @property {string} name
 * @property {string[]} preload  what the thread loads first
 * @property {import('../port/endpoint.js').Face} face
 * @property {(transfer: unknown, source: import('../port/endpoint.js').Endpoint | null) => import('../port/post.js').Transfer | null} read
 */

/** @type {Manners} */
const ELECTRONS = { name: 'electron', preload: [], face: childFace(FACES.Worker), read: readTransfer };

/** By event, what its listeners find in it beside the ports. */
const SUBJECTS = new SafeMap([['message', 'data'], ['messageerror', 'error']]);

/** @type {(worker: Worker) => import('../port/endpoint.js').Carrier['sideCar']} */
let ipcSideCarOf;

/** @type {(worker: Worker) => boolean} */
let isEnding;

class Worker extends worker_threads.Worker {
  /** Null while it is constructed, and if that failed. @type {Link | null} */ #link = null;
  /** @type {WorkerOffer} */ #offer;
  /** @type {Manners} */ #manners;
  /** Where its ipcRenderer may wait for a WebContents. */
  #place = -1;
  /** Its thread has ended; what it has posted may be still to be heard. */
  #ending = false;
  #exited = false;

  /**
   * @param {string | URL} filename
   * @param {WorkerOptions} [given]
   * @param {Manners} [manners]  another face's
   */
  constructor(filename, given, manners = ELECTRONS) {
    const { prepared, options } = prepareWorkerData(given, manners.read);
    const offer = new WorkerOffer({ hasWorkerData: prepared !== null, isFromDataUrl: isDataUrl(filename) }, manners);
    const restore = offer.publish();
    try {
      super(filename, offer.options(options));
    } catch (error) {
      prepared?.drop();
      offer.cancel();
      throw error;
    } finally {
      restore();
    }
    this.#offer = offer;
    this.#manners = manners;
    try {
      this.#begin(offer, prepared);
    } catch (error) {
      prepared?.drop();
      offer.cancel();
      super.terminate();
      throw error;
    }
  }

  /**
   * The thread waits in `claimOffer` until it is settled: after that, nothing may fail any more.
   * @param {WorkerOffer} offer
   * @param {import('../port/post.js').PreparedMessage | null} prepared
   */
  #begin(offer, prepared) {
    this.#place = this.threadId;
    const link = new Link(offer.key, this, this.#manners.face);
    link.sideCar = offer.sideCar;
    link.reference(false); // the thread itself holds the loop
    this.#link = link;
    prepared?.commit(link);
    offer.settle(this.threadId);
  }

  /**
   * @override
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(message, transfer) {
    if (this.#link !== null && !this.#exited) post(this.#link, arguments.length === 0 ? null : message, transfer, this.#manners.read, this.postMessage);
  }

  /**
   * What comes by Node's own port has no event yet, and listeners take theirs apart.
   * @override
   * @param {any} name
   * @param {any[]} args
   */
  emit(name, ...args) {
    const key = args.length === 1 ? SUBJECTS.get(name) : undefined;
    if (key === undefined || this.#manners !== ELECTRONS) return super.emit(name, ...args);
    return super.emit(name, args[0], { [key]: args[0], ports: [] });
  }

  /** @param {() => void} exit  what Node does when the thread has ended */
  #end(exit) {
    this.#ending = true;
    this.#offer.withdraw();
    native.part(this.#place);
    const end = () => {
      this.#exited = true;
      this.#link?.close(); // else it is there until the loop hears what is known here
      exit();
    };
    // What it has posted to other ports is here as well, and is heard first, as with Node's ports: a busy thread may be told of the
    // end before it is their turn.
    const whenAllIsDelivered = () => whenHeard(end);
    if (this.#link === null || this.#link.isOver) whenAllIsDelivered();
    else this.#link.finish(whenAllIsDelivered);
  }

  static {
    watchListeners(this.prototype, {
      message: (worker, listening) => { if (#link in worker) worker.#link?.listen(listening); }, // Node adds listeners while it constructs
    });
    ipcSideCarOf = (worker) => worker.#offer.ipcSideCar;
    isEnding = (worker) => worker.#ending;
    holdBackExit(this.prototype, (worker, exit) => worker.#end(exit));
    // Node keeps this promise with 'exit', others when they would emit that.
    if (isEmitted) {
      const { terminate } = this.prototype;
      /** @this {Worker} */
      this.prototype.terminate = function () {
        const ended = Reflect.apply(terminate, this, []);
        return this.#exited ? ended : new Promise((resolve) => { this.once('exit', resolve); });
      };
    }
  }
}

module.exports = {
  Worker,
  ipcSideCarOf: (/** @type {Worker} */ worker) => ipcSideCarOf(worker),
  isEnding: (/** @type {Worker} */ worker) => isEnding(worker),
};
