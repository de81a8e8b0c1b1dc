// What threads of one process share, and what happens to it where a process lies between.
const { once } = require('node:events');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** (module (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)) */
const add = () => new WebAssembly.Module(new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11,
]));

function channel(t) {
  const { port1, port2 } = new MessageChannelMain();
  t.teardown(() => { port1.close(); port2.close(); });
  return { port1, port2 };
}

/** Two threads or processes that know each other only by a channel; each answers over its `road`. */
function introduce(t, [one, other]) {
  const between = new MessageChannelMain();
  return [[one, between.port1], [other, between.port2]].map(([place, port]) => {
    const road = channel(t);
    place.postMessage({ port, road: road.port2 }, [port, road.port2]);
    t.teardown(() => (place.kill ? place.kill() : place.terminate()));
    return { road: road.port1, reader: new Reader(road.port1), gone: once(place, 'exit') };
  });
}

const worker = () => new Worker(fixture('shared.js'));
const child = () => utilityProcess.fork(fixture('shared.js'));

test('a SharedArrayBuffer is the same memory at the other end of a channel', async (t) => {
  const { port1, port2 } = channel(t);
  const reader = new Reader(port2);
  const shared = new SharedArrayBuffer(8);
  port1.postMessage({ shared, again: shared, view: new Int32Array(shared, 4) });
  const { shared: arrived, again, view } = await reader.next();
  t.true(arrived instanceof SharedArrayBuffer);
  t.is(again, arrived);
  t.is(view.buffer, arrived);
  view[0] = 7;
  t.is(new Int32Array(shared)[1], 7);
});

test('a growable SharedArrayBuffer stays growable, for both', async (t) => {
  const { port1, port2 } = channel(t);
  const reader = new Reader(port2);
  const shared = new SharedArrayBuffer(8, { maxByteLength: 16 });
  port1.postMessage(shared);
  const arrived = await reader.next();
  arrived.grow(16);
  t.is(shared.byteLength, 16);
});

test('a WebAssembly.Module arrives compiled', async (t) => {
  const { port1, port2 } = channel(t);
  const reader = new Reader(port2);
  port1.postMessage([add()]);
  const [arrived] = await reader.next();
  t.is(new WebAssembly.Instance(arrived).exports.add(2, 3), 5);
});

/** (module (import "it" "memory" (memory 1 3 shared)) (func (export "add") (result i32) i32.const 8 i32.const 1 i32.atomic.rmw.add)) */
const counter = () => new WebAssembly.Module(new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 2, 15, 1, 2, 105, 116, 6, 109, 101, 109, 111, 114, 121, 2, 3, 1, 3, 3, 2, 1, 0,
  7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 12, 1, 10, 0, 65, 8, 65, 1, 254, 30, 2, 0, 11,
]));

test('a shared WebAssembly.Memory is the same in a thread, and grows for both', async (t) => {
  t.timeout(20_000);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
  const { exports: { add: count } } = new WebAssembly.Instance(counter(), { it: { memory } });
  const place = new Worker(`
    const { parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
    parentPort.once('message', ({ data: { memory, again, buffer, counter } }) => {
      const told = [memory === again, memory.buffer === buffer, memory instanceof WebAssembly.Memory, memory.grow(1)];
      const { add } = new WebAssembly.Instance(counter, { it: { memory } }).exports;
      for (let i = 0; i < 100; i++) add();
      parentPort.postMessage([...told, memory.buffer.byteLength]);
    });
  `, { eval: true });
  place.postMessage({ memory, again: memory, buffer: memory.buffer, counter: counter() });
  t.deepEqual((await once(place, 'message'))[0], [true, true, true, 1, 2 * 65536]);
  t.is(count(), 100, 'what the other has counted');
  t.is(memory.buffer.byteLength, 2 * 65536);
  t.throws(() => memory.grow(2), { instanceOf: RangeError }, 'its limit is known to both');
  t.is(memory.grow(1), 2);
  await once(place, 'exit');
});

test('a WebAssembly.Memory is posted on from thread to thread, and is none of another process', async (t) => {
  t.timeout(20_000);
  const [one, other] = introduce(t, [worker(), worker()]);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  one.road.postMessage({ pass: { memory } });
  new Int32Array((await other.reader.next()).memory.buffer)[0] = 7;
  t.is(new Int32Array(memory.buffer)[0], 7);
  const place = child();
  t.teardown(() => place.kill());
  const at = '#<WebAssembly.Memory> at message.memory';
  t.throws(() => place.postMessage({ memory }), { any: true, name: 'DataCloneError', message: `An object could not be cloned: ${at} (it can be shared between threads only)` });
  const { port1 } = channel(t);
  const own = new WebAssembly.Memory({ initial: 1 });
  t.throws(() => port1.postMessage({ memory: own }), { any: true, message: `An object could not be cloned: ${at} (it was not made with \`shared: true\`)` });
});

test('two workers that never met share memory and modules', async (t) => {
  t.timeout(20_000);
  const [one, other] = introduce(t, [worker(), worker()]);
  const shared = new SharedArrayBuffer(4);
  one.road.postMessage({ pass: { shared, module: add() } });
  t.deepEqual(await other.reader.next(), { sum: 5, before: 0 });
  t.is(new Int32Array(shared)[0], 1, 'the last thread wrote to the memory that the first has');
});

for (const [title, places] of [
  ['to a child', () => [worker(), child()]],
  ['to a worker of this process from a child', () => [child(), worker()]],
]) {
  test(`memory that is shared cannot leave its process: ${title}`, async (t) => {
    t.timeout(20_000);
    const [one, other] = introduce(t, places());
    one.road.postMessage({ make: 'SharedArrayBuffer' });
    const { name, message } = await one.reader.next();
    t.is(name, 'DataCloneError');
    t.regex(message, /^An object could not be cloned: .*SharedArrayBuffer.* at message\.shared/);
    one.road.postMessage({ pass: 'a string' });
    t.is(await other.reader.next(), 'a string');
  });
}

