// wait, waitAsync and notify reach across processes: as Atomics', for memory of sharedMemory.create().
const assert = require('node:assert');
const { once } = require('node:events');
const { Worker, sharedMemory, utilityProcess } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { scenario } = require('../helpers/scenario.js');
const { test, fixture } = require('../helpers/test.js');

const words = (count = 4) => new Int32Array(sharedMemory.create(4 * count));

scenario('ping-pong by wait and notify alone', {
  apart: true,
  async left({ port }) {
    const reader = new Reader(port);
    const turns = words();
    port.postMessage(turns);
    assert.strictEqual(await reader.next(), 'ready'); // from here on no event loop turns
    for (let i = 0; i < 200; i += 2) {
      while (Atomics.load(turns, 0) !== i) sharedMemory.wait(turns, 0, i - 1);
      Atomics.store(turns, 0, i + 1);
      sharedMemory.notify(turns, 0);
    }
    assert.strictEqual(await reader.next(), 'done');
  },
  async right({ port }) {
    const turns = await new Reader(port).next();
    port.postMessage('ready');
    await new Promise((resolve) => { setImmediate(resolve); }); // and has left
    for (let i = 1; i < 200; i += 2) {
      let now;
      while ((now = Atomics.load(turns, 0)) !== i) sharedMemory.wait(turns, 0, now);
      Atomics.store(turns, 0, i + 1);
      sharedMemory.notify(turns, 0);
    }
    port.postMessage('done');
  },
});

scenario('waitAsync is told by the other side', {
  async left({ port }) {
    const reader = new Reader(port);
    const flags = words();
    const waits = [sharedMemory.waitAsync(flags, 0, 0), sharedMemory.waitAsync(flags, 1, 0), sharedMemory.waitAsync(flags, 2, 0, 30_000)];
    port.postMessage(flags);
    assert.deepStrictEqual(await Promise.all(waits), ['ok', 'ok', 'ok']);
    port.postMessage('told');
    assert.strictEqual(await reader.next(), 'good');
  },
  async right({ port }) {
    const reader = new Reader(port);
    const flags = await reader.next();
    for (const i of range(3)) {
      Atomics.store(flags, i, 1);
      sharedMemory.notify(flags, i);
    }
    assert.strictEqual(await reader.next(), 'told');
    port.postMessage('good');
  },
});

test('wait tells what it found', (t) => {
  const word = words();
  word[1] = -5;
  t.is(sharedMemory.wait(word, 1, 5), 'not-equal');
  t.is(sharedMemory.wait(word, 1, -5, 0), 'timed-out');
  t.is(sharedMemory.wait(word, 1, -5, 10), 'timed-out');
  t.is(sharedMemory.notify(word, 1), 0);
});

test('wait ends though a test has stopped the clock', (t) => prints(t, `
  const { sharedMemory } = require('./index.js');
  performance.now = () => 0;
  console.log(sharedMemory.wait(new Int32Array(sharedMemory.create(4)), 0, 0, 600));
`, ['timed-out']));

test('waitAsync tells what it found', async (t) => {
  const word = words();
  t.is(await sharedMemory.waitAsync(word, 0, 1), 'not-equal');
  t.is(await sharedMemory.waitAsync(word, 0, 0, 0), 'timed-out');
  t.is(await sharedMemory.waitAsync(word, 0, 0, 10), 'timed-out');
  const waits = [sharedMemory.waitAsync(word, 0, 0, 10_000), sharedMemory.waitAsync(word, 3, 0, 20)];
  t.is(await waits[1], 'timed-out');
  Atomics.store(word, 0, 1);
  sharedMemory.notify(word, 0);
  t.is(await waits[0], 'ok');
});

test('five hundred waits at once, each answered when its word is notified', async (t) => {
  t.timeout(20_000);
  const word = words(500);
  const answered = [];
  const waits = range(500).map((i) => sharedMemory.waitAsync(word, i, 0).then((outcome) => { answered.push(i); return outcome; }));
  await new Promise((resolve) => { setImmediate(resolve); });
  t.deepEqual(answered, []);
  for (const i of range(500)) {
    Atomics.store(word, i, 1);
    sharedMemory.notify(word, i);
  }
  t.deepEqual(new Set(await Promise.all(waits)), new Set(['ok']));
});

test('notify takes Infinity, and whatever is more than there can be, for all', async (t) => {
  t.timeout(20_000);
  const word = words();
  for (const count of [Infinity, 2 ** 40, 2 ** 31, undefined]) {
    const waits = range(3).map(() => sharedMemory.waitAsync(word, 0, 0));
    t.true(sharedMemory.notify(word, 0, count) <= 3);
    t.deepEqual(await Promise.all(waits), ['ok', 'ok', 'ok'], `${count}`);
  }
});

