// Memory that two threads or processes share, against messages between them: a counter that both count on, numbers through a
// ring buffer, and a word that goes there and back. This side blocks while it waits, which nobody else could in an event loop.
const { MessageChannelMain, sharedMemory } = require('../..');
const { openRenderer } = require('../open-renderer.js');
const { Ring } = require('./ring.js');

const COUNT = 200_000;
const TURNS = 2000;

/** Seconds that it took. */
async function time(what) {
  const begin = process.hrtime.bigint();
  await what();
  return Number(process.hrtime.bigint() - begin) / 1e9;
}

function takeInOrder(ring, from, to) {
  for (let i = from; i < to; i++) if (ring.take() !== i) throw new Error(`number ${i} is missing`);
}

const millions = (seconds) => `${COUNT} numbers in order, ${(COUNT / seconds / 1e6).toFixed(2)} million a second`;
const microseconds = (seconds) => `${(seconds / TURNS * 1e6).toFixed(1)} µs`;

const other = openRenderer('other.js');
other.ipc.once('ready', async () => {
  const counter = new Int32Array(sharedMemory.create(8));
  other.postMessage('count', { counter, times: COUNT });
  for (let i = 0; i < COUNT; i++) Atomics.add(counter, 0, 1);
  while (Atomics.load(counter, 1) === 0) sharedMemory.wait(counter, 1, 0);
  console.log(`a counter: ${counter[0]} of ${2 * COUNT}`);

  const ring = new Ring();
  other.postMessage('push', { memory: ring.memory, count: COUNT });
  takeInOrder(ring, 0, 1); // the other side is there
  console.log(`a ring buffer: ${millions(await time(() => takeInOrder(ring, 1, COUNT)))}`);

  const { port1, port2 } = new MessageChannelMain();
  other.postMessage('post', { port: port2, count: COUNT }, [port2]);
  let expected = 0;
  let begin = 0n;
  await new Promise((resolve, reject) => {
    port1.on('message', ({ data }) => {
      if (data === 0) begin = process.hrtime.bigint();
      if (data !== expected++) reject(new Error(`number ${expected - 1} is missing`));
      if (expected === COUNT) resolve();
    });
    port1.start();
  });
  console.log(`messages: ${millions(Number(process.hrtime.bigint() - begin) / 1e9)}`);

  const turns = new Int32Array(sharedMemory.create(4));
  other.postMessage('turns', { turns, count: TURNS });
  while (Atomics.load(turns, 0) !== 1) sharedMemory.wait(turns, 0, 0); // the other side is there
  const shared = await time(() => {
    for (let i = 1; i < 2 * TURNS; i += 2) {
      Atomics.store(turns, 0, i + 1);
      sharedMemory.notify(turns, 0);
      while (Atomics.load(turns, 0) !== i + 2) sharedMemory.wait(turns, 0, i + 1);
    }
  });
  console.log(`there and back by wait and notify: ${microseconds(shared)}`);
  port1.removeAllListeners('message');
  const posted = await time(() => new Promise((resolve) => {
    let left = TURNS;
    port1.on('message', ({ data }) => (--left === 0 ? resolve() : port1.postMessage(data)));
    port1.postMessage(0);
  }));
  console.log(`there and back by messages: ${microseconds(posted)}`);
  port1.close();
  other.send('done');
});
