// receiveMessageOnPort: the next message now, without start(), without an event, from the socket if need be.
const assert = require('node:assert');
const { once } = require('node:events');
const worker_threads = require('node:worker_threads');
const { MessageChannel, MessageChannelMain, MessagePort, MessagePortMain, receiveMessageOnPort } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

const turn = () => new Promise(setImmediate);

/** Waits for a message without any help of the event loop. */
function spin(port) {
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received !== undefined) return received;
  }
}

for (const [Channel, Face] of [[MessageChannelMain, MessagePortMain], [MessageChannel, MessagePort]]) {
  test(`${Face.name}: in order, with ports in its own face; undefined when there is none`, (t) => {
    const { port1, port2 } = new Channel();
    const inside = new MessageChannelMain();
    t.is(receiveMessageOnPort(port2), undefined);
    port1.postMessage('first');
    port1.postMessage(undefined);
    port1.postMessage({ port: inside.port1 }, [inside.port1]);
    t.deepEqual(receiveMessageOnPort(port2), { message: 'first', ports: [] });
    t.deepEqual(receiveMessageOnPort(port2), { message: undefined, ports: [] });
    const { message, ports } = receiveMessageOnPort(port2);
    t.true(ports[0] instanceof Face);
    t.is(message.port, ports[0]);
    t.is(receiveMessageOnPort(port2), undefined);
    inside.port2.close();
    port1.close();
  });
}

test('what is not a port is refused; a port that is closed or gone has nothing', (t) => {
  const node = new worker_threads.MessageChannel();
  for (const bad of [undefined, null, 1, {}, new EventTarget(), node.port1]) {
    t.throws(() => receiveMessageOnPort(bad), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  }
  node.port1.close();
  const { port1, port2 } = new MessageChannelMain();
  const carrier = new MessageChannelMain();
  port1.postMessage('unread');
  carrier.port1.postMessage(null, [port2]);
  t.is(receiveMessageOnPort(port2), undefined);
  carrier.port1.close();
  t.is(receiveMessageOnPort(carrier.port1), undefined);
  port1.close();
});

test("after the peer's close() the rest can be read, then 'close' comes by itself", async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(1);
  port1.postMessage(2);
  port1.close();
  let closed = false;
  port2.on('close', () => { closed = true; });
  t.is(receiveMessageOnPort(port2).message, 1);
  await turn();
  await turn();
  t.false(closed);
  t.is(receiveMessageOnPort(port2).message, 2);
  t.is(receiveMessageOnPort(port2), undefined);
  t.false(closed);
  await once(port2, 'close');
  t.is(receiveMessageOnPort(port2), undefined);
});

test('inside a listener it takes the next message, and delivery goes on after it', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const log = [];
  for (const i of range(1000)) port1.postMessage(i);
  port2.on('message', ({ data }) => {
    log.push(data);
    if (data % 100 !== 0) return;
    log.push(receiveMessageOnPort(port2).message);
    log.push(receiveMessageOnPort(port2).message);
  });
  port2.start();
  port1.close();
  await once(port2, 'close');
  t.deepEqual(log, range(1000));
});

test('inside a listener it can read another port', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const other = new MessageChannelMain();
  const log = [];
  for (const i of range(100)) {
    port1.postMessage(i);
    other.port1.postMessage(-i);
  }
  port2.on('message', ({ data }) => log.push([data, receiveMessageOnPort(other.port2).message]));
  port2.start();
  port1.close();
  await once(port2, 'close');
  t.deepEqual(log, range(100).map((i) => [i, -i]));
  other.port1.close();
});

test('a started port with a listener: what was read is not delivered again', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const seen = [];
  port2.on('message', ({ data }) => seen.push(data));
  port2.start();
  for (const i of range(10)) port1.postMessage(i);
  t.deepEqual(range(5).map(() => receiveMessageOnPort(port2).message), range(5));
  port1.close();
  await once(port2, 'close');
  t.deepEqual(seen, range(10).slice(5));
});

test.serial('what cannot be decoded is thrown, its ports close, and the port stays usable', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { receiveMessageOnPort } = require('./index.js');
    const { native, KEY } = require('./lib/native/addon.js');
    const { wrapMain } = require('./lib/faces/main/port.js');
    const { Encoder } = require('./lib/clone/encode/index.js');
    const raw = native.createChannel();
    const port = wrapMain(native.control[KEY]);
    const kept = native.createChannel();
    const sent = native.control[KEY];
    native.setOutbox(new Uint8Array(64).fill(0xff).buffer);
    native.post(raw, 64);
    native.postParts(raw, 64, [sent], [], [], [], []);
    const encoder = new Encoder((buffer) => native.setOutbox(buffer));
    native.post(raw, encoder.encode('a good one', null));
    wrapMain(kept).on('close', () => console.log('the port that came along was closed')).on('message', () => {}).start();
    for (let i = 0; i < 4; i++) {
      try {
        console.log(receiveMessageOnPort(port)?.message);
      } catch ({ code }) {
        console.log(code);
      }
    }
  `, ['ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED', 'a good one', 'undefined', 'the port that came along was closed']);
});

scenario('without a turn of the event loop: small, large, with memory and with ports', {
  apart: true,
  async left({ port, road }) {
    for (const i of range(2000)) port.postMessage(i);
    port.postMessage('x'.repeat(3_000_000));
    const buffer = new Uint8Array(2_000_000).fill(7).buffer;
    port.postMessage(buffer, [buffer]);
    const { port1, port2 } = new MessageChannelMain();
    port.postMessage(null, [port2]);
    port1.postMessage('inside');
    assert.strictEqual(await new Reader(road).next(), 'all there');
    port1.close();
  },
  right({ port, road }) {
    for (const i of range(2000)) assert.deepStrictEqual(spin(port), { message: i, ports: [] });
    assert.strictEqual(spin(port).message.length, 3_000_000);
    assert.ok(new Uint8Array(spin(port).message).every((byte) => byte === 7));
    const { message, ports: [taken] } = spin(port);
    assert.strictEqual(message, null);
    assert.strictEqual(spin(taken).message, 'inside');
    taken.close();
    road.postMessage('all there');
  },
});

scenario('a request and its answer, in one turn', {
  apart: true,
  async left({ port }) {
    port.on('message', ({ data }) => port.postMessage(data * 2));
    port.start();
    await once(port, 'close');
  },
  right({ port }) {
    const web = MessagePort.from(port);
    for (const i of range(100)) {
      web.postMessage(i);
      assert.strictEqual(spin(web).message, i * 2);
    }
    web.close();
  },
});

scenario('what was read and what is delivered afterwards make up everything, in order', {
  left({ port }) {
    for (const i of range(1000)) port.postMessage(i);
    port.close();
  },
  async right({ port }) {
    const read = range(300).map(() => spin(port).message);
    const rest = await new Reader(port).rest();
    assert.deepStrictEqual([...read, ...rest], range(1000));
  },
});

scenario("'close' comes when the last message was read, also one with memory, though the peer had gone before", {
  async left({ port, road }) {
    port.postMessage(new ArrayBuffer(100_000));
    port.close();
    road.postMessage('it has gone');
    await once(road, 'close');
  },
  async right({ port, road }) {
    const closed = once(port, 'close');
    assert.strictEqual(await new Reader(road).next(), 'it has gone');
    assert.strictEqual(spin(port).message.byteLength, 100_000);
    await closed;
    road.close();
  },
});
