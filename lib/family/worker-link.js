// Hands a new worker its end of the link: the parent offers it in the environment data, the worker claims it.
'use strict';

const { SharedArrayBuffer, native, KEY, PROTOCOL, agree, worker_threads: { threadId, isMainThread, getEnvironmentData, setEnvironmentData } } = require('../native');
const { own } = require('./own.js');
const { pairForWorker } = require('../port');
const { OFFER, preloadOf } = require('./traces.js');

const { process } = globalThis;

/** What `Offer.owner[0]` says until the worker has its thread id, and when it will never have one. */
const UNDECIDED = 0;
const NOBODY = -1;

/**
 * Environment data is inherited: a worker that does not load us passes the offer on to its own workers. So the offer
 * names its owner, in shared memory, because the id is known only after the thread was started.
 * @typedef {object} Offer
 * @property {number} protocol  see copies.js
 * @property {number} id  of the parked end
 * @property {boolean} hasWorkerData  the first message is the workerData
 * @property {string} manners  of the face that the link is to have in the worker
 * @property {boolean} isFromDataUrl  the worker is made from a data: URL, which it cannot find out itself
 * @property {Int32Array} owner
 * @property {string[] | null} [execArgv]  what it inherits, where Node did not let us name all of that
 * @property {SideCar} sideCar
 * @property {SideCar} ipcSideCar
 */

/** @typedef {import('../port/endpoint.js').Carrier['sideCar']} SideCar */
/** @typedef {import('node:worker_threads').WorkerOptions} WorkerOptions */

class WorkerOffer {
  /** The parent's end. */
  key;
  /** @type {Offer} */ #offer;
  /** What the thread loads first. @type {string[]} */ #preload;
  /** The parent's ends of what may ride beside the links. @type {SideCar} */ sideCar;
  /** @type {SideCar} */ ipcSideCar;

  /**
   * @param {Pick<Offer, 'hasWorkerData' | 'isFromDataUrl'>} told
   * @param {Pick<import('./worker.js').Manners, 'name' | 'preload'>} manners
   */
  constructor(told, { name, preload }) {
    this.key = native.createChannel();
    const id = native.parkHere(native.control[KEY]); // with park() it would stay for good if this thread is terminated
    const [link, ipc] = [pairForWorker(), pairForWorker()];
    this.sideCar = link === null ? null : link.port1;
    this.ipcSideCar = ipc === null ? null : ipc.port1;
    const owner = new Int32Array(new SharedArrayBuffer(4));
    const cars = { sideCar: link && link.port2, ipcSideCar: ipc && ipc.port2 };
    this.#offer = { protocol: PROTOCOL, id, ...told, manners: name, owner, execArgv: null, ...cars };
    this.#preload = link === null || ipc === null ? preload : [...preloadOf('boot.js'), ...preload];
  }

  /**
   * What the worker is to be constructed with. Side-cars have to be taken out of the environment data at once, by a
   * preload: the worker could not pass them on to workers of its own. It comes first, for Node reads no further than to what is no
   * option. A bundle has none, and takes them out when it loads us.
   * @param {WorkerOptions} given  without a prototype
   * @returns {WorkerOptions}
   */
  options(given) {
    const { sideCar, ipcSideCar } = this.#offer;
    const cars = sideCar === null || ipcSideCar === null ? [] : [sideCar, ipcSideCar];
    const { transferList = [], execArgv: asked, ...rest } = given;
    if (this.#preload.length === 0) return cars.length === 0 ? given : own({ ...given, transferList: [...transferList, ...cars] });
    const execArgv = asked || inheritable();
    if (!Array.isArray(execArgv)) return given; // which Node refuses
    if (!asked && execArgv.length < process.execArgv.length) this.#offer.execArgv = [...process.execArgv];
    return own({ ...rest, transferList: [...transferList, ...cars], execArgv: [...this.#preload, ...execArgv] });
  }

  /**
   * Makes the offer to the worker that is constructed next.
   * @returns {() => void} takes it back from the environment data
   */
  publish() {
    const inherited = getEnvironmentData(OFFER);
    setEnvironmentData(OFFER, /** @type {any} */ (this.#offer));
    return () => setEnvironmentData(OFFER, inherited);
  }

  /** @param {number} id  of the worker's thread */
  settle(id) {
    this.#offer.owner[0] = id;
    Atomics.notify(this.#offer.owner, 0);
  }

  /** The worker could not be made. */
  cancel() {
    this.withdraw();
    native.close(this.key);
    this.sideCar?.close();
    this.ipcSideCar?.close();
  }

  /** The worker has ended: closes its end if nobody has claimed it. */
  withdraw() {
    if (this.#offer.owner[0] === UNDECIDED) this.settle(NOBODY);
    const key = native.claim(this.#offer.id);
    if (key !== 0) native.close(key);
  }
}

/** @type {string[] | null} */
let allowed = null;

/** The arguments of this thread, without those that Node does not let anybody name for a worker. */
const inheritable = () => (allowed ??= require('./thread-options.js').allowedForThread(process.execArgv));

/**
 * The end that the parent thread offered to this worker; null when it offered none, or offered it to another thread.
 * @returns {Pick<Offer, 'hasWorkerData' | 'manners' | 'isFromDataUrl' | 'sideCar' | 'ipcSideCar'> & { key: number } | null}
 */
function claimOffer() {
  const offer = /** @type {Offer | undefined} */ (/** @type {unknown} */ (getEnvironmentData(OFFER)));
  if (isMainThread || offer === undefined) return null;
  setEnvironmentData(OFFER, undefined);
  Atomics.wait(offer.owner, 0, UNDECIDED);
  if (offer.owner[0] !== threadId) return null;
  agree(offer.protocol);
  if (offer.execArgv) process.execArgv.splice(0, Infinity, ...offer.execArgv);
  const key = native.claim(offer.id);
  if (key !== 0) return { ...offer, key };
  offer.sideCar?.close();
  offer.ipcSideCar?.close();
  return null;
}

module.exports = { WorkerOffer, claimOffer };
