// Memory that processes share: the same bytes everywhere, through any number of moves, freed when the last has let go of it.
const assert = require('node:assert');
const { once } = require('node:events');
const worker_threads = require('node:worker_threads');
const { MessageChannelMain, receiveMessageOnPort, sharedMemory, utilityProcess } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test, fixture } = require('../helpers/test.js');

scenario('shared memory is the same at both ends, whole and as views, and is posted on', {
  async left({ port }) {
    const reader = new Reader(port);
    const memory = sharedMemory.create(4096);
    const view = new Int32Array(memory, 16, 4);
    view.set([1, 2, 3, 4]);
    port.postMessage({ memory, view, bytes: new Uint8Array(memory, 16, 1) });
    const { back } = await reader.next();
    assert.ok(back instanceof Int32Array);
    assert.strictEqual(back.buffer.byteLength, 4096);
    assert.deepStrictEqual([...view], [10, 2, 3, 4]);
    back[1] = 20;
    assert.strictEqual(view[1], 20);
    port.postMessage('look');
    assert.strictEqual(await reader.next(), 20);
  },
  async right({ port }) {
    const reader = new Reader(port);
    const { memory, view, bytes } = await reader.next();
    assert.ok(memory instanceof SharedArrayBuffer);
    assert.strictEqual(memory, view.buffer);
    assert.strictEqual(memory, bytes.buffer);
    assert.deepStrictEqual([...view], [1, 2, 3, 4]);
    view[0] = 10;
    port.postMessage({ back: view });
    assert.strictEqual(await reader.next(), 'look');
    port.postMessage(view[1]);
  },
});

scenario('unread in the queue of a port, it moves on with it', {
  async left({ port }) {
    const { port1, port2 } = new MessageChannelMain();
    const memory = sharedMemory.create(8);
    port1.postMessage(memory);
    port.postMessage(null, [port2]);
    assert.strictEqual(await new Reader(port).next(), 'written');
    assert.strictEqual(new Int32Array(memory)[1], 77);
    port1.close();
  },
  async right({ port }) {
    const { ports: [road] } = await new Reader(port).event();
    new Int32Array(await new Reader(road).next())[1] = 77;
    port.postMessage('written');
  },
});

scenario('both add to one counter with Atomics, and none is lost', {
  async left({ port }) {
    const reader = new Reader(port);
    const counter = new Int32Array(sharedMemory.create(4));
    port.postMessage(counter);
    for (let i = 0; i < 100_000; i++) Atomics.add(counter, 0, 1);
    assert.strictEqual(await reader.next(), 'done');
    assert.strictEqual(counter[0], 200_000);
  },
  async right({ port }) {
    const counter = await new Reader(port).next();
    for (let i = 0; i < 100_000; i++) Atomics.add(counter, 0, 1);
    port.postMessage('done');
  },
});

test('a size that is none is refused, and named', (t) => {
  for (const size of [0, -1, 1.5, NaN, Infinity, 2 ** 33]) {
    t.throws(() => sharedMemory.create(size), { instanceOf: RangeError, code: 'ERR_OUT_OF_RANGE', message: new RegExp(`byteLength is ${size};`) });
  }
  for (const size of ['8', undefined, null, 8n, {}]) {
    t.throws(() => sharedMemory.create(size), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: /byteLength/ });
  }
  t.deepEqual(new Uint8Array(sharedMemory.create(5)), new Uint8Array(5));
});

test('another SharedArrayBuffer does not go to a process, and the error says what would', async (t) => {
  const child = utilityProcess.fork(fixture('idle.js'));
  const exit = once(child, 'exit');
  for (const value of [new SharedArrayBuffer(8), { a: new Uint8Array(new SharedArrayBuffer(8)) }]) {
    t.throws(() => child.postMessage(value), { any: true, name: 'DataCloneError', message: /sharedMemory\.create\(\)/ });
  }
  child.kill();
  await exit;
});

test("memory that came to a thread by Node's own means goes on to a process", async (t) => {
  t.timeout(20_000);
  const memory = sharedMemory.create(16);
  const worker = new worker_threads.Worker(`
    const { workerData } = require('node:worker_threads');
    const { utilityProcess } = require(${JSON.stringify(require.resolve('../../index.js'))});
    const child = utilityProcess.fork(${JSON.stringify(fixture('writes-shared.js'))});
    child.postMessage(new Int32Array(workerData));
  `, { eval: true, workerData: memory });
  await once(worker, 'exit');
  t.is(new Int32Array(memory)[0], 4711);
});

test('more pieces of shared memory than a message may have ports are refused, and nothing has changed', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const pieces = range(1025).map(() => sharedMemory.create(1));
  t.throws(() => port1.postMessage(pieces), { code: 'ERR_MESSAGE_TOO_LARGE' });
  t.is(receiveMessageOnPort(port2), undefined);
  port1.postMessage(pieces.slice(1));
  t.is(receiveMessageOnPort(port2).message.length, 1024);
  port1.close();
});

test('no descriptor and no mapping is left when nobody has the memory any more', (t) => prints(t, `
  const { sharedMemory, receiveMessageOnPort } = require('./index.js');
  const fs = require('node:fs');
  ${collecting}
  const mappings = () => fs.readFileSync('/proc/self/maps', 'utf8').split('memfd:message-channel-main').length - 1;
  const descriptors = () => fs.readdirSync('/proc/self/fd').length;
  const before = descriptors();
  (() => {
    const { port1, port2 } = new MessageChannelMain();
    for (let i = 0; i < 20; i++) port1.postMessage(sharedMemory.create(65536));
    for (let i = 0; i < 10; i++) receiveMessageOnPort(port2);
    port2.close();
  })();
  console.log(mappings() > 0);
  (async () => {
    await collect(() => mappings() === 0 && descriptors() <= before + 1);
    console.log(mappings(), descriptors() <= before + 1);
  })();
`, ['true', '0 true'], { node: ['--expose-gc'] }));

test('a process that gets it by thousands keeps nothing of it', async (t) => {
  t.timeout(30_000);
  const child = utilityProcess.fork(fixture('counts-shared.js'), [], { execArgv: ['--expose-gc'] });
  const exit = once(child, 'exit');
  for (let i = 0; i < 2000; i++) {
    child.postMessage(sharedMemory.create(4096));
    if (i % 200 === 0) await new Promise((resolve) => { setImmediate(resolve); });
  }
  child.postMessage('how many');
  const [{ received, descriptors }] = await once(child, 'message');
  t.is(received, 2000);
  t.true(descriptors < 50, `${descriptors} descriptors`);
  await exit;
});
