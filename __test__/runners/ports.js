// What a program's suite does with us, for each test runner: channels, a worker, a child, errors.
'use strict';

const path = require('node:path');
const { isMainThread } = require('node:worker_threads');

const ECHO = path.join(__dirname, 'echo.js');

/** What a port that was made here and handed over brings back. */
function answer({ MessageChannelMain }, other) {
  const { port1, port2 } = new MessageChannelMain();
  const answered = new Promise((resolve) => port1.once('message', ({ data }) => resolve(data)));
  port1.start();
  other.postMessage('there and back', [port2]);
  return answered.finally(() => port1.close());
}

/** The suite: a title and what must be true. @type {Record<string, (load: () => any) => Promise<boolean> | boolean>} */
const SUITE = {
  'it runs where it is meant to'() {
    return String(!isMainThread) === process.env.SUITE_IN_THREADS;
  },
  async 'a port delivers'(load) {
    const { MessageChannelMain } = load();
    const { port1, port2 } = new MessageChannelMain();
    const arrived = new Promise((resolve) => port2.once('message', ({ data }) => resolve(data)));
    port2.start();
    port1.postMessage({ list: [1, 2, 3] });
    const { list } = await arrived;
    port1.close();
    return list.length === 3 && list[2] === 3;
  },
  async 'a worker answers'(load) {
    const worker = new (load().Worker)(ECHO);
    const exited = new Promise((resolve) => worker.once('exit', resolve)); // which another channel than the answer's may tell first
    const data = await answer(load(), worker);
    await exited;
    return data === 'there and back';
  },
  async 'a child answers'(load) {
    const child = load().utilityProcess.fork(ECHO);
    const exited = new Promise((resolve) => child.once('exit', resolve)); // which another channel than the answer's may tell first
    const data = await answer(load(), child);
    await exited;
    return data === 'there and back';
  },
  'a DataCloneError is as much an Error as one of Node\'s'(load) {
    const { port1 } = new (load().MessageChannelMain)();
    const caught = (clone) => {
      try {
        clone(() => {});
      } catch (error) {
        return error;
      }
    };
    const [ours, nodes] = [caught((value) => port1.postMessage(value)), caught(structuredClone)];
    port1.close();
    return ours.name === 'DataCloneError' && nodes.name === 'DataCloneError' && ours instanceof Error === nodes instanceof Error;
  },
  'a TypeError is one of the suite\'s own'(load) {
    const { port1 } = new (load().MessageChannelMain)();
    try {
      port1.postMessage(null, 4);
    } catch (error) {
      return error instanceof TypeError && error.code === 'ERR_INVALID_ARG_TYPE';
    } finally {
      port1.close();
    }
    return false;
  },
};

module.exports = { SUITE };
