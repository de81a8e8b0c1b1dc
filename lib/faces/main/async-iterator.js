// Reads a MessagePortMain with `for await`: one message at a time, the rest stays queued in the port.
'use strict';

const { closeAll, receive } = require('../../port');
const { SHARE } = require('../limits.js');

const { process } = globalThis;

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {{ data: any, ports: any[] }} MessageEvent */
/** @typedef {IteratorResult<MessageEvent, undefined>} Result */
/** @typedef {{ resolve: (result: Result) => void, reject: (error: unknown) => void }} Request */

/** Where `for await` finds what makes an iterator iterable. */
const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype));

/** @type {Result} */
const DONE = Object.freeze({ done: true, value: undefined });

/**
 * Invariant: unless it waits for a message, the port is paused, so whoever leaves the loop, closes the port or transfers it
 * finds every message that was not handed out still in it.
 */
class PortIterator {
  #port;
  #endpoint;
  /** Calls of next() that have no message yet. @type {Request[]} */ #requests = [];
  /** Ends the wait for a message. @type {(() => void) | null} */ #stopWaiting = null;
  #handingOut = false;
  #ended = false;
  #reads = 0;

  /**
   * @param {EventEmitter} port
   * @param {Endpoint} endpoint
   */
  constructor(port, endpoint) {
    this.#port = port;
    this.#endpoint = endpoint;
  }

  /** @returns {Promise<Result>} */
  next() {
    return new Promise((resolve, reject) => {
      if (this.#ended) return resolve(DONE);
      this.#requests.push({ resolve, reject });
      this.#serve();
    });
  }

  /**
   * Leaves the port open and paused. Who waits for a message is told that none comes.
   * @param {any} [value]
   * @returns {Promise<IteratorResult<MessageEvent, any>>}
   */
  return(value) {
    this.#end();
    return Promise.resolve({ done: true, value });
  }

  /** @param {unknown} [error]  @returns {Promise<never>} */
  throw(error) {
    this.#end();
    return Promise.reject(error);
  }

  #serve() {
    if (this.#requests.length === 0 || this.#handingOut || this.#stopWaiting !== null) return;
    if (this.#reads === 0) this.#endpoint.pause();
    if (this.#endpoint.key === 0) return this.#end();
    this.#reads += 1;
    try {
      const received = this.#reads % SHARE === 0 ? undefined : receive(this.#endpoint);
      if (received == null) this.#wait();
      else this.#handOut({ data: received.message, ports: received.ports });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As a task of its own. @param {MessageEvent} value */
  #handOut(value) {
    const { resolve } = /** @type {Request} */ (this.#requests.shift());
    this.#handingOut = true;
    process.nextTick(() => {
      this.#handingOut = false;
      resolve({ done: false, value });
      this.#serve();
    });
  }

  /** Lets the port deliver until a message comes. */
  #wait() {
    const [port, endpoint] = [this.#port, this.#endpoint];
    const onMessage = (/** @type {MessageEvent} */ value) => {
      this.#pause();
      this.#requests.shift()?.resolve({ done: false, value });
      this.#serve();
    };
    const onError = (/** @type {{ error: Error, ports: any[] }} */ { error, ports }) => {
      closeAll(ports);
      this.#fail(error);
    };
    const onEnd = () => this.#end();
    this.#stopWaiting = () => {
      endpoint.pause();
      endpoint.onDetached = null;
      port.off('message', onMessage).off('messageerror', onError).off('close', onEnd);
    };
    port.on('message', onMessage).on('messageerror', onError).on('close', onEnd);
    endpoint.onDetached = onEnd;
    endpoint.start();
  }

  #pause() {
    const stopWaiting = this.#stopWaiting;
    this.#stopWaiting = null;
    stopWaiting?.();
  }

  /** What came was no message. @param {unknown} error */
  #fail(error) {
    this.#requests.shift()?.reject(error);
    this.#end();
  }

  #end() {
    this.#ended = true;
    this.#pause();
    for (const { resolve } of this.#requests.splice(0)) resolve(DONE);
  }

  static {
    Object.setPrototypeOf(this.prototype, AsyncIteratorPrototype);
    Object.defineProperty(this.prototype, Symbol.toStringTag, { configurable: true, value: 'MessagePortMain AsyncIterator' });
    // Inherited from Node 24 on.
    if (Symbol.asyncDispose !== undefined && !(Symbol.asyncDispose in this.prototype)) {
      Object.defineProperty(this.prototype, Symbol.asyncDispose, {
        configurable: true,
        writable: true,
        /** @this {PortIterator} */
        async value() { await this.return(); },
      });
    }
  }
}

/**
 * @param {EventEmitter} port
 * @param {Endpoint} endpoint
 * @returns {AsyncGenerator<MessageEvent, void, undefined>}
 */
function iterate(port, endpoint) {
  return /** @type {any} */ (new PortIterator(port, endpoint));
}

module.exports = { iterate };
