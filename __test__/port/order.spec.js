// Messages arrive in the order in which they were posted, exactly once, wherever their ports are and go.
const assert = require('node:assert');
const { MessageChannelMain } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');

/** Message `i` of a mixed stream: small and large, with and without a buffer or a port of its own. */
function message(i) {
  if (i % 100 === 99) return { i, body: new Uint8Array(50_000).fill(i) };
  if (i % 10 === 9) return { i, body: 'x'.repeat(i) };
  return i;
}

scenario('a mixed stream keeps its order in both directions at once', {
  left: exchangeStream,
  right: exchangeStream,
});

async function exchangeStream({ port }) {
  const reader = new Reader(port);
  for (const i of range(1000)) port.postMessage(message(i));
  assert.deepStrictEqual(await reader.take(1000), range(1000).map(message));
}

scenario('bursts from several turns of the event loop keep their order', {
  async left({ port }) {
    for (let burst = 0; burst < 50; burst++) {
      for (const i of range(200)) port.postMessage(burst * 200 + i);
      await new Promise(setImmediate);
    }
  },
  async right({ port }) {
    assert.deepStrictEqual(await new Reader(port).take(10_000), range(10_000));
  },
});

scenario('a message with ports keeps its place among those without', {
  left({ port }) {
    for (const i of range(50)) {
      port.postMessage(2 * i);
      port.postMessage(2 * i + 1, [new MessageChannelMain().port1]);
    }
  },
  async right({ port }) {
    const reader = new Reader(port);
    for (const i of range(100)) {
      const { data, ports } = await reader.event();
      assert.strictEqual(data, i);
      assert.strictEqual(ports.length, i % 2);
      for (const arrived of ports) arrived.close();
    }
  },
});

scenario('what is posted before start() waits for it', {
  left({ port, road }) {
    for (const i of range(500)) port.postMessage(i);
    road.postMessage('posted');
  },
  async right({ port, road }) {
    await new Reader(road).next();
    const early = [];
    const keep = ({ data }) => early.push(data);
    port.on('message', keep);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepStrictEqual(early, [], 'a listener does not start a MessagePortMain');
    port.off('message', keep);
    assert.deepStrictEqual(await new Reader(port).take(500), range(500));
  },
});

scenario('more than a socket holds waits for start()', {
  left({ port, road }) {
    for (const i of range(20_000)) port.postMessage({ i, text: 'a record of some length' });
    road.postMessage('posted');
  },
  async right({ port, road }) {
    await new Reader(road).next();
    const all = await new Reader(port).take(20_000);
    assert.deepStrictEqual(all.map(({ i }) => i), range(20_000));
  },
});

scenario('a queue travels with its port', {
  async left({ port, road }) {
    for (const i of range(300)) port.postMessage(i);
    road.postMessage('posted');
    const { ports: [peer] } = await new Reader(road).event();
    for (const i of range(300)) port.postMessage(300 + i);
    assert.deepStrictEqual(await new Reader(peer).take(600), range(600));
    peer.close();
  },
  async right({ port, road }) {
    await new Reader(road).next();
    road.postMessage('take it', [port]);
  },
});

scenario('a queue travels with a port that is shipped there, back and there again', {
  async left({ port, road }) {
    const roadReader = new Reader(road);
    let posted = 0;
    const post = () => { for (let i = 0; i < 100; i++) port.postMessage(posted++); };
    post();
    road.postMessage('posted');
    for (let round = 0; round < 4; round++) {
      const { ports: [peer] } = await roadReader.event();
      post();
      road.postMessage(null, [peer]);
      post();
    }
    road.postMessage(posted);
  },
  async right({ port, road }) {
    const roadReader = new Reader(road);
    await roadReader.next();
    for (let round = 0; round < 4; round++) {
      road.postMessage(null, [port]);
      ({ ports: [port] } = await roadReader.event());
    }
    const count = await roadReader.next();
    assert.strictEqual(count, 900);
    assert.deepStrictEqual(await new Reader(port).take(count), range(count));
    port.close();
  },
});

scenario('both ends are shipped at once, with messages queued both ways', {
  left: (place) => swapEnds(place, 'left', 'right'),
  right: (place) => swapEnds(place, 'right', 'left'),
});

async function swapEnds({ port, road }, mine, theirs) {
  const roadReader = new Reader(road);
  for (const i of range(200)) port.postMessage({ from: mine, i });
  road.postMessage('posted');
  await roadReader.next();
  // Now both ends leave, each towards the place of the other.
  road.postMessage(null, [port]);
  const { ports: [arrived] } = await roadReader.event();
  arrived.postMessage({ from: mine, i: 'after' });
  // What came along is what this side itself had posted; the last word is the other's, posted to its new end.
  const received = await new Reader(arrived).take(201);
  assert.deepStrictEqual(received.slice(0, 200), range(200).map((i) => ({ from: mine, i })));
  assert.deepStrictEqual(received[200], { from: theirs, i: 'after' });
  road.postMessage('read');
  await roadReader.next();
  arrived.close();
}

scenario('both ends of a fresh channel are shipped in one message, with messages queued both ways', {
  async left({ port, road }) {
    const { port1, port2 } = new MessageChannelMain();
    for (const i of range(100)) {
      port1.postMessage(i);
      port2.postMessage(-i);
    }
    port.postMessage(null, [port1, port2]);
    await new Reader(road).next();
  },
  async right({ port, road }) {
    const { ports: [port1, port2] } = await new Reader(port).event();
    port1.postMessage(100);
    port2.postMessage(-100);
    assert.deepStrictEqual(await new Reader(port2).take(101), range(101));
    assert.deepStrictEqual(await new Reader(port1).take(101), range(101).map((i) => -i));
    port1.close();
    road.postMessage('read');
  },
});

scenario('a flood keeps its order while the receiving end moves to and fro', {
  async left({ port, road }) {
    // Floods in small bursts and, between two of them, sends its own peer back whenever it turns up here.
    let moves = 0;
    road.on('message', ({ ports: [peer] }) => { moves++; road.postMessage(null, [peer]); });
    road.start();
    let i = 0;
    while (moves < 20) {
      for (let burst = 0; burst < 25; burst++) port.postMessage(i++);
      await new Promise(setImmediate);
    }
    port.postMessage('end');
    return i;
  },
  async right({ port, road }) {
    const received = [];
    const roadReader = new Reader(road);
    for (let move = 0; move < 20; move++) {
      leaveAfter(10, port, road, received);
      ({ ports: [port] } = await roadReader.event());
    }
    const reader = new Reader(port);
    for (let data = await reader.next(); data !== 'end'; data = await reader.next()) received.push(data);
    port.close();
    assert.deepStrictEqual(received, range(received.length));
    return received.length;
  },
  check(t, posted, received) {
    t.is(received, posted);
  },
});

/** Receives `count` messages and ships the port over the road inside the listener of the last. */
function leaveAfter(count, port, road, received) {
  port.on('message', ({ data }) => {
    received.push(data);
    if (--count === 0) road.postMessage(null, [port]);
  });
  port.start();
}