test('notify wakes as many as it is told', async (t) => {
  t.timeout(20_000);
  const word = words();
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    const { sharedMemory } = require(${JSON.stringify(require.resolve('../../index.js'))});
    Atomics.add(workerData, 1, 1);
    parentPort.postMessage(sharedMemory.wait(workerData, 0, 0));
  `;
  const workers = range(3).map(() => new Worker(source, { eval: true, workerData: word }));
  const exits = workers.map((worker) => once(worker, 'exit'));
  const said = [];
  for (const worker of workers) worker.on('message', (outcome) => said.push(outcome));
  while (Atomics.load(word, 1) < 3) await new Promise((resolve) => { setImmediate(resolve); });
  for (const none of [0, 0.9, -1, -Infinity, NaN]) t.is(sharedMemory.notify(word, 0, none), 0);
  let woken = 0; // a worker that has said so sleeps a moment later
  while (said.length < 3) {
    const more = sharedMemory.notify(word, 0, 1.9);
    t.true(more <= 1);
    woken += more;
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  t.true(woken >= 1 && woken <= 3);
  await Promise.all(exits);
  t.deepEqual(said, ['ok', 'ok', 'ok']);
});

test('a worker that waits can be terminated, and uses no processor', async (t) => {
  t.timeout(20_000);
  const word = words();
  const worker = new Worker(`
    const { workerData } = require('node:worker_threads');
    const { sharedMemory } = require(${JSON.stringify(require.resolve('../../index.js'))});
    sharedMemory.waitAsync(workerData, 2, 0);
    Atomics.store(workerData, 1, 1);
    sharedMemory.wait(workerData, 0, 0);
  `, { eval: true, workerData: word });
  while (Atomics.load(word, 1) === 0) await new Promise((resolve) => { setImmediate(resolve); });
  const exit = once(worker, 'exit');
  worker.terminate();
  await exit;
  Atomics.store(word, 2, 1);
  sharedMemory.notify(word, 2); // nobody is there to hear of it
  t.pass();
});

test('a child that is killed while it waits leaves the others waiting for the right thing', async (t) => {
  t.timeout(20_000);
  const word = words();
  const child = utilityProcess.fork(fixture('waits-shared.js'));
  const exit = once(child, 'exit');
  child.postMessage(word);
  while (Atomics.load(word, 1) === 0) await new Promise((resolve) => { setImmediate(resolve); });
  child.kill('SIGKILL');
  await exit;
  const waited = sharedMemory.waitAsync(word, 0, 0);
  Atomics.store(word, 0, 1);
  sharedMemory.notify(word, 0);
  t.is(await waited, 'ok');
});

test('a notify right behind waitAsync is heard, though the word stays as it was', async (t) => {
  t.timeout(30_000);
  const word = words(2);
  for (let i = 0; i < 300; i++) {
    const waited = sharedMemory.waitAsync(word, 0, 0);
    sharedMemory.notify(word, 0);
    t.is(await waited, 'ok');
  }
  // And while the thread that waits is kept busy with others.
  for (let i = 0; i < 300; i++) {
    const waited = sharedMemory.waitAsync(word, 0, 0);
    const others = range(5).map(() => sharedMemory.waitAsync(word, 1, 0, 1));
    if (i % 3 > 0) await new Promise((resolve) => { setImmediate(resolve); });
    sharedMemory.notify(word, 0);
    t.is(await waited, 'ok');
    await Promise.all(others);
  }
});

test('what is no word of shared memory is refused', async (t) => {
  const word = words(2);
  const type = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' };
  const range = { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE' };
  for (const view of [null, {}, new Int32Array(4), new Int32Array(new SharedArrayBuffer(8)), new Uint8Array(word.buffer), word.buffer]) {
    t.throws(() => sharedMemory.wait(view, 0, 0, 0), type);
    t.throws(() => sharedMemory.notify(view, 0), type);
    await t.throwsAsync(sharedMemory.waitAsync(view, 0, 0, 0), type);
  }
  for (const index of [-1, 2, 0.5, NaN]) t.throws(() => sharedMemory.wait(word, index, 0, 0), range);
  t.throws(() => sharedMemory.wait(word, '0', 0, 0), type);
  t.throws(() => sharedMemory.wait(word, 0, 2 ** 31, 0), range);
  t.throws(() => sharedMemory.wait(word, 0, 0, '1'), type);
  for (const count of ['1', null, 1n, {}]) t.throws(() => sharedMemory.notify(word, 0, count), type);
});
