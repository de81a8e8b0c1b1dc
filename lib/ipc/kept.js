// Keeps what arrives before anybody listens, and hands it out once somebody does: in order, each as a task of its own.
'use strict';

const { SHARE } = require('./limits.js');
const { INVOKE } = require('./frame.js');
const { Queue } = require('./queue.js');

const { setImmediate } = globalThis;
const { min } = Math;

/** @typedef {import('./frame.js').Request} Request */

/** Messages wait for a listener, calls for a handler. @param {Request} request */
const keyOf = ({ kind, channel }) => `${kind === INVOKE ? 'handler' : 'listener'} ${channel}`;

class KeptRequests {
  /** By key, each with its place in the order of arrival. None is empty. @type {Map<string, Queue<{ request: Request, place: number }>>} */
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
    const queue = this.#queues.get(key) ?? new Queue();
    queue.push({ request, place: this.#places++ });
    this.#queues.set(key, queue);
  }

  /** Listeners or handlers have changed. */
  look() {
    if (this.#scheduled > 0 || this.#queues.size === 0) return;
    if (this.#drop === null && this.#next() === undefined) return;
    for (const { length } of this.#queues.values()) this.#scheduled = min(SHARE, this.#scheduled + length);
    for (let i = 0; i < this.#scheduled; i++) setImmediate(this.#turn);
  }

  /** The first of all that are wanted. */
  #next() {
    let next;
    for (const { first } of this.#queues.values()) {
      if (first !== undefined && this.#wanted(first.request) && (next === undefined || first.place < next.place)) next = first;
    }
    return next?.request;
  }

  #turn = () => {
    this.#scheduled -= 1;
    this.#deliverNext();
  };

  #deliverNext() {
    this.#dropUnwanted();
    const request = this.#next();
    if (request === undefined) return;
    const key = keyOf(request);
    const queue = this.#queues.get(key);
    queue?.shift();
    if (queue?.length === 0) this.#queues.delete(key);
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
      if (queue.first !== undefined && this.#wanted(queue.first.request)) continue;
      this.#queues.delete(key);
      for (let kept = queue.shift(); kept !== undefined; kept = queue.shift()) drop(kept.request);
    }
  }
}

module.exports = { KeptRequests };
