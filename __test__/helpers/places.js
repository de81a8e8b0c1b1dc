// Where a half of a scenario can be played, seen from the test: here, or in a worker or child that runs place.js.
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { halves } = require('./halves.js');

const script = require.resolve('./place.js');

/**
 * @typedef {object} Place
 * @property {(job: object) => Promise<{ value?: any, died?: true }>} play rejects if the half fails
 * @property {() => void} dismiss the scenario is over
 * @property {Promise<any[]>} gone what the place's 'exit' event said
 * @property {() => void} kill
 */

/** @returns {Place} this very thread */
function here() {
  let ports = [];
  return {
    async play({ title, half, port, road }) {
      ports = [port, road];
      return { value: await halves.get(title)[half]({ port, road }) };
    },
    dismiss() { for (const port of ports) port.close(); },
    gone: Promise.resolve([0]),
    kill() { this.dismiss(); },
  };
}

/** @returns {Place} a worker or child, or, with `relay`, the first worker of it */
function elsewhere(owner, relay) {
  const link = new MessageChannelMain();
  owner.on('message', (data) => data === 'terminate me' && owner.terminate());
  return {
    play(job) {
      const { port, road } = job;
      return new Promise((resolve, reject) => {
        link.port1.on('message', ({ data }) => ('error' in data ? reject(data.error) : resolve(data)));
        link.port1.on('messageerror', ({ error }) => reject(error));
        link.port1.on('close', () => resolve({ died: true }));
        link.port1.start();
        owner.on('error', reject);
        owner.postMessage({ ...job, relay, link: link.port2 }, [port, road, link.port2]);
      });
    },
    dismiss() { link.port1.close(); },
    gone: new Promise((resolve) => owner.on('exit', (...args) => resolve(args))),
    kill() { link.port1.close(); owner.kill ? owner.kill('SIGKILL') : owner.terminate(); },
  };
}

const places = {
  here,
  worker: () => elsewhere(new Worker(script), false),
  child: () => elsewhere(utilityProcess.fork(script), false),
  'worker of a child': () => elsewhere(utilityProcess.fork(script), true),
};

/** Where ports do not leave the process, which scripts/test-threads.js says. */
const THREADS_ONLY = process.env.TEST_PLACES === 'threads';

/** Every pair of places that differs in kind: same thread, two threads, parent and child, child and child, cousins. */
const placements = [
  ['here', 'here'],
  ['here', 'worker'],
  ['worker', 'here'],
  ['here', 'child'],
  ['child', 'here'],
  ['child', 'child'],
  ['worker of a child', 'worker of a child'],
].filter((pair) => !THREADS_ONLY || !pair.some((place) => place.includes('child')));

module.exports = { places, placements, THREADS_ONLY };
