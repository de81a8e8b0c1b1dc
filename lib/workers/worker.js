// Node's Worker: an emitter in front of a thread or of a process, which are the same to whoever has it.
'use strict';

const { channel } = require('node:diagnostics_channel');
const { EventEmitter } = require('node:events');
const { nodeFace } = require('../faces');
const { own } = require('../family');
const { worker_threads } = require('../native');
const { birth } = require('./birth.js');
const { threadIdHere } = require('./place.js');

const { process } = globalThis;
const { nextTick } = process;

/** @typedef {(event: string, ...args: unknown[]) => void} Tell */
/** @typedef {import('node:worker_threads').WorkerOptions & { process?: boolean }} WorkerOptions */

/** Under this key threads inherit it, as a process does by its birth. */
const KEY = 'message-channel-main:processes';

/** Whether workers are processes that nobody has said it of. */
const preference = { processes: birth?.everywhere ?? Boolean(worker_threads.getEnvironmentData(KEY)) };

/** @param {boolean} processes */
function prefer(processes) {
  preference.processes = processes;
  worker_threads.setEnvironmentData(KEY, processes);
}

/**
 * Node takes what it finds in there, and anything that holds nothing for an empty list.
 * @param {any} options  without a prototype
 * @returns {WorkerOptions}
 */
const withList = ({ transferList, ...rest }) => own(transferList ? { ...rest, transferList: Array.from(transferList) } : rest);

const isInstance = Function.prototype[Symbol.hasInstance];

/** Where Node tells of every worker that it makes. */
const made = channel('worker_threads');

class Worker extends EventEmitter {
  /** @type {any} */ #inner = null;
  #apart;
  #exited = false;

  /**
   * @param {string | URL} filename
   * @param {WorkerOptions} [options]
   */
  constructor(filename, options = {}) {
    if (options === null) throw new TypeError("Cannot read properties of null (reading 'execArgv')"); // as it happens to Node
    super();
    const { process: apart = preference.processes, ...rest } = withList(own(options));
    const Inner = apart ? require('./process-worker.js').ProcessWorker : require('./thread-worker.js').ThreadWorker;
    this.#apart = apart;
    /** @type {Tell} */
    const tell = (event, ...args) => {
      if (event === 'exit') this.#exited = true;
      this.emit(event, ...args);
      if (event === 'exit') this.removeAllListeners(); // as Node does
    };
    this.#inner = new Inner(filename, own(rest), tell, preference.processes);
    this.performance = this.#inner.performance;
    if (!apart) return; // Node tells of threads
    nextTick(() => process.emit('worker', /** @type {any} */ (this)));
    if (made.hasSubscribers) made.publish({ worker: this });
  }

  /** @param {[message: any, transfer?: any]} args */
  postMessage(...args) {
    this.#inner.postMessage(...args);
  }

  /**
   * @param {(error: null, exitCode: number) => void} [callback]  deprecated in Node, and missing in its newer versions
   * @returns {Promise<number>}
   */
  terminate(callback) {
    if (typeof callback === 'function' && worker_threads.Worker.prototype.terminate.length === 1) {
      process.emitWarning('Passing a callback to worker.terminate() is deprecated. It returns a Promise instead.', 'DeprecationWarning', 'DEP0132');
      if (!this.#exited) this.once('exit', (code) => callback(null, code));
    }
    return this.#inner.terminate();
  }

  async [Symbol.asyncDispose ?? Symbol('asyncDispose')]() {
    await this.terminate();
  }

  get threadId() {
    const { threadId } = this.#inner;
    return this.#apart ? threadId : threadIdHere(threadId);
  }

  ref() {
    this.#inner.ref();
  }

  unref() {
    this.#inner.unref();
  }

  /**
   * Of threads `process` and node:diagnostics_channel tell by an object that Node has made, which is a worker, too.
   * @param {unknown} value
   */
  static [Symbol.hasInstance](value) {
    return Reflect.apply(isInstance, this, [value]) || (this === Worker && value instanceof worker_threads.Worker);
  }

  static {
    // Whatever else Node's workers have in this version.
    const { prototype } = worker_threads.Worker;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (name in this.prototype) continue;
      const isGetter = Object.getOwnPropertyDescriptor(prototype, name)?.get !== undefined;
      const { get, value } = {
        /** @this {Worker} */
        get() { return this.#inner[name]; },
        /** @this {Worker} @param {unknown[]} args */
        value(...args) { return this.#inner[name](...args); },
      };
      Object.defineProperty(this.prototype, name, { configurable: true, ...(isGetter ? { get } : { value, writable: true }) });
    }
    nodeFace().liken(this.prototype, prototype);
  }
}

module.exports = { Worker, prefer };
