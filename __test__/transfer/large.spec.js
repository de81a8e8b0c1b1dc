// Large memory from another process stays where it was read: it is the receiver's alone, for as long as that has it.
const { on, once } = require('node:events');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { range } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

const MB = 1 << 20;

/** Bytes that tell which message they are of, and where in it. @param {number} seed @param {number} length */
function pattern(seed, length) {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 251) bytes[i] = seed + i;
  bytes[length - 1] = seed;
  return bytes;
}

/** @param {import('../helpers/test.js').Context} t @param {Uint8Array} bytes @param {number} seed */
const isPattern = (t, bytes, seed) => t.true(Buffer.compare(bytes, pattern(seed, bytes.length)) === 0, `message ${seed}`);

/** A child that sends back what it gets, and a port to it. */
function mirror(t) {
  const child = utilityProcess.fork(fixture('port-echo.js'));
  t.teardown(() => child.kill());
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  port1.start();
  return { child, port: port1, ask: async (message) => {
    port1.postMessage(message);
    const [{ data }] = await once(port1, 'message');
    return data;
  } };
}

test.serial('what is kept is not written over by what comes later', async (t) => {
  t.timeout(60_000);
  const { ask } = mirror(t);
  const kept = [];
  for (const seed of range(60)) {
    const bytes = await ask(pattern(seed, MB + seed));
    // The others are dropped, and their memory is used again.
    if (seed % 3 === 0) kept.push({ seed, bytes });
  }
  for (const { seed, bytes } of kept) isPattern(t, bytes, seed);
});

test.serial('it can be written to, transferred, and outlives the port, the process and the thread it came to', async (t) => {
  t.timeout(60_000);
  const { child, port, ask } = mirror(t);
  const [first, second, third] = [await ask(pattern(1, MB)), await ask(pattern(2, 3 * MB)), await ask(pattern(3, 300_000))];
  first.fill(9);
  t.true(first.every((byte) => byte === 9));
  const moved = structuredClone(second, { transfer: [second.buffer] });
  t.is(second.length, 0);
  isPattern(t, moved, 2);
  const worker = new Worker(fixture('port-echo.js'));
  const { port1, port2 } = new MessageChannelMain();
  worker.postMessage(null, [port2]);
  port1.start();
  port1.postMessage(moved, [moved.buffer]);
  t.is(moved.length, 0);
  const [{ data: back }] = await once(port1, 'message');
  await worker.terminate();
  child.kill();
  await once(port, 'close');
  isPattern(t, back, 2);
  isPattern(t, third, 3);
});

test.serial('several in one message, large and small, views and buffers', async (t) => {
  t.timeout(60_000);
  const { ask } = mirror(t);
  const sent = { a: pattern(1, MB), b: pattern(2, 10), c: pattern(3, 2 * MB).buffer, d: new Float64Array(pattern(4, MB).buffer), text: 'x'.repeat(MB) };
  for (const turn of range(5)) {
    const got = await ask(sent);
    t.deepEqual(Object.keys(got), Object.keys(sent), `turn ${turn}`);
    isPattern(t, got.a, 1);
    isPattern(t, got.b, 2);
    isPattern(t, new Uint8Array(got.c), 3);
    isPattern(t, new Uint8Array(got.d.buffer, got.d.byteOffset, got.d.byteLength), 4);
    t.is(got.text, sent.text);
  }
});

test.serial('of a buffer that arrived, a part can be had without the rest', async (t) => {
  const { ask } = mirror(t);
  const bytes = await ask(pattern(5, MB));
  if (typeof ArrayBuffer.prototype.transfer !== 'function') return t.pass('not in this Node');
  const shorter = bytes.buffer.transfer(1000);
  t.is(shorter.byteLength, 1000);
  t.deepEqual(new Uint8Array(shorter), pattern(5, MB).slice(0, 1000));
});

test.serial('a stream of large messages faults no pages once it runs, on either side', async (t) => {
  t.timeout(120_000);
  const child = utilityProcess.fork(fixture('faults.js'));
  t.teardown(() => child.kill());
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  port1.start();
  const ask = async (message) => {
    port1.postMessage(message);
    return (await once(port1, 'message'))[0].data;
  };
  for (const [length, count] of [[MB, 400], [5 * MB, 100]]) {
    const bytes = pattern(1, length);
    let faults = 0;
    for (const i of range(2 * count)) {
      if (i === count) faults = process.resourceUsage().minorPageFault + await ask('faults');
      t.is((await ask(bytes)).length, length);
    }
    faults = process.resourceUsage().minorPageFault + await ask('faults') - faults;
    // A copy of so much in new memory faults all of its pages.
    const pages = length / 4096;
    t.true(faults / count < pages / 4, `${(faults / count).toFixed(1)} faults for each message of ${pages} pages`);
  }
});

for (const how of ['ends', 'is terminated']) test.serial(`a thread ${how} while memory that it has posted waits to be written: all of it arrives`, async (t) => {
  t.timeout(60_000);
  const child = utilityProcess.fork(fixture('starts-when-told.js'));
  t.teardown(() => child.kill());
  const messages = on(child, 'message');
  const heard = async () => (await messages.next()).value[0];
  const worker = new Worker(fixture('hands-over-and-ends.js'), { workerData: how });
  const exit = once(worker, 'exit');
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  worker.postMessage(null, [port1]);
  await once(worker, 'message');
  if (how === 'is terminated') await worker.terminate();
  await exit;
  child.postMessage('start');
  for (const seed of [1, 2, 3]) t.deepEqual(await heard(), [16 << 20, seed, seed]);
  t.is(await heard(), 'close');
});
