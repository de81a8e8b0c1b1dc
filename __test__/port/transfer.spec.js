// What is transferred leaves its sender entirely and arrives entirely: ports, their queues, memory.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test, fixture } = require('../helpers/test.js');

const MB = 1024 * 1024;

scenario('ports arrive in ports in ports, three deep', {
  async left({ port }) {
    const [outer, middle, inner] = [new MessageChannelMain(), new MessageChannelMain(), new MessageChannelMain()];
    inner.port1.postMessage('from the innermost');
    middle.port1.postMessage('from the middle', [inner.port2]);
    outer.port1.postMessage('from the outer', [middle.port2]);
    port.postMessage('here', [outer.port2]);
    for (const { port1 } of [outer, middle, inner]) {
      assert.strictEqual(await new Reader(port1).next(), 'got it');
      port1.close();
    }
  },
  async right({ port }) {
    for (const text of ['here', 'from the outer', 'from the middle', 'from the innermost']) {
      const { data, ports } = await new Reader(port).event();
      assert.strictEqual(data, text);
      if (text !== 'here') port.postMessage('got it');
      if (ports.length > 0) [port] = ports;
    }
    await closed(port);
  },
});

scenario('300 ports in one message are 300 working channels', {
  async left({ port }) {
    const channels = range(300).map(() => new MessageChannelMain());
    channels.forEach(({ port1 }, i) => port1.postMessage(i));
    port.postMessage('take these', channels.map(({ port2 }) => port2));
    const answers = await Promise.all(channels.map(({ port1 }) => new Reader(port1).rest()));
    assert.deepStrictEqual(answers, range(300).map((i) => [i * i]));
  },
  async right({ port }) {
    const { ports } = await new Reader(port).event();
    assert.strictEqual(ports.length, 300);
    const questions = await Promise.all(ports.map((each) => new Reader(each).next()));
    ports.forEach((each, i) => {
      each.postMessage(questions[i] ** 2);
      each.close();
    });
  },
});

scenario('a port stands in the message wherever it was put, and once in event.ports', {
  async left({ port }) {
    const [a, b] = [new MessageChannelMain(), new MessageChannelMain()];
    const jobs = new Map([['first', a.port2]]);
    port.postMessage({ b: b.port2, again: [b.port2, a.port2], jobs }, [a.port2, b.port2]);
    assert.strictEqual(await new Reader(a.port1).next(), 'a');
    assert.strictEqual(await new Reader(b.port1).next(), 'b');
    a.port1.close();
    b.port1.close();
  },
  async right({ port }) {
    const { data, ports: [a, b] } = await new Reader(port).event();
    assert.strictEqual(data.b, b);
    assert.strictEqual(data.again[0], b);
    assert.strictEqual(data.again[1], a);
    assert.strictEqual(data.jobs.get('first'), a);
    a.postMessage('a');
    b.postMessage('b');
    await Promise.all([closed(a), closed(b)]);
  },
});

scenario('a transferred ArrayBuffer is gone here and whole there', {
  async left({ port }) {
    for (const size of [0, 1, 1000, MB]) {
      const buffer = pattern(size).buffer;
      port.postMessage({ buffer, view: new Uint8Array(buffer, 0, size >> 1) }, [buffer]);
      assert.strictEqual(buffer.byteLength, 0);
      assert.throws(() => new Uint8Array(buffer), TypeError, 'it is detached');
    }
    await once(port, 'close');
  },
  async right({ port }) {
    const reader = new Reader(port);
    for (const size of [0, 1, 1000, MB]) {
      const { buffer, view } = await reader.next();
      assert.ok(buffer instanceof ArrayBuffer);
      assert.deepStrictEqual(new Uint8Array(buffer), pattern(size));
      assert.strictEqual(view.buffer, buffer);
      assert.strictEqual(view.length, size >> 1);
    }
    port.close();
  },
});

