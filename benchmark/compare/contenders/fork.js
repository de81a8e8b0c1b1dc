// child_process.fork and its channel, in both serializations; a further channel is a socket handed over.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const { freshAddress } = require('./child.js');
const { framed } = require('./frames.js');
const { plain, unplain } = require('./plain.js');

/** @typedef {import('../talk.js').Line} Line */

const isJson = process.env.BENCH_CONTENDER === 'fork-json';
const HANDED = 'a socket';

/** @param {NodeJS.Process | import('node:child_process').ChildProcess} end @returns {Line} */
function overChannel(end) {
  return {
    send: (message) => /** @type {any} */ (end).send(isJson ? plain(message) : message),
    listen: (listener) => end.on('message', (/** @type {any} */ message) => {
      if (message !== HANDED) listener(isJson ? unplain(message) : message);
    }),
    close: () => {},
  };
}

/** Both ends of a new socket; Node has no socketpair. @param {net.Server} server @param {string} address */
async function socketPair(server, address) {
  const socket = net.connect(address);
  const [[other]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
  return [socket, other];
}

/** @param {import('../talk.js').Between} _ @param {string} far @returns {import('../talk.js').Place} */
function open(_, far) {
  const child = fork(far, { serialization: isJson ? 'json' : 'advanced' });
  const address = freshAddress();
  const server = net.createServer({ pauseOnConnect: true }).listen(address);
  return {
    line: overChannel(child),
    async channel() {
      const [socket, other] = await socketPair(server, address);
      child.send(HANDED, other);
      return framed(socket);
    },
  };
}

/** @param {(line: Line) => void} serve */
function accept(serve) {
  process.on('message', (message, /** @type {any} */ handle) => {
    if (message === HANDED) serve(framed(handle.on('error', () => handle.destroy())));
  });
  serve(overChannel(process));
}

module.exports = { accept, open };
