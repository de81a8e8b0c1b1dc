// npm run bench -- idle [seconds]: what two processes have given back after much of everything, and what they cost when nothing happens.
'use strict';

const path = require('node:path');
const v8 = require('node:v8');
const { setTimeout: sleep } = require('node:timers/promises');
const { usedMemory } = require('../compare/memory.js');

/** @type {typeof import('../..')} */
const { MessageChannelMain, parentPort, utilityProcess } = require(process.env.BENCH_PACKAGE ?? '../..');

const MB = 1 << 20;

/**
 * What is told of a process: resident bytes, with the garbage collected and without the engine's heap, which keeps room for
 * objects as it sees fit; or the processor's time so far, in ms.
 * @type {Record<string, () => number>}
 */
const facts = {
  memory: () => usedMemory() - v8.getHeapStatistics().total_physical_size,
  time() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** In the child: sends back what it gets, and tells of itself when it is asked. */
function serve() {
  parentPort?.on('message', ({ ports: [port] }) => {
    port.on('message', ({ data }) => port.postMessage(Object.hasOwn(facts, data) ? facts[data]() : data));
    port.start();
  });
}

/** In a function of its own: a function that goes on holds what it has last looked at. @typedef {(message: any, ports?: any[]) => Promise<any>} Ask */

/** @param {Ask} ask */
async function large(ask) {
  for (const [size, count] of [[MB, 200], [16 * MB, 50], [64 * MB, 10]]) {
    const bytes = new Uint8Array(size); // one, or the system's allocator would keep some for itself
    for (let i = 0; i < count; i++) {
      const { length, [length - 1]: last } = await ask(bytes.fill(i));
      if (length !== size || last !== i) throw new Error('a message was changed');
    }
  }
}

/** @param {Ask} ask */
async function small(ask) {
  for (let burst = 0; burst < 200; burst++) {
    const answers = Array.from({ length: 1000 }, (_, i) => ask({ id: i, op: 'open', burst }));
    if ((await Promise.all(answers)).some(({ id }, i) => id !== i)) throw new Error('a message was changed');
  }
}

/** @param {Ask} ask */
async function channels(ask) {
  for (let round = 0; round < 3; round++) {
    const open = Array.from({ length: 4000 }, () => new MessageChannelMain());
    for (const { port1 } of open) port1.on('message', () => {});
    for (let i = 0; i < open.length; i += 100) await ask(i, open.slice(i, i + 100).map(({ port2 }) => port2));
    for (const { port1 } of open) port1.close();
  }
}

async function measure(/** @type {number} */ seconds) {
  const child = utilityProcess.fork(path.join(__dirname, 'idle.js'));
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  /** @type {((answer: any) => void)[]} */
  const waiting = [];
  port1.on('message', ({ data }) => waiting.shift()?.(data));
  port1.start();
  /** @type {Ask} */
  const ask = (message, ports) => new Promise((resolve) => {
    waiting.push(resolve);
    port1.postMessage(message, ports);
  });
  const both = async (/** @type {string} */ fact) => [facts[fact](), await ask(fact)];
  await both('memory'); // whatever the first time loads
  const before = await both('memory');
  for (const load of [small, channels, large]) await load(ask);
  for (let i = 0; i < 2; i++) await both('memory'); // collects the garbage; the first time the last message may still be in use
  await sleep(4000);
  const after = await both('memory');
  let good = true;
  for (const [i, who] of ['the parent', 'the child'].entries()) {
    const share = after[i] / before[i];
    good &&= share < 1.1;
    console.log(`${who}: ${(before[i] / MB).toFixed(1)} MiB before, ${(after[i] / MB).toFixed(1)} MiB after 200 000 small messages, 12 000 channels and 6 GB of large messages (${(100 * share).toFixed(0)} %)`);
  }
  await sleep(15_000); // in which the engine collects once more, because it was told to
  const begin = await both('time');
  await sleep(1000 * seconds);
  const end = await both('time');
  for (const [i, who] of ['the parent', 'the child'].entries()) {
    const time = end[i] - begin[i];
    good &&= time < 5 + seconds / 10;
    console.log(`${who}: ${time.toFixed(1)} ms of the processor in ${seconds} s without a message`);
  }
  child.kill();
  if (!good) throw new Error('it does not give back what it took, or is not idle');
}

if (parentPort !== null) serve();
else {
  measure(Number(process.argv[2] ?? 60)).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