test("a queue that leaves the process: shared memory is a 'messageerror' there, later messages arrive", async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = channel(t);
  port1.postMessage('before');
  port1.postMessage({ shared: new SharedArrayBuffer(8) });
  port1.postMessage(add());
  port1.postMessage(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
  port1.postMessage('after');
  const place = child();
  const road = channel(t);
  place.postMessage({ port: port2, road: road.port2 }, [port2, road.port2]);
  t.teardown(() => place.kill());
  const reader = new Reader(road.port1);
  t.is(await reader.next(), 'before');
  for (let i = 0; i < 3; i++) {
    const { error } = await reader.next();
    t.is(error.code, 'ERR_MESSAGE_MALFORMED');
  }
  t.is(await reader.next(), 'after');
});

test('a transferred buffer keeps its kind: resizable, with its maximum, with its views', async (t) => {
  t.timeout(20_000);
  const here = channel(t);
  const echo = utilityProcess.fork(fixture('port-echo.js'));
  const there = new MessageChannelMain();
  echo.postMessage(null, [there.port2]);
  for (const [port, reader] of [[here.port1, new Reader(here.port2)], [there.port1, new Reader(there.port1)]]) {
    const buffer = new ArrayBuffer(8, { maxByteLength: 32 });
    const message = { view: new Uint8Array(buffer, 2, 3), tracking: new Uint8Array(buffer, 4), buffer };
    message.view[0] = 9;
    port.postMessage(message, [buffer]);
    t.is(buffer.byteLength, 0);
    const { view, tracking, buffer: arrived } = await reader.next();
    t.deepEqual([arrived.byteLength, arrived.maxByteLength, arrived.resizable], [8, 32, true]);
    t.is(view.buffer, arrived);
    t.is(view[0], 9);
    arrived.resize(20);
    t.deepEqual([view.length, tracking.length], [3, 16]);
  }
  there.port1.close();
  t.deepEqual(await once(echo, 'exit'), [0]);
});

test('a message beyond 1 GiB is refused, and nothing has changed', (t) => {
  const { port1, port2 } = channel(t);
  const given = channel(t);
  const half = new ArrayBuffer(2 ** 29 + 1);
  const other = new ArrayBuffer(2 ** 29);
  t.throws(() => port1.postMessage([half, other], [half, other, given.port1]), { instanceOf: RangeError, code: 'ERR_MESSAGE_TOO_LARGE' });
  t.deepEqual([half.byteLength, other.byteLength, given.port1.closed], [2 ** 29 + 1, 2 ** 29, false]);
  port1.postMessage('small');
  return new Reader(port2).next().then((data) => t.is(data, 'small'));
});

test('nothing of what comes to a port where nobody listens is kept: neither shared memory nor ports with some in their queues', (t) => {
  t.timeout(60_000);
  return prints(t, `
    ${collecting}
    const megabytes = () => Math.floor(process.memoryUsage().arrayBuffers / 2 ** 20);
    const post = (port, transfer = []) => port.postMessage(new SharedArrayBuffer(2 ** 20), transfer);
    const deaf = new MessageChannelMain();
    deaf.port2.start();
    for (let i = 0; i < 16; i++) {
      post(deaf.port1);
      const { port1, port2 } = new MessageChannelMain();
      post(port1);
      port2.start();
      post(deaf.port1, [port2]);
    }
    console.log(megabytes() >= 48);
    collect(() => megabytes() < 8).then((gone) => {
      console.log(gone || megabytes());
      deaf.port2.once('message', ({ data }) => console.log(data.byteLength)); // who listens now hears what comes now
      post(deaf.port1);
    });
  `, ['true', 'true', '1048576'], { node: ['--expose-gc'], timeout: 50_000 });
});

/** @type {Record<string, (port: import('../../index.js').MessagePortMain, giant: Uint8Array) => void | Promise<void>>} */
const ways = {
  'cloned': (port, giant) => port.postMessage(giant),
  'transferred': (port, giant) => port.postMessage(giant, [giant.buffer]),
  async 'cloned in pieces'(port, giant) {
    const size = giant.length / 16;
    for (const i of range(16)) {
      port.postMessage(giant.subarray(i * size, (i + 1) * size));
      if (port.writableNeedDrain) await once(port, 'drain');
    }
  },
};

for (const [way, send] of Object.entries(ways)) test.serial(`a GiB goes to a child, ${way}, and other ports are served meanwhile`, async (t) => {
  t.timeout(120_000);
  const place = utilityProcess.fork(fixture('large.js'));
  const [large, small] = [new MessageChannelMain(), new MessageChannelMain()];
  place.postMessage(null, [large.port2, small.port2]);
  const giant = new Uint8Array(2 ** 30);
  giant.set([1, 2, 3], giant.length - 3);

  let served = 0;
  small.port1.on('message', () => { served += 1; small.port1.postMessage('again'); });
  small.port1.start();
  await once(place, 'message');
  const arrived = once(place, 'message');
  small.port1.postMessage('first');
  await send(large.port1, giant);
  const [{ length, end }] = await arrived;
  t.deepEqual([length, end], [2 ** 30, [1, 2, 3]]);
  t.is(giant.length, way === 'transferred' ? 0 : 2 ** 30);
  // What is cloned in one piece is copied, or has left, when the post returns.
  t.true(way === 'cloned' || served > 20, `${served} round trips meanwhile`);
  small.port1.close();
  large.port1.close();
  await once(place, 'exit');
});
