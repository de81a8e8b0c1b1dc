// Long texts: to a thread of the process, where native reads and makes them, and to others, whenever the port leaves.
const { once } = require('node:events');
const { isDeepStrictEqual } = require('node:util');
const { MessageChannelMain, Worker, receiveMessageOnPort, utilityProcess } = require('../../index.js');
const { TEXT_BESIDE } = require('../../lib/clone/limits.js');
const { program } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

const long = (of, more = 0) => of.repeat(Math.ceil((TEXT_BESIDE + more) / of.length));

/** A difference of long texts is not worth printing. */
const isSame = (t, actual, expected) => t.true(isDeepStrictEqual(actual, expected));

const wide = long('文字と');

/** Made anew each time: as the engine keeps it before anybody has looked at it. */
const texts = {
  'ASCII': () => long('abc'),
  'Latin-1': () => long('grüß'),
  'Latin-1 in what is wide': () => `${wide}${long('ÿ')}`.slice(wide.length),
  'wide': () => long('文字'),
  'one wide character at the end': () => `${long('x')}ā`,
  'halves of pairs': () => `\udc00${long('x')}\ud800`,
  'zeros': () => long('\0'),
  'put together': () => range(2000).reduce((all, i) => `${all}${i} and so on `, ''),
  'a part of another': () => `--${long('abc')}--`.slice(2, -2),
  'of each length around the limit': () => [-2, -1, 0, 1].map((more) => 'y'.repeat(TEXT_BESIDE + more)),
  'large': () => [long('z', 5e6), long('字', 2e6)],
  'among other things': () => ({ [long('key')]: new Map([[long('k'), { text: long('abc'), bytes: new Uint8Array(70_000).fill(1) }]]), n: 1 }),
};

const places = { worker: () => new Worker(fixture('port-echo.js')), child: () => utilityProcess.fork(fixture('port-echo.js')) };

for (const [place, begin] of Object.entries(places)) {
  test.serial(`to a ${place} and back`, async (t) => {
    t.timeout(60_000);
    const other = begin();
    t.teardown(() => (other.kill ?? other.terminate).call(other));
    const { port1, port2 } = new MessageChannelMain();
    other.postMessage(null, [port2]);
    const reader = new Reader(port1);
    // The first alone, then all at once.
    for (const make of Object.values(texts)) {
      port1.postMessage(make());
      isSame(t, await reader.next(), make());
    }
    for (const turn of range(3)) for (const make of Object.values(texts)) port1.postMessage([turn, make()]);
    for (const turn of range(3)) for (const make of Object.values(texts)) isSame(t, await reader.next(), [turn, make()]);
    port1.close();
  });
}

for (const [name, make] of Object.entries(texts)) {
  test(`${name}: within a thread`, (t) => {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(make());
    port1.postMessage('the next');
    isSame(t, receiveMessageOnPort(port2).message, make());
    isSame(t, receiveMessageOnPort(port2).message, 'the next');
    port1.close();
  });

  test(`${name}: in a queue that leaves the process`, async (t) => {
    t.timeout(60_000);
    const [{ port1, port2 }, road] = [new MessageChannelMain(), new MessageChannelMain()];
    port1.postMessage(make());
    port1.postMessage({ it: make(), list: [make()] });
    // In the queue of a queue, then in another process, and back from there unread.
    road.port1.postMessage(null, [port2]);
    const child = utilityProcess.fork(fixture('echo.js'));
    t.teardown(() => child.kill());
    child.postMessage(null, [road.port2]);
    const [, { ports: [back] }] = await once(child, 'message').then(([data, event]) => [data, event ?? data]);
    const [{ ports: [port] }] = await new Promise((resolve) => {
      back.once('message', (event) => resolve([event]));
      back.start();
    });
    const reader = new Reader(port);
    isSame(t, await reader.next(), make());
    isSame(t, await reader.next(), { it: make(), list: [make()] });
    port1.close();
    road.port1.close();
  });
}

test('they count as what waits', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(long('a', 3 << 20));
  t.true(port1.bufferedAmount > 3 << 20 && port1.bufferedAmount < 4 << 20, `${port1.bufferedAmount}`);
  t.true(port1.writableNeedDrain);
  receiveMessageOnPort(port2);
  t.is(port1.bufferedAmount, 0);
  port1.close();
});

test('with ports, with memory that is transferred, and with shared memory', (t) => {
  const [{ port1, port2 }, inner] = [new MessageChannelMain(), new MessageChannelMain()];
  const memory = new Uint8Array(50_000).fill(5).buffer;
  const shared = new SharedArrayBuffer(8);
  port1.postMessage({ text: long('abc'), memory, port: inner.port2, shared, wide: long('字') }, [inner.port2, memory]);
  t.is(memory.byteLength, 0);
  const { message } = receiveMessageOnPort(port2);
  isSame(t, message.text, long('abc'));
  isSame(t, message.wide, long('字'));
  t.deepEqual(new Uint8Array(message.memory), new Uint8Array(50_000).fill(5));
  t.is(new Int32Array(message.shared)[0], 0);
  inner.port1.postMessage('through');
  t.is(receiveMessageOnPort(message.port).message, 'through');
  for (const port of [port1, inner.port1]) port.close();
});

test('what cannot be cloned leaves nothing behind', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  t.throws(() => port1.postMessage([long('abc'), () => 1]), { any: true });
  port1.postMessage({ text: long('def') });
  isSame(t, receiveMessageOnPort(port2).message, { text: long('def') });
  t.is(receiveMessageOnPort(port2), undefined);
  port1.close();
});

test('a getter that posts meanwhile', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage({ before: long('abc'), get during() { port1.postMessage(long('inner')); return 1; }, after: long('def') });
  isSame(t, receiveMessageOnPort(port2).message, long('inner'));
  isSame(t, receiveMessageOnPort(port2).message, { before: long('abc'), during: 1, after: long('def') });
  port1.close();
});

test.serial('large ones do not pile up where nobody keeps them', async (t) => {
  t.timeout(60_000);
  const { code, stdout, stderr } = await program(`
    const worker = new Worker(${JSON.stringify(fixture('port-echo.js'))});
    const { port1, port2 } = new MessageChannelMain();
    worker.postMessage(null, [port2]);
    let left = 250;
    const send = () => port1.postMessage(String(left % 10).repeat(4 << 20));
    port1.on('message', ({ data }) => {
      if (data.length !== 4 << 20 || data[7] !== String(left % 10)) throw new Error('another text');
      if (--left > 0) return send();
      console.log(process.resourceUsage().maxRSS >> 10);
      worker.terminate();
      port1.close();
    });
    port1.start();
    send();
  `);
  t.is(code, 0, stderr);
  t.true(Number(stdout) < 500, `${stdout} MiB of 1 000 each way`);
});

test.serial('a thread ends with large ones that it has, and they go on where others have them', async (t) => {
  t.timeout(60_000);
  for (const turn of range(5)) {
    const worker = new Worker(`
      const { parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
      const kept = [];
      parentPort.on('message', ({ data }) => { kept.push(data); parentPort.postMessage(data); });
    `, { eval: true });
    const back = [];
    const all = new Promise((resolve) => worker.on('message', (data) => { if (back.push(data) === 6) resolve(); }));
    for (const i of range(6)) worker.postMessage(`${turn} ${i} ${(i % 2 === 0 ? 'x' : '字').repeat(2e6)}`);
    await all;
    await worker.terminate();
    for (const i of range(6)) isSame(t, back[i], `${turn} ${i} ${(i % 2 === 0 ? 'x' : '字').repeat(2e6)}`);
  }
});
