// The ways to talk to another thread or process that are compared, behind one interface.
'use strict';

const { fork } = require('node:child_process');
const worker_threads = require('node:worker_threads');
const { MessageChannelMain, Worker, utilityProcess } = require('../..');

const far = require.resolve('./far.js');

/**
 * @typedef {object} Line
 * @property {(message: unknown) => void} send
 * @property {(listener: (message: any) => void) => void} listen  instead of the listener before
 * @property {() => unknown} end
 */

/** @param {{ postMessage: Function }} place @param {() => unknown} end @returns {Line} */
function ourLine(place, end) {
  const { port1, port2 } = new MessageChannelMain();
  place.postMessage(null, [port2]);
  port1.start();
  return {
    send: (message) => port1.postMessage(message),
    listen: (listener) => port1.removeAllListeners('message').on('message', ({ data }) => listener(data)),
    end,
  };
}

/** @returns {Line} */
function nodeLine() {
  const worker = new worker_threads.Worker(far, { argv: ['node'] });
  const { port1, port2 } = new worker_threads.MessageChannel();
  worker.postMessage({ port: port2 }, [port2]);
  return {
    send: (message) => port1.postMessage(message),
    listen: (listener) => port1.removeAllListeners('message').on('message', listener),
    end: () => worker.terminate(),
  };
}

/** @param {'json' | 'advanced'} serialization @returns {Line} */
function forkLine(serialization) {
  const child = fork(far, ['fork'], { serialization });
  return {
    send: (message) => child.send(/** @type {any} */ (message)),
    listen: (listener) => child.removeAllListeners('message').on('message', listener),
    end: () => child.kill(),
  };
}

/** By what lies between the two sides; ours first. @type {Record<string, Record<string, () => Line>>} */
const contenders = {
  threads: {
    ours: () => {
      const worker = new Worker(far, { argv: ['ours'] });
      return ourLine(worker, () => worker.terminate());
    },
    'worker_threads': nodeLine,
  },
  processes: {
    ours: () => {
      const child = utilityProcess.fork(far, ['ours']);
      return ourLine(child, () => child.kill());
    },
    'fork (json)': () => forkLine('json'),
    'fork (advanced)': () => forkLine('advanced'),
  },
};

module.exports = { contenders };
