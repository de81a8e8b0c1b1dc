// The web's workers and ports, as Bun and Deno have them.
'use strict';

const { pathToFileURL } = require('node:url');

/** @typedef {import('../talk.js').Line} Line */

/** In a worker it is where messages come from. @type {any} */
const scope = globalThis;

/** @param {any} port @returns {Line} */
function overPort(port) {
  return {
    send: (message, transfer) => port.postMessage(message, transfer ?? []),
    listen(listener) {
      port.onmessage = (/** @type {any} */ event) => listener(event.data);
    },
    close: () => port.close(),
  };
}

/** @param {import('../talk.js').Between} _ @param {string} far @returns {Promise<import('../talk.js').Place>} */
async function open(_, far) {
  const worker = new scope.Worker(pathToFileURL(far).href, { type: 'module' });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = reject;
  });
  const channel = () => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ port: port2 }, [port2]);
    return overPort(port1);
  };
  return { line: channel(), channel };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  scope.onmessage = (/** @type {any} */ event) => serve(overPort(event.data.port));
  scope.postMessage('ready');
}

/** @returns {[Line, Line]} */
function pair() {
  const { port1, port2 } = new MessageChannel();
  return [overPort(port1), overPort(port2)];
}

module.exports = { accept, open, pair };