for (const size of [MB, 20 * MB]) {
  scenario(`${size / MB} MB go there and come back, cloned and transferred`, {
    async left({ port }) {
      const reader = new Reader(port);
      const bytes = pattern(size);
      port.postMessage(bytes);
      assert.strictEqual(bytes.length, size, 'a clone leaves the original alone');
      assert.ok(Buffer.compare(await reader.next(), bytes) === 0);
      port.postMessage(bytes, [bytes.buffer]);
      assert.strictEqual(bytes.length, 0);
      assert.ok(Buffer.compare(await reader.next(), pattern(size)) === 0);
      const text = 'a long story; '.repeat(size / 16);
      port.postMessage(text);
      assert.ok(await reader.next() === text);
    },
    async right({ port }) {
      const reader = new Reader(port);
      for (let i = 0; i < 3; i++) {
        const data = await reader.next();
        port.postMessage(data, typeof data === 'string' ? [] : [data.buffer]);
      }
    },
  });
}

scenario('large messages both ways at once do not wait for each other', {
  left: exchangeGiants,
  right: exchangeGiants,
});

async function exchangeGiants({ port }) {
  const reader = new Reader(port);
  for (const i of range(4)) port.postMessage({ i, bytes: pattern(5 * MB) });
  const received = await reader.take(4);
  assert.deepStrictEqual(received.map(({ i }) => i), range(4));
  for (const { bytes } of received) assert.ok(Buffer.compare(bytes, pattern(5 * MB)) === 0);
}

scenario('a port shipped from inside a listener takes the undelivered rest along', {
  left({ port }) {
    for (const i of range(1000)) port.postMessage(i);
  },
  async right({ port, road }) {
    const received = [];
    let afterTheTransfer = 0;
    const { port1, port2 } = new MessageChannelMain();
    const away = new Reader(port2);
    port.on('message', ({ data }) => {
      received.push(data);
      if (received.length > 100) afterTheTransfer++;
      if (data === 99) port1.postMessage(null, [port]);
    });
    port.start();
    const { ports: [arrived] } = await away.event();
    received.push(...await new Reader(arrived).take(900));
    assert.deepStrictEqual(received, range(1000));
    assert.strictEqual(afterTheTransfer, 0);
    arrived.close();
    port2.close();
    road.postMessage('done');
  },
});

scenario('"started" does not travel: a port that was running waits for start() where it arrives', {
  async left({ port, road }) {
    const roadReader = new Reader(road);
    await roadReader.next();
    port.postMessage('kept');
    road.postMessage('posted');
    const { ports: [arrived] } = await roadReader.event();
    const early = [];
    arrived.on('message', ({ data }) => early.push(data));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepStrictEqual(early, []);
    arrived.start();
    if (early.length === 0) await once(arrived, 'message');
    assert.deepStrictEqual(early, ['kept']);
    arrived.close();
  },
  async right({ port, road }) {
    const seen = [];
    port.on('message', ({ data }) => seen.push(data));
    port.start();
    port.removeAllListeners('message');
    // Shipped while it is running, twice: into a queue of this place, and from there over the road.
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(null, [port]);
    road.postMessage('stopped');
    await new Reader(road).next();
    const { ports: [again] } = await new Reader(port2).event();
    road.postMessage(null, [again]);
    assert.deepStrictEqual(seen, []);
    port2.close();
  },
});

scenario('a closed port arrives closed, and says so once, after the handler that handed it out', {
  async left({ port }) {
    const { port1, port2 } = new MessageChannelMain();
    port2.close();
    port.postMessage({ port: port2 }, [port2]);
    if (!port1.closed) await once(port1, 'close');
    await once(port, 'close');
  },
  async right({ port }) {
    const order = [];
    const arrived = await new Promise((resolve) => {
      port.on('message', ({ ports: [each] }) => {
        each.on('close', () => { order.push('close'); resolve(each); });
        order.push('handler');
      });
      port.start();
    });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepStrictEqual(order, ['handler', 'close']);
    assert.strictEqual(arrived.closed, true);
    port.close();
  },
});

