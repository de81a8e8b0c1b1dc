// The ports of node:worker_threads, as Node has them and as Bun and Deno have them.
'use strict';

const { MessageChannel, Worker, parentPort } = require('node:worker_threads');

/** @typedef {import('../talk.js').Line} Line */

/** @param {import('node:worker_threads').MessagePort} port @returns {Line} */
function overPort(port) {
  return {
    send: (message, transfer) => port.postMessage(message, transfer),
    listen: (listener) => port.on('message', listener),
    close: () => port.close(),
  };
}

/** @param {import('../talk.js').Between} _ @param {string} far @returns {import('../talk.js').Place} */
function open(_, far) {
  const worker = new Worker(far);
  const channel = () => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ port: port2 }, [port2]);
    return overPort(port1);
  };
  return { line: channel(), channel };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  parentPort?.on('message', ({ port }) => serve(overPort(port)));
}

/** @returns {[Line, Line]} */
function pair() {
  const { port1, port2 } = new MessageChannel();
  return [overPort(port1), overPort(port2)];
}

module.exports = { accept, open, pair };
