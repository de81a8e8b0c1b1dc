// The far side of every contender: counts what comes, says how much on 'end', sends back what is a 'ping'.
'use strict';

const worker_threads = require('node:worker_threads');

/** @param {(message: unknown) => void} send */
function counter(send) {
  let count = 0;
  return (/** @type {unknown} */ message) => {
    if (message === 'ping') return send(message);
    if (message !== 'end') return count++;
    send(count);
    count = 0;
  };
}

/** Ours, in a worker or a child: the port to use comes over parentPort. */
function ours() {
  const { parentPort } = require('../..');
  parentPort.once('message', ({ ports: [port] }) => {
    const count = counter((message) => port.postMessage(message));
    port.on('message', ({ data }) => count(data));
    port.start();
  });
}

/** Node's own ports between threads. */
function node() {
  worker_threads.parentPort?.once('message', ({ port }) => port.on('message', counter((message) => port.postMessage(message))));
}

/** The channel of child_process. */
function fork() {
  process.on('message', counter((message) => process.send?.(message)));
}

({ ours, node, fork })[process.argv[2]]?.();
