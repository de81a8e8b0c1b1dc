// Bytes from a child to its parent: a stream that is handed over, the child's stdout, and a unix socket.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { utilityProcess } = require('../..');

const CHUNK = 64 * 1024;
const CHUNKS = 20_000;
const MEGABYTES = (CHUNK * CHUNKS) / 1e6;

const script = path.join(__dirname, 'source.js');

/**
 * @param {AsyncIterable<Uint8Array>} source
 * @returns {Promise<number>} MB/s from the first chunk to the last
 */
async function drain(source) {
  let [bytes, begin] = [0, 0n];
  for await (const chunk of source) {
    if (bytes === 0) begin = process.hrtime.bigint();
    bytes += chunk.length;
  }
  if (bytes !== CHUNK * CHUNKS) throw new Error(`${bytes} bytes arrived of ${CHUNK * CHUNKS}`);
  return MEGABYTES / (Number(process.hrtime.bigint() - begin) / 1e9);
}

/** @param {string} type  undefined: chunks are cloned; 'bytes': their memory is handed over */
async function overStream(type) {
  const child = utilityProcess.fork(script, ['stream', String(CHUNK), String(CHUNKS), type]);
  const exit = once(child, 'exit');
  const [stream] = await once(child, 'message');
  const figure = await drain(stream);
  await exit;
  return figure;
}

async function overStdout() {
  const child = spawn(process.execPath, [script, 'stdout', String(CHUNK), String(CHUNKS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const figure = await drain(child.stdout);
  await exit;
  return figure;
}

async function overSocket() {
  const place = path.join(os.tmpdir(), `bench-streams-${process.pid}.sock`);
  const server = net.createServer().listen(place);
  await once(server, 'listening');
  const child = spawn(process.execPath, [script, 'socket', String(CHUNK), String(CHUNKS), place], { stdio: 'inherit' });
  const exit = once(child, 'exit');
  const [socket] = await once(server, 'connection');
  const figure = await drain(socket);
  server.close();
  await exit;
  return figure;
}

async function measureStreams() {
  return {
    'ours': await overStream('default'),
    'ours, a byte stream': await overStream('bytes'),
    'child.stdout': await overStdout(),
    'a unix socket': await overSocket(),
  };
}

module.exports = { measureStreams };
