// Keeps what arrives before anybody listens, and hands it out once somebody does: in order, one per turn.
'use strict';

const { INVOKE } = require('./protocol.js');

const { setImmediate } = globalThis;

/** @typedef {import('./protocol.js').Request} Request */

/** Messages wait for a listener, calls for a handler. @param {Request} request */
const keyOf = ({ kind, channel }) => `${kind === INVOKE ? 'handler' : 'listener'} ${channel}`;

class KeptRequests {
  /** By key, each with its place in the order of arrival. @type {Map<string, { request: Request, place: number }[]>} */
  #queues = new Map();
  #places = 0;
  #scheduled = false;
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

  /** @param {Request} request  @returns {boolean} whether one like it is kept, which has to come first */
  hasBefore(request) {
    return this.#queues.has(keyOf(request));
  }

  /** @param {Request} request */
  keep(request) {
    const key = keyOf(request);
    const queue = this.#queues.get(key) ?? [];
    queue.push({ request, place: this.#places++ });
    this.#queues.set(key, queue);
  }

  /** Listeners or handlers have changed. */
  look() {
    if (this.#scheduled || this.#queues.size === 0) return;
    if (this.#drop === null && this.#next() === undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliverNext();
    });
  }

  /** The queue whose first is the first of all that are wanted. */
  #next() {
    let next;
    for (const queue of this.#queues.values()) {
      if (this.#wanted(queue[0].request) && (next === undefined || queue[0].place < next[0].place)) next = queue;
    }
    return next;
  }

  #deliverNext() {
    this.#dropUnwanted();
    const queue = this.#next();
    if (queue === undefined) return;
    const { request } = /** @type {{ request: Request }} */ (queue.shift());
    if (queue.length === 0) this.#queues.delete(keyOf(request));
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
      if (this.#wanted(queue[0].request)) continue;
      this.#queues.delete(key);
      for (const { request } of queue) drop(request);
    }
  }
}

module.exports = { KeptRequests };
