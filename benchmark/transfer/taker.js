// The child of sockets.js: writes a byte to every socket that it is handed, and closes it.
'use strict';

if (process.argv[2] === 'fork') {
  process.on('message', (_, /** @type {import('node:net').Socket} */ socket) => { socket.end('x'); });
  process.send?.('ready');
} else {
  const { parentPort } = require('../..');
  parentPort.on('message', function take({ data }) {
    if (data === 'done') parentPort.off('message', take);
    else data.end('x');
  });
  parentPort.postMessage('ready');
}
