// Keeps what arrives before anybody listens, and hands it out once somebody does: in order, each as a task of its own.
'use strict';

const { SHARE } = require('./limits.js');
const { INVOKE } = require('./protocol.js');

const { setImmediate } = globalThis;

/** @typedef {import('./protocol.js').Request} Request */

/** Messages wait for a listener, calls for a handler. @param {Request} request */
const keyOf = ({ kind, channel }) => `${kind === INVOKE ? 'handler' : 'listener'} ${channel}`;

/** With its place in the order of arrival. @typedef {{ request: Request, place: number, next: Kept | null }} Kept */

class KeptRequests {
  /** By key. Lists, for the engine copies the rest of a long array when its first goes. @type {Map<string, { first: Kept, last: Kept }>} */
  #queues = new Map();
  #places = 0;
  /** How many tasks are to come. */
  #scheduled = 0;
  /** Once nothing is kept any longer. @type {((request: Request) => void) | null} */
  #drop = null;
  #wanted;
  #deliver;

  /**
   * @param {(request: Request) => boolean} wanted
   * @param {(request: Request) => void} deliver
   */
  constructor(wanted, deliver) {
    this.#wanted = wanted;
    this.#deliver = deliver;
  }

  /** @param {Request} request  @returns {boolean} whether something is kept that has to come first: one like it, or what waits for its turn */
  hasBefore(request) {
    return this.#scheduled > 0 || this.#queues.has(keyOf(request));
  }

  /** @param {Request} request */
  keep(request) {
    const key = keyOf(request);
    const kept = { request, place: this.#places++, next: null };
    const queue = this.#queues.get(key);
    if (queue === undefined) this.#queues.set(key, { first: kept, last: kept });
    else queue.last = queue.last.next = kept;
  }

  /** Listeners or handlers have changed. */
  look() {
    if (this.#scheduled > 0 || this.#queues.size === 0) return;
    if (this.#drop === null && this.#next() === undefined) return;
    for (; this.#scheduled < SHARE; this.#scheduled++) setImmediate(this.#turn);
  }

  /** The queue whose first is the first of all that are wanted. */
  #next() {
    let next;
    for (const queue of this.#queues.values()) {
      if (this.#wanted(queue.first.request) && (next === undefined || queue.first.place < next.first.place)) next = queue;
    }
    return next;
  }

  #turn = () => {
    this.#scheduled -= 1;
    this.#deliverNext();
  };

  #deliverNext() {
    this.#dropUnwanted();
    const queue = this.#next();
    if (queue === undefined) return;
    const { request, next } = queue.first;
    if (next === null) this.#queues.delete(keyOf(request));
    else queue.first = next;
    this.look();
    this.#deliver(request);
    this.look();
  }

  /** Nothing is kept any longer but for who listens already. @param {(request: Request) => void} drop */
  end(drop) {
    this.#drop = drop;
    this.#dropUnwanted();
  }

  #dropUnwanted() {
    const drop = this.#drop;
    if (drop === null) return;
    for (const [key, queue] of this.#queues) {
      if (this.#wanted(queue.first.request)) continue;
      this.#queues.delete(key);
      for (let kept = /** @type {Kept | null} */ (queue.first); kept !== null; kept = kept.next) drop(kept.request);
    }
  }
}

module.exports = { KeptRequests };
