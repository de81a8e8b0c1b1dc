// What a burst posts without a call to native: in order, exactly once, and seen by whoever looks, however busy its thread is.
const { once } = require('node:events');
const { MessageChannelMain, Worker, receiveMessageOnPort } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

/** A worker that posts a burst over one end of a channel and does not get to the end of its turn. */
function bursting(ways) {
  const worker = new Worker(fixture('bursts.js'));
  const { port1, port2 } = new MessageChannelMain();
  const gate = new Int32Array(new SharedArrayBuffer(8));
  worker.postMessage({ gate, ...ways }, [port2]);
  return { worker, port: port1, gate };
}

test('what a blocked thread has posted before arrives without it', async (t) => {
  t.timeout(20_000);
  const { worker, port, gate } = bursting({ count: 50 });
  const reader = new Reader(port);
  t.deepEqual(await reader.take(50), range(50));
  Atomics.store(gate, 1, 1);
  Atomics.notify(gate, 1);
  await once(worker, 'exit');
});

test('what was posted before another thread was told so by other means can be received there at once', async (t) => {
  t.timeout(20_000);
  const { worker, port, gate } = bursting({ count: 50 });
  await new Promise((resolve) => { // the first has arrived: the worker is in its burst
    const look = () => (Atomics.load(gate, 0) === 1 ? resolve() : setImmediate(look));
    look();
  });
  for (let i = 0; i < 50; i++) t.is(receiveMessageOnPort(port)?.message, i);
  t.is(receiveMessageOnPort(port), undefined);
  Atomics.store(gate, 1, 1);
  Atomics.notify(gate, 1);
  await once(worker, 'exit');
});

test('what was posted before worker.terminate() arrives, in the middle of a burst too', async (t) => {
  t.timeout(20_000);
  const { worker, port, gate } = bursting({ count: 50, spins: true });
  const look = (resolve) => (Atomics.load(gate, 0) === 1 ? resolve() : setImmediate(look, resolve));
  await new Promise(look);
  worker.terminate();
  t.deepEqual(await new Reader(port).rest(), range(50));
});

test('a burst over many ports arrives on each in order, whatever is in between', async (t) => {
  t.timeout(20_000);
  const channels = Array.from({ length: 5 }, () => new MessageChannelMain());
  const sent = channels.map(() => []);
  const post = (index, message, transfer) => {
    sent[index].push(message);
    channels[index].port1.postMessage(message, transfer);
  };
  for (let i = 0; i < 5_000; i++) {
    post(i % 7 % 5, i);
    if (i % 11 === 0) post(i % 5, 'x'.repeat(i % 600));
    if (i % 97 === 0) post(i % 3, { i, bytes: new Uint8Array(10) });
    if (i % 501 === 0) post(2, 'with a buffer', [new ArrayBuffer(8)]);
  }
  for (const { port1 } of channels) port1.close();
  const got = await Promise.all(channels.map(({ port2 }) => new Reader(port2).rest()));
  t.deepEqual(got, sent);
});

test('posts of a getter go first, as they do without a burst', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(0);
  port1.postMessage(1);
  port1.postMessage({ get value() { port1.postMessage(2); return 3; } });
  port1.postMessage(4);
  port1.close();
  t.deepEqual(await new Reader(port2).rest(), [0, 1, 2, { value: 3 }, 4]);
});

test('writableNeedDrain and bufferedAmount tell of every post, and one drain follows', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  let posted = 0;
  let before = 0;
  while (!port1.writableNeedDrain) {
    before = port1.bufferedAmount;
    port1.postMessage(posted++);
  }
  t.true(before <= 1 << 20 && port1.bufferedAmount > 1 << 20);
  let drained = 0;
  port1.on('drain', () => { drained++; });
  const reader = new Reader(port2);
  t.deepEqual(await reader.take(posted), range(posted));
  await new Promise(setImmediate);
  t.is(drained, 1);
  t.false(port1.writableNeedDrain);
  port1.close();
});

test('a burst at the end of a process and of a worker arrives', async (t) => {
  t.timeout(30_000);
  await prints(t, `
    const source = "for (let i = 0; i < 50; i++) parentPort.postMessage(i); process.exit();";
    const script = "const { parentPort } = require('./index.js');" + source;
    const worker = new Worker(script, { eval: true });
    let next = 0;
    worker.on('message', (i) => { if (i !== next++) console.log('out of order'); });
    worker.on('exit', () => console.log(next));
  `, ['50']);
});
