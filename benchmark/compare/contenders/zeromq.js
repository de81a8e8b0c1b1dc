// A pair of zeromq's over a unix socket; node:v8 clones. Its sends are promises, one at a time.
'use strict';

const v8 = require('node:v8');
const { load } = require('./index.js');
const { address, ready, start } = require('./child.js');

/** @typedef {import('../talk.js').Line} Line */

/** A pair without a limit to what may wait, as the others have none. */
function pair() {
  const { Pair } = load('zeromq');
  return new Pair({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 });
}

/** @param {any} socket @returns {Line} */
function overSocket(socket) {
  /** @type {Buffer[]} */
  let waiting = [];
  let sending = false;
  const drain = async () => {
    sending = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const body of batch) await socket.send(body);
    }
    sending = false;
  };
  return {
    send(message) {
      waiting.push(v8.serialize(message));
      if (!sending) drain();
    },
    async listen(listener) {
      for await (const [body] of socket) listener(v8.deserialize(body));
    },
    close: () => socket.close(),
  };
}

/** @param {import('../talk.js').Between} _ @param {string} far @returns {Promise<import('../talk.js').Place>} */
async function open(_, far) {
  const address = await start(far);
  const socket = pair();
  socket.connect(`ipc://${address}`);
  return {
    line: overSocket(socket),
  };
}

/** @param {(line: Line) => void} serve */
async function accept(serve) {
  const socket = pair();
  await socket.bind(`ipc://${address()}`);
  serve(overSocket(socket));
  ready();
}

module.exports = { accept, open };
