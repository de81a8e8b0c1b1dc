// A unix socket to a child, as one writes it by hand.
'use strict';

const { once } = require('node:events');
const net = require('node:net');
const { address, ready, start } = require('./child.js');
const { framed } = require('./frames.js');

/** @typedef {import('../talk.js').Line} Line */

/** @param {import('../talk.js').Between} _ @param {string} far @returns {Promise<import('../talk.js').Place>} */
async function open(_, far) {
  const address = await start(far);
  const channel = async () => {
    const socket = net.connect(address);
    await once(socket, 'connect');
    return framed(socket);
  };
  return { line: await channel(), channel };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  net.createServer((socket) => serve(framed(socket.on('error', () => socket.destroy())))).listen({ path: address(), backlog: 511 }, ready);
}

module.exports = { accept, open };