scenario('the object that was transferred is inert: it sends nothing, receives nothing, emits nothing', {
  async left({ port, road }) {
    const { port1, port2 } = new MessageChannelMain();
    const emitted = [];
    for (const name of ['message', 'close', 'messageerror']) port2.on(name, () => emitted.push(name));
    port2.start();
    port.postMessage(null, [port2]);
    port2.postMessage('lost');
    port2.start();
    port2.close();
    port1.postMessage('for the new owner');
    assert.strictEqual(port2.closed, true);
    assert.strictEqual(port2.hasRef(), false);
    assert.deepStrictEqual(await new Reader(port1).rest(), ['from the new owner']);
    await new Reader(road).next();
    assert.deepStrictEqual(emitted, []);
  },
  async right({ port, road }) {
    const { ports: [arrived] } = await new Reader(port).event();
    assert.strictEqual(await new Reader(arrived).next(), 'for the new owner');
    arrived.postMessage('from the new owner');
    arrived.close();
    road.postMessage('done');
  },
});

scenario('a port in a message that nobody will ever read closes', {
  async left({ port }) {
    const [a, b] = [new MessageChannelMain(), new MessageChannelMain()];
    b.port1.postMessage('two deep', [a.port2]);
    port.postMessage('unread', [b.port2]);
    await Promise.all([closed(a.port1), closed(b.port1)]);
  },
  async right({ port, road }) {
    port.close();
    road.postMessage('closed');
  },
});

scenario('a started port without a listener discards, and the ports in what it discards close', {
  async left({ port, road }) {
    const { port1, port2 } = new MessageChannelMain();
    port.postMessage('discarded', [port2]);
    await closed(port1);
    road.postMessage('closed');
    await new Reader(road).next();
    port.postMessage('heard');
  },
  async right({ port, road }) {
    port.start();
    await new Reader(road).next();
    const first = once(port, 'message');
    road.postMessage('listening');
    assert.strictEqual((await first)[0].data, 'heard');
  },
});

test.serial('a port hops through every kind of place, with messages under way both ways', async (t) => {
  t.timeout(20_000);
  const places = [
    new Worker(fixture('hop.js')),
    utilityProcess.fork(fixture('hop.js')),
    utilityProcess.fork(fixture('hop.js'), ['relay']),
  ];
  const gone = places.map((place) => once(place, 'exit'));
  const { port1, port2 } = new MessageChannelMain();
  let wanderer = port2;
  for (const i of range(30)) {
    port1.postMessage(i);
    const place = places[i % 3];
    place.postMessage(null, [wanderer]);
    const [, { ports }] = await once(place, 'message');
    [wanderer] = ports;
  }
  for (const place of places) place.postMessage('go');
  await Promise.all(gone);
  // Each stop read one message and answered with it.
  wanderer.close();
  t.deepEqual(await new Reader(port1).rest(), range(30));
});

test.serial('the peer through its own channel: delivered to nobody, the channel closes, a warning says so', async (t) => {
  t.timeout(10_000);
  const { port1, port2 } = new MessageChannelMain();
  const warning = once(process, 'warning');
  const close = once(port1, 'close');
  let closedAtOnce = false;
  port1.once('close', () => { closedAtOnce = true; });
  port1.postMessage('into itself', [port2]);
  t.false(closedAtOnce, "'close' is asynchronous");
  await close;
  t.true(port1.closed);
  t.true(port2.closed);
  t.regex(String((await warning)[0].message), /port/i);
});

test.serial('ports inside each other: delivered to nobody, both channels close', async (t) => {
  t.timeout(10_000);
  const a = new MessageChannelMain();
  const b = new MessageChannelMain();
  const warning = once(process, 'warning');
  const closes = [once(a.port1, 'close'), once(b.port1, 'close')];
  const { port1, port2 } = new MessageChannelMain();
  const lost = once(port1, 'close');
  a.port1.postMessage('b, which waits there', [b.port2]);
  b.port1.postMessage('a, which has b inside', [a.port2, port2]);
  await Promise.all(closes);
  await lost;
  t.is((await warning)[0].code, 'MESSAGE_PORT_LOOP');
});

function closed(port) {
  return port.closed ? undefined : new Promise((resolve) => port.on('close', resolve));
}

/** `size` bytes that are not all alike. */
function pattern(size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31) ^ (i >> 8);
  return bytes;
}
