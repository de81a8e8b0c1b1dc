// Reads a MessagePortMain with `for await`: one message at a time, the rest stays queued in the port.
'use strict';

const { closeAll, receive } = require('../../port');
const { SHARE } = require('../limits.js');

const { process, Promise } = globalThis;
/** As it is when we load: a test may stop it, with the clock. */
const { nextTick } = process;

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */
/** @typedef {import('node:events').EventEmitter} EventEmitter */
/** @typedef {{ data: any, ports: any[] }} MessageEvent */
/** @typedef {IteratorResult<MessageEvent, undefined>} Result */
/** @typedef {{ iterator: PortIterator, resolve: (result: Result) => void, reject: (error: unknown) => void }} Request */

/** Where `for await` finds what makes an iterator iterable. */
const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {}).prototype));

/** @type {Result} */
const DONE = Object.freeze({ done: true, value: undefined });

/**
 * What all iterators of a port have in common: whoever asked first is given the next message.
 * Invariant: unless it waits for a message, the port is paused, so whoever leaves the loop, closes the port or transfers it
 * finds every message that was not handed out still in it.
 */
class Reader {
  #port;
  #endpoint;
  /** Calls of next() that have no message yet. @type {Request[]} */ #requests = [];
  /** What it listens with while it waits for a message. @type {[event: string, listener: (value: any) => void][]} */ #listeners = [];
  #handingOut = false;
  #reads = 0;

  /**
   * @param {EventEmitter} port
   * @param {Endpoint} endpoint
   */
  constructor(port, endpoint) {
    this.#port = port;
    this.#endpoint = endpoint;
  }

  /**
   * @param {Request} request
   * @param {boolean} isFirst  of its iterator: somebody may have started the port since the last one
   */
  ask(request, isFirst) {
    if (isFirst && !this.#isWaiting) this.#endpoint.pause();
    this.#requests.push(request);
    this.#serve();
  }

  /** Those of an iterator that has ended. @param {PortIterator} iterator */
  withdraw(iterator) {
    const gone = this.#requests.filter((request) => request.iterator === iterator);
    this.#requests = this.#requests.filter((request) => request.iterator !== iterator);
    if (this.#requests.length === 0) this.#pause();
    for (const { resolve } of gone) resolve(DONE);
  }

  #serve() {
    if (this.#requests.length === 0 || this.#handingOut || this.#isWaiting) return;
    if (this.#endpoint.key === 0) return this.#end();
    this.#reads += 1;
    try {
      const received = this.#reads % SHARE === 0 ? undefined : receive(this.#endpoint);
      if (received == null) this.#wait();
      else this.#handOut({ data: received.message, ports: received.ports });
    } catch (error) {
      this.#pause(); // it may be whoever is told of new listeners who throws
      this.#fail(error);
      this.#serve();
    }
  }

  /** As a task of its own. @param {MessageEvent} value */
  #handOut(value) {
    const { resolve } = /** @type {Request} */ (this.#requests.shift());
    this.#handingOut = true;
    nextTick(() => {
      this.#handingOut = false;
      resolve({ done: false, value });
      this.#serve();
    });
  }

  /** Lets the port deliver until a message comes. */
  #wait() {
    const onMessage = (/** @type {MessageEvent} */ value) => {
      this.#pause();
      this.#requests.shift()?.resolve({ done: false, value });
      this.#serve();
    };
    const onError = (/** @type {{ error: Error, ports: any[] }} */ { error, ports }) => {
      closeAll(ports);
      this.#pause();
      this.#fail(error);
      this.#serve();
    };
    const onEnd = () => this.#end();
    try {
      this.#port.on('message', onMessage).on('messageerror', onError).on('close', onEnd);
    } finally {
      this.#listeners = [['message', onMessage], ['messageerror', onError], ['close', onEnd]]; // all go with the wait, also where one is missing
    }
    if (this.#endpoint.key === 0) return this.#end(); // who is told of new listeners has closed it, or given it away
    this.#endpoint.onDetached = onEnd;
    this.#endpoint.start();
  }

  get #isWaiting() {
    return this.#listeners.length > 0;
  }

  /** Whoever removes all listeners of the port means those of its users: a started port without ours would lose messages. */
  keepListening() {
    for (const [event, listener] of this.#listeners) {
      if (!this.#port.listeners(event).includes(listener)) this.#port.on(event, listener);
    }
  }

  #pause() {
    if (!this.#isWaiting) return;
    const listeners = this.#listeners.splice(0); // first: keepListening() is called for each that goes
    this.#endpoint.pause();
    this.#endpoint.onDetached = null;
    for (const [event, listener] of listeners) this.#port.off(event, listener);
  }

  /** What came was no message. @param {unknown} error */
  #fail(error) {
    const request = this.#requests.shift();
    request?.reject(error);
    if (request !== undefined) PortIterator.end(request.iterator);
  }

  /** No more comes, for anybody. */
  #end() {
    this.#pause();
    for (const { iterator, resolve } of this.#requests.splice(0)) {
      resolve(DONE);
      PortIterator.end(iterator);
    }
  }
}

/** By port, which its reader does not keep. @type {WeakMap<EventEmitter, Reader>} */
const readers = new WeakMap();

class PortIterator {
  #reader;
  #begun = false;
  #ended = false;

  /** @param {Reader} reader */
  constructor(reader) {
    this.#reader = reader;
  }

  /** @returns {Promise<Result>} */
  next() {
    return new Promise((resolve, reject) => {
      if (this.#ended) return resolve(DONE);
      const isFirst = !this.#begun;
      this.#begun = true;
      this.#reader.ask({ iterator: this, resolve, reject }, isFirst);
    });
  }

  /**
   * Leaves the port open and paused, unless others wait for a message. Who waits for one of this is told that none comes.
   * @param {any} [value]
   * @returns {Promise<IteratorResult<MessageEvent, any>>}
   */
  return(value) {
    PortIterator.end(this);
    return Promise.resolve({ done: true, value });
  }

  /** @param {unknown} [error]  @returns {Promise<never>} */
  throw(error) {
    PortIterator.end(this);
    return Promise.reject(error);
  }

  /** @param {PortIterator} iterator */
  static end(iterator) {
    iterator.#ended = true;
    iterator.#reader.withdraw(iterator);
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
  const reader = readers.get(port) ?? new Reader(port, endpoint);
  readers.set(port, reader);
  return /** @type {any} */ (new PortIterator(reader));
}

/** To be called where listeners of the port may have been removed. @param {EventEmitter} port */
function keepIterating(port) {
  readers.get(port)?.keepListening();
}

module.exports = { iterate, keepIterating };
