// Lets a worker's parent hold back 'exit' until everything that the worker posted was delivered.
'use strict';

const { AsyncResource: { bind } } = require('node:async_hooks');
const { worker_threads: { Worker } } = require('../native');

/** Node's own end of a worker: it removes the listeners and emits 'exit' in one go. */
const onExit = Object.getOwnPropertySymbols(Worker.prototype).find((symbol) => symbol.description === 'kOnExit');

/** Other runtimes have no such function: all they do is to emit 'exit'. */
const isEmitted = onExit === undefined;

/**
 * 'exit' is told in the async context in which the runtime tells it, whoever says when.
 * @param {import('node:worker_threads').Worker} target  a worker, or the prototype of a class of them
 * @param {(worker: any, exit: () => void) => void} before  calls `exit` when it is time
 */
function holdBackExit(target, before) {
  const name = onExit ?? 'emit';
  const inherited = Reflect.get(target, name);
  Object.defineProperty(target, name, {
    configurable: true,
    writable: true,
    /** @this {import('node:worker_threads').Worker} @param {unknown[]} args */
    value(...args) {
      if (isEmitted && args[0] !== 'exit') return Reflect.apply(inherited, this, args);
      before(this, bind(() => Reflect.apply(inherited, this, args)));
      return true;
    },
  });
}

module.exports = { holdBackExit, isEmitted };
