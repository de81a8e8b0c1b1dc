// Hands a new worker its end of the link: the parent offers it in the environment data, the worker claims it.
'use strict';

const { threadId, isMainThread, getEnvironmentData, setEnvironmentData } = require('node:worker_threads');
const { native, KEY } = require('./native.js');

const OFFER = 'message-channel-main';

/** What `Offer.owner[0]` says until the worker has its thread id, and when it will never have one. */
const UNDECIDED = 0;
const NOBODY = -1;

/**
 * Environment data is inherited: a worker that does not load us passes the offer on to its own workers. So the offer
 * names its owner, in shared memory, because the id is known only after the thread was started.
 * @typedef {object} Offer
 * @property {number} id  of the parked end
 * @property {boolean} hasWorkerData  the first message is the workerData
 * @property {Int32Array} owner
 */

class WorkerOffer {
  /** The parent's end. */
  key;
  /** @type {Offer} */ #offer;

  /** @param {boolean} hasWorkerData */
  constructor(hasWorkerData) {
    this.key = native.createChannel();
    const id = native.park(native.control[KEY]);
    this.#offer = { id, hasWorkerData, owner: new Int32Array(new SharedArrayBuffer(4)) };
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
  }

  /** The worker has ended: closes its end if nobody has claimed it. */
  withdraw() {
    if (this.#offer.owner[0] === UNDECIDED) this.settle(NOBODY);
    const key = native.claim(this.#offer.id);
    if (key !== 0) native.close(key);
  }
}

/**
 * The end that the parent thread offered to this worker.
 * @returns {{ key: number, hasWorkerData: boolean } | null} null when it offered none, or offered it to another thread
 */
function claimOffer() {
  const offer = /** @type {Offer | undefined} */ (/** @type {unknown} */ (getEnvironmentData(OFFER)));
  if (isMainThread || offer === undefined) return null;
  setEnvironmentData(OFFER, undefined);
  Atomics.wait(offer.owner, 0, UNDECIDED);
  if (offer.owner[0] !== threadId) return null;
  const key = native.claim(offer.id);
  return key === 0 ? null : { key, hasWorkerData: offer.hasWorkerData };
}

module.exports = { WorkerOffer, claimOffer };
