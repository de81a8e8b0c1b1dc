// Connections handed to a child: by a port of ours, and by fork's channel.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const path = require('node:path');
const { utilityProcess } = require('../..');

const SOCKETS = 400;

const script = path.join(__dirname, 'taker.js');

/** Accepted connections, and the clients at their other ends. */
async function connections() {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  /** @type {net.Socket[]} */
  const accepted = [];
  const all = /** @type {Promise<void>} */ (new Promise((resolve) => {
    server.on('connection', (socket) => { if (accepted.push(socket) === SOCKETS) resolve(); });
  }));
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  const clients = Array.from({ length: SOCKETS }, () => net.connect(port, '127.0.0.1').resume());
  await all;
  server.close();
  return { accepted, clients };
}

/**
 * Each socket answers one byte from the child before it counts, and closes.
 * @param {(socket: net.Socket) => void} send
 */
async function measure(send) {
  const { accepted, clients } = await connections();
  const answered = Promise.all(clients.map(async (client) => { await once(client, 'data'); await once(client, 'close'); }));
  const begin = process.hrtime.bigint();
  accepted.forEach(send);
  await answered;
  return SOCKETS / (Number(process.hrtime.bigint() - begin) / 1e9);
}

async function overOurs() {
  const child = utilityProcess.fork(script, ['ours']);
  const exit = once(child, 'exit');
  await once(child, 'message');
  const figure = await measure((socket) => child.postMessage(socket, [socket]));
  child.postMessage('done');
  await exit;
  return figure;
}

async function overFork() {
  const child = fork(script, ['fork']);
  const exit = once(child, 'exit');
  await once(child, 'message');
  const figure = await measure((socket) => { child.send('socket', socket); });
  child.disconnect();
  await exit;
  return figure;
}

async function measureSockets() {
  return { 'ours': await overOurs(), "fork's send": await overFork() };
}

module.exports = { measureSockets };
