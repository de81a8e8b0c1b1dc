// Lets a worker's parent hold back 'exit' until everything that the worker posted was delivered.
'use strict';

const { AsyncResource: { bind } } = require('node:async_hooks');
const { worker_threads: { Worker } } = require('../native');

/** Node's own end of a worker: it removes the listeners and emits 'exit' in one go. */
const onExit = Object.getOwnPropertySymbols(Worker.prototype).find((symbol) => symbol.description === 'kOnExit');

/**
 * Where Node's internals have changed, 'exit' is not held back. It is told in the async context in which Node tells it, whoever says when.
 * @param {import('node:worker_threads').Worker} target  a worker, or the prototype of a class of them
 * @param {(worker: any, exit: () => void) => void} before  calls `exit` when it is time
 */
function holdBackExit(target, before) {
  if (onExit === undefined) return false;
  const inherited = Reflect.get(target, onExit);
  Object.defineProperty(target, onExit, {
    configurable: true,
    writable: true,
    /** @this {import('node:worker_threads').Worker} @param {unknown[]} args */
    value(...args) {
      before(this, bind(() => Reflect.apply(inherited, this, args)));
    },
  });
  return true;
}

module.exports = { holdBackExit };
