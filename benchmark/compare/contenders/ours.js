// This package, or another build of it: BENCH_PACKAGE says where it is.
'use strict';

/** @typedef {import('../talk.js').Line} Line */

/** @type {typeof import('../../..')} */
const { MessageChannelMain, Worker, parentPort, utilityProcess } = require(process.env.BENCH_PACKAGE ?? '../../..');

/** @param {import('../../..').MessagePortMain} port @returns {Line} */
function overPort(port) {
  return {
    send: (message, transfer) => port.postMessage(message, transfer),
    listen(listener) {
      port.on('message', ({ data }) => listener(data));
      port.start();
    },
    close: () => port.close(),
  };
}

/** @param {import('../talk.js').Between} between @param {string} far @returns {import('../talk.js').Place} */
function open(between, far) {
  const place = between === 'threads' ? new Worker(far) : utilityProcess.fork(far);
  const channel = () => {
    const { port1, port2 } = new MessageChannelMain();
    place.postMessage(null, [port2]);
    return overPort(port1);
  };
  return { line: channel(), channel };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  parentPort?.on('message', ({ ports: [port] }) => serve(overPort(port)));
}

/** @returns {[Line, Line]} */
function pair() {
  const { port1, port2 } = new MessageChannelMain();
  return [overPort(port1), overPort(port2)];
}

module.exports = { accept, open, pair };
