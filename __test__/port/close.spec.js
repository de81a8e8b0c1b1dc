// 'close': comes to the one who closes at once, and to the other after everything that was posted before, once.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannelMain } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

scenario("all data arrives first, then 'close', once", {
  left({ port }) {
    for (const i of range(5000)) port.postMessage(i);
    port.postMessage(new Uint8Array(5_000_000));
    port.close();
  },
  async right({ port }) {
    const log = [];
    port.on('message', ({ data }) => log.push(data.length ?? data));
    port.on('close', () => log.push('close'));
    port.start();
    await once(port, 'close');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepStrictEqual(log, [...range(5000), 5_000_000, 'close']);
    assert.strictEqual(port.closed, true);
  },
});

scenario("'close' waits for start() while something is left to deliver, and `closed` with it", {
  left({ port, road }) {
    port.postMessage('last words');
    port.close();
    road.postMessage('closed');
  },
  async right({ port, road }) {
    let early = false;
    port.on('close', () => { early = true; });
    await new Reader(road).next();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.strictEqual(early, false);
    assert.strictEqual(port.closed, false);
    assert.deepStrictEqual(await new Reader(port).rest(), ['last words']);
    assert.strictEqual(port.closed, true);
  },
});

scenario("'close' does not wait for start() when nothing is left to deliver", {
  left({ port }) {
    port.close();
  },
  async right({ port }) {
    if (!port.closed) await once(port, 'close');
    assert.strictEqual(port.closed, true);
  },
});

scenario('close() inside a listener stops delivery at once, and the peer learns of it', {
  async left({ port }) {
    for (const i of range(1000)) port.postMessage(i);
    assert.deepStrictEqual(await new Reader(port).rest(), ['enough']);
  },
  async right({ port }) {
    const log = [];
    port.on('close', () => log.push('close'));
    port.on('message', ({ data }) => {
      log.push(data);
      if (data !== 10) return;
      port.postMessage('enough');
      port.close();
    });
    port.start();
    await once(port, 'close');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepStrictEqual(log, [...range(11), 'close']);
  },
});

scenario('until close is known here, postMessage() still validates and detaches', {
  async left({ port, road }) {
    port.postMessage('unread');
    port.close();
    road.postMessage('closed');
  },
  async right({ port, road }) {
    await new Reader(road).next();
    const buffer = new ArrayBuffer(8);
    port.postMessage(null, [buffer]);
    assert.strictEqual(buffer.byteLength, 0);
    assert.throws(() => port.postMessage(() => {}), { name: 'DataCloneError' });
    await new Reader(port).rest();
    port.postMessage(() => {}, null);
  },
});

scenario('closing a port closes what waits in it unread, on both sides', {
  left: postPortsAndClose,
  right: postPortsAndClose,
});

async function postPortsAndClose({ port, road }) {
  const roadReader = new Reader(road);
  const channels = range(5).map(() => new MessageChannelMain());
  for (const { port2 } of channels) port.postMessage('unread', [port2]);
  road.postMessage('posted');
  await roadReader.next();
  port.close();
  await Promise.all(channels.map(({ port1 }) => new Reader(port1).rest()));
}

scenario("a port that is lost with what it has not written: its peer gets what had left, in order, then 'close'", {
  async left({ port, road }) {
    const roadReader = new Reader(road);
    const { port1, port2 } = new MessageChannelMain();
    road.postMessage('take', [port2]);
    await roadReader.next();
    for (const i of range(40)) port1.postMessage(new Uint8Array(100_000).fill(i)); // more than a socket holds
    port.postMessage('never read', [port1]);
    road.postMessage('lost');
  },
  async right({ port, road }) {
    const roadReader = new Reader(road);
    const { ports: [peer] } = await roadReader.event();
    road.postMessage('taken');
    await roadReader.next();
    port.close();
    const received = await new Reader(peer).rest();
    assert.deepStrictEqual(received.map((bytes) => [bytes.length, bytes[0], bytes[99_999]]), range(received.length).map((i) => [100_000, i, i]));
  },
});

const deaths = ['process.exit()', 'worker.terminate()', 'its natural end'];

for (const way of deaths) {
  for (const half of ['left', 'right']) {
    scenario(`what the ${half} posts before ${way} all arrives, then 'close'`, {
      dies: [half, way],
      [half]: postAndDie(way),
      [other(half)]: readToTheEnd,
    });
  }
}

for (const half of ['left', 'right']) {
  scenario(`after SIGKILL of the ${half}, a prefix of what it posted arrives, then 'close'`, {
    dies: [half, 'SIGKILL'],
    [half]: postAndDie('SIGKILL'),
    async [other(half)]({ port }) {
      const received = await new Reader(port).rest();
      assert.deepStrictEqual(received, expected.slice(0, received.length));
      assert.strictEqual(port.closed, true);
    },
  });

  scenario(`a port under way in a queue of the ${half} closes when it is killed`, {
    dies: [half, 'SIGKILL'],
    async [half]({ road, end }) {
      await new Reader(road).next();
      end('SIGKILL');
    },
    async [other(half)]({ port, road }) {
      const { port1, port2 } = new MessageChannelMain();
      port.postMessage('never read', [port2]);
      // Both listen from now on: 'close' does not wait for whoever comes later.
      const readers = [new Reader(port1), new Reader(port)];
      road.postMessage('now');
      for (const reader of readers) assert.deepStrictEqual(await reader.rest(), []);
    },
  });
}

const expected = [...range(3000), 'x'.repeat(2_000_000), 'last'];

function postAndDie(way) {
  return async ({ port, end }) => {
    for (const each of expected) port.postMessage(each);
    await end(way);
  };
}

async function readToTheEnd({ port }) {
  const log = [];
  port.on('close', () => log.push('close'));
  assert.deepStrictEqual(await new Reader(port).rest(), expected);
  await new Promise(setImmediate);
  assert.deepStrictEqual(log, ['close']);
}

function other(half) {
  return half === 'left' ? 'right' : 'left';
}

test.serial("close() emits 'close' on this port once, synchronously, when it is closed already", (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const log = [];
  port1.on('close', () => log.push(`closed: ${port1.closed}`));
  port1.close();
  log.push('after');
  port1.close();
  t.deepEqual(log, ['closed: true', 'after']);
  port2.close();
});

test.serial("a listener of 'close' that throws, throws out of close(), and the port is closed", async (t) => {
  t.timeout(10_000);
  const { port1, port2 } = new MessageChannelMain();
  const peer = once(port2, 'close');
  port1.on('close', () => { throw new Error('thrown by the listener'); });
  t.throws(() => port1.close(), { message: 'thrown by the listener' });
  t.true(port1.closed);
  t.notThrows(() => port1.close());
  await peer;
});

test.serial("the peer's 'close' is asynchronous", async (t) => {
  t.timeout(10_000);
  const { port1, port2 } = new MessageChannelMain();
  const peer = once(port2, 'close');
  port1.close();
  t.false(port2.closed);
  await peer;
  t.true(port2.closed);
});

test.serial('close() drops what was not delivered', async (t) => {
  t.timeout(10_000);
  const { port1, port2 } = new MessageChannelMain();
  port2.on('message', () => t.fail());
  port1.postMessage('undelivered');
  port2.start();
  port2.close();
  await once(port1, 'close');
  t.pass();
});
