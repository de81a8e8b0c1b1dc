// node-ipc, the release before its later ones carried malicious code; the far side is its server.
'use strict';

const { load } = require('./index.js');
const { address, ready, start } = require('./child.js');
const { plain, unplain } = require('./plain.js');

/** @typedef {import('../talk.js').Line} Line */

/** The package's one object, silent. */
function silent() {
  const ipc = load('node-ipc');
  Object.assign(ipc.config, { silent: true, stopRetrying: true });
  return ipc;
}

/** @param {import('../talk.js').Between} _ @param {string} far @returns {Promise<import('../talk.js').Place>} */
async function open(_, far) {
  const address = await start(far);
  const ipc = silent();
  await new Promise((resolve, reject) => {
    ipc.connectTo(address, address, () => ipc.of[address].on('connect', resolve).on('error', reject));
  });
  const client = ipc.of[address];
  return {
    line: {
      send: (message) => client.emit('message', plain(message)),
      listen: (listener) => client.on('message', (/** @type {any} */ message) => listener(unplain(message))),
      close: () => {},
    },
  };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  const ipc = silent();
  ipc.serve(address(), () => {
    ipc.server.on('connect', (/** @type {any} */ socket) => serve({
      send: (message) => ipc.server.emit(socket, 'message', plain(message)),
      listen: (listener) => ipc.server.on('message', (/** @type {any} */ message, /** @type {any} */ from) => {
        if (from === socket) listener(unplain(message));
      }),
      close: () => socket.destroy(),
    }));
    ready();
  });
  ipc.server.start();
}

module.exports = { accept, open };
