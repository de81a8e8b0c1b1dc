// What async hooks see of a worker in a process, as of Node's: whether it holds the event loop, until it has ended.
'use strict';

const { AsyncResource } = require('node:async_hooks');

const { setImmediate } = globalThis;

class WorkerResource extends AsyncResource {
  /** @type {boolean | undefined} */ #holds = true;

  constructor() {
    super('WORKER', { requireManualDestroy: true });
  }

  /** @param {boolean} on */
  reference(on) {
    if (this.#holds !== undefined) this.#holds = on;
  }

  /** After 'exit', as with a handle of Node's that closes. */
  end() {
    setImmediate(() => {
      this.#holds = undefined;
      this.emitDestroy();
    });
  }

  /** @returns {boolean | undefined} */
  hasRef() {
    return #holds in this ? this.#holds : true; // a hook may ask before it is made
  }
}

module.exports = { WorkerResource };
