// What a reader does not take stays with its sender, who can tell; nothing is refused, and nothing is lost.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannelMain, receiveMessageOnPort } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario, test } = require('../helpers/scenario.js');

const MB = 1 << 20;
const COUNT = 64;

scenario("what is not read counts as bufferedAmount, with one 'drain' when it has gone", {
  async left({ port, road }) {
    const roadReader = new Reader(road);
    const drains = [];
    port.on('drain', () => drains.push(port.bufferedAmount));
    assert.deepStrictEqual([port.bufferedAmount, port.writableNeedDrain], [0, false]);
    for (const i of range(COUNT)) port.postMessage(new Uint8Array(MB).fill(i));
    road.postMessage(process.pid);
    // The other side has had turns enough to take whatever it would take.
    await roadReader.next();
    assert.ok(port.bufferedAmount > (COUNT - 4) * MB, `${port.bufferedAmount} bytes wait`);
    assert.strictEqual(port.writableNeedDrain, true);
    assert.deepStrictEqual(drains, []);
    const drained = once(port, 'drain');
    road.postMessage('read now');
    await drained;
    assert.ok(port.bufferedAmount <= MB);
    assert.strictEqual(port.writableNeedDrain, false);
    await roadReader.next();
    assert.strictEqual(drains.length, 1);
  },
  async right({ port, road }) {
    const roadReader = new Reader(road);
    const sender = await roadReader.next();
    const before = process.memoryUsage().rss;
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    // Where the sender has memory of its own, this side has taken none of it.
    const grown = process.memoryUsage().rss - before;
    if (sender !== process.pid) assert.ok(grown < COUNT * MB / 4, `grew by ${grown} bytes`);
    road.postMessage('waited');
    await roadReader.next();
    const reader = new Reader(port);
    for (const i of range(COUNT)) {
      const bytes = await reader.next();
      assert.deepStrictEqual([bytes.length, bytes[0], bytes[MB - 1]], [MB, i, i]);
    }
    road.postMessage('read');
  },
});

test("each time that it is above 1 MiB has a 'drain' of its own", async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const reader = new Reader(port2);
  let drains = 0;
  port1.on('drain', () => { drains += 1; });
  for (let round = 1; round <= 3; round++) {
    port1.postMessage('x'.repeat(2 ** 20 - 100));
    t.false(port1.writableNeedDrain);
    port1.postMessage('x'.repeat(1000));
    t.true(port1.writableNeedDrain);
    await Promise.all([once(port1, 'drain'), reader.take(2)]);
    t.is(drains, round);
    t.is(port1.bufferedAmount, 0);
  }
  port1.close();
});

for (const [title, ask] of [
  ['listens', () => {}],
  ['looks at writableNeedDrain and listens', (t, port) => t.true(port.writableNeedDrain, 'until it was told')],
]) {
  test(`a 'drain' that nobody waited for comes to who ${title} afterwards, once`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage('x'.repeat(2 ** 21));
    t.is(receiveMessageOnPort(port2).message.length, 2 ** 21);
    t.is(port1.bufferedAmount, 0);
    ask(t, port1);
    let drains = 0;
    port1.on('drain', () => { drains += 1; });
    await once(port1, 'drain');
    t.false(port1.writableNeedDrain);
    const reader = new Reader(port1);
    port2.postMessage('behind it');
    await reader.next();
    t.is(drains, 1);
    port1.close();
  });
}
