// A word there and back between this process and a child: by shared memory, by a port of ours, by fork's channel.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { sharedMemory, utilityProcess } = require('../..');

const TURNS = 5000;

const script = path.join(__dirname, 'partner.js');

/** @param {bigint} begin */
const perSecond = (begin) => TURNS / (Number(process.hrtime.bigint() - begin) / 1e9);

/** @param {boolean} sleeps  whether the two sides sleep while they wait, or look again and again */
async function overMemory(sleeps) {
  const child = utilityProcess.fork(script, ['memory']);
  const exit = once(child, 'exit');
  await once(child, 'message');
  const word = new Int32Array(sharedMemory.create(4));
  child.postMessage({ word, turns: TURNS, sleeps });
  const wait = (/** @type {number} */ value) => {
    for (let seen = Atomics.load(word, 0); seen !== value; seen = Atomics.load(word, 0)) if (sleeps) sharedMemory.wait(word, 0, seen);
  };
  wait(1); // the child is there
  const begin = process.hrtime.bigint();
  for (let i = 1; i < 2 * TURNS; i += 2) {
    Atomics.store(word, 0, i + 1);
    if (sleeps) sharedMemory.notify(word, 0);
    wait(i + 2);
  }
  const figure = perSecond(begin);
  await exit;
  return figure;
}

/**
 * @param {import('node:events').EventEmitter} child  that answers each message with it
 * @param {(message: number) => unknown} send
 */
async function overMessages(child, send) {
  const exit = once(child, 'exit');
  await once(child, 'message');
  const begin = process.hrtime.bigint();
  await /** @type {Promise<void>} */ (new Promise((resolve) => {
    let left = TURNS;
    child.on('message', () => { if (--left === 0) resolve(); else send(left); });
    send(left);
  }));
  const figure = perSecond(begin);
  send(0);
  await exit;
  return figure;
}

async function measureShared() {
  const ours = utilityProcess.fork(script, ['ours']);
  const messages = await overMessages(/** @type {any} */ (ours), (message) => ours.postMessage(message));
  const forked = fork(script, ['fork']);
  return {
    'shared memory, wait and notify': await overMemory(true),
    'shared memory, looking': await overMemory(false),
    'messages of ours': messages,
    "fork's messages": await overMessages(forked, (message) => forked.send(message)),
  };
}

module.exports = { measureShared };
