// Delivery: each message is a task of its own, one bad listener harms nobody else, and no port starves the rest.
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MessageChannelMain } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { prints, program } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

scenario('nextTicks and microtasks drain between two messages', {
  left({ port }) {
    for (const i of range(20)) port.postMessage(i);
  },
  async right({ port, road }) {
    const log = [];
    await new Promise((resolve) => {
      port.on('message', ({ data }) => {
        log.push(`message ${data}`);
        queueMicrotask(() => {
          log.push(`microtask ${data}`);
          queueMicrotask(() => log.push(`its microtask ${data}`));
          process.nextTick(() => log.push(`its tick ${data}`));
        });
        process.nextTick(() => log.push(`tick ${data}`));
        if (data === 19) setImmediate(resolve);
      });
      port.start();
    });
    const each = (i) => [`message ${i}`, `tick ${i}`, `microtask ${i}`, `its microtask ${i}`, `its tick ${i}`];
    assert.deepStrictEqual(log, range(20).flatMap(each));
    road.postMessage('done');
  },
});

scenario('an async listener sees no second message before its first await is over', {
  left({ port }) {
    for (const i of range(10)) port.postMessage(i);
  },
  async right({ port }) {
    const log = [];
    await new Promise((resolve) => {
      port.on('message', async ({ data }) => {
        log.push(data);
        await null;
        await null;
        log.push(data);
        if (data === 9) resolve();
      });
      port.start();
    });
    assert.deepStrictEqual(log, range(10).flatMap((i) => [i, i]));
  },
});

scenario('a listener is called on its port, with data and ports', {
  left({ port }) {
    port.postMessage('x');
  },
  async right({ port }) {
    const seen = await new Promise((resolve) => {
      port.once('message', function listener(event) { resolve([this, event]); });
      port.start();
    });
    assert.strictEqual(seen[0], port);
    assert.deepStrictEqual(Object.keys(seen[1]).sort(), ['data', 'ports']);
  },
});

scenario('a message is visible to the peer while its sender is busy', {
  apart: true,
  async left({ port, road }) {
    const sign = await new Reader(road).next();
    port.postMessage('one');
    port.postMessage('two');
    // From here on the event loop of this side stands still until the other side has seen both.
    const deadline = Date.now() + 10_000;
    while (!fs.existsSync(sign) && Date.now() < deadline);
    assert.ok(fs.existsSync(sign));
    fs.rmSync(path.dirname(sign), { recursive: true });
  },
  async right({ port, road }) {
    const sign = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'visible-')), 'seen');
    road.postMessage(sign);
    assert.deepStrictEqual(await new Reader(port).take(2), ['one', 'two']);
    fs.writeFileSync(sign, '');
  },
});

scenario('a busy port starves neither timers nor immediates nor another port', {
  async left({ port, road }) {
    let stop = false;
    road.on('message', ({ data }) => {
      if (data === 'ping') road.postMessage('pong');
      else stop = true;
    });
    road.start();
    while (!stop) {
      for (let i = 0; i < 500; i++) port.postMessage(i);
      await new Promise(setImmediate);
    }
    port.close();
  },
  async right({ port, road }) {
    let count = 0;
    let pongs = 0;
    let timers = 0;
    port.on('message', () => { count++; });
    port.start();
    const timer = setInterval(() => { timers++; }, 1);
    const roadReader = new Reader(road);
    while (pongs < 20 || timers < 20) {
      road.postMessage('ping');
      assert.strictEqual(await roadReader.next(), 'pong');
      pongs++;
      await new Promise(setImmediate);
    }
    clearInterval(timer);
    road.postMessage('stop');
    await new Promise((resolve) => port.on('close', resolve));
    assert.ok(count > 0);
  },
});

/** What fits into one batch: bytes of a share, over those of a frame with a small number. */
const SHARE = (64 << 10) / 24;

const busyPort = (lowLatency) => ({
  async left({ port, road }) {
    let stop = false;
    road.on('message', () => { stop = true; });
    road.start();
    while (!stop) {
      for (let i = 0; i < 1000; i++) port.postMessage(i);
      await new Promise(setImmediate);
    }
    port.close();
  },
  async right({ port, road }) {
    let count = 0;
    let most = 0;
    port.on('message', () => { count++; });
    port.start();
    port.setLowLatency(lowLatency);
    for (let turn = 0; turn < 3000; turn++) {
      const before = count;
      await new Promise(setImmediate);
      most = Math.max(most, count - before);
    }
    road.postMessage('stop');
    await new Promise((resolve) => port.on('close', resolve));
    assert.ok(most <= SHARE, `${most} messages in one turn`);
  },
});

scenario('a port that is posted to all the time has one share of a turn', busyPort(false));
scenario('in low-latency mode too a port that is posted to all the time has one share of a turn', busyPort(true));

for (const [what, make, most] of [
  ['with memory', () => new ArrayBuffer(8), 64],
  ['with ports', () => new MessageChannelMain().port2, 64],
  ['with many ports', () => range(20).map(() => new MessageChannelMain().port2), 4],
  ['with much memory', () => range(20).map(() => new ArrayBuffer(8)), 4],
  ['of long texts', () => 'x'.repeat(40_000), 2],
]) {
  test.serial(`of messages ${what} a port has one share of a turn, and others their turns in between`, async (t) => {
    const [busy, other] = [new MessageChannelMain(), new MessageChannelMain()];
    const log = [];
    for (let i = 0; i < 300; i++) {
      const part = make();
      busy.port1.postMessage({ part }, typeof part === 'string' ? [] : [part].flat());
    }
    for (let i = 0; i < 3; i++) other.port1.postMessage(i);
    busy.port2.on('message', ({ ports }) => { log.push('busy'); for (const port of ports) port.close(); });
    other.port2.on('message', () => log.push('other'));
    const turns = [];
    busy.port2.start();
    other.port2.start();
    while (turns.at(-1) !== 300) {
      await new Promise(setImmediate);
      turns.push(log.filter((name) => name === 'busy').length);
    }
    const each = turns.map((count, turn) => count - (turns[turn - 1] ?? 0));
    // Without the engine's functions something more goes along with ports.
    t.true(Math.max(...each) <= most && Math.max(...each) >= most / 2, `${Math.max(...each)}`);
    const first = log.indexOf('other');
    t.true(first <= 1 && log.lastIndexOf('other') === first + 2, 'a batch of the other after one of the busy one');
    busy.port1.close();
    other.port1.close();
  });
}

for (const [title, setup] of [
  ['in one thread', 'const { port1, port2: port } = new MessageChannelMain(); for (let i = 0; i < 5; i++) port1.postMessage(i); port1.close();'],
  ['from a child', `
    const { port1, port2: port } = new MessageChannelMain();
    utilityProcess.fork(${JSON.stringify(fixture('five-numbers.js'))}).postMessage(null, [port1]);
  `],
]) {
  test.serial(`a listener that throws becomes an uncaughtException, and the next messages arrive: ${title}`, async (t) => {
    t.timeout(20_000);
    await prints(t, `
      process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
      ${setup}
      port.on('message', ({ data }) => {
        console.log(data);
        if (data % 2 === 1) throw new Error('at ' + data);
      });
      port.on('close', () => { console.log('close'); throw new Error('at close'); });
      port.start();
    `, ['0', '1', 'caught at 1 uncaughtException', '2', '3', 'caught at 3 uncaughtException', '4', 'close', 'caught at close uncaughtException']);
  });
}

test.serial('without a handler, a listener that throws ends the program', async (t) => {
  t.timeout(20_000);
  const { code, stdout, stderr } = await program(`
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', ({ data }) => { console.log(data); throw new Error('nobody catches me'); });
    port1.start();
    port2.postMessage(1);
    port2.postMessage(2);
  `);
  t.is(code, 1);
  t.is(stdout, '1\n');
  t.regex(stderr, /nobody catches me/);
});

test.serial('a rejected async listener becomes an unhandledRejection, and the next message arrives', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    process.on('unhandledRejection', (error) => console.log('rejected', error.message));
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', async ({ data }) => { console.log(data); if (data === 1) throw new Error('one'); if (data === 2) port1.close(); });
    port1.start();
    port2.postMessage(1);
    port2.postMessage(2);
  `, ['1', 'rejected one', '2']);
});

test.serial('what Node calls back synchronously in a listener runs nothing else in there: a heap snapshot can be taken', async (t) => {
  t.timeout(30_000);
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    port1.once('message', () => {
      const log = [];
      process.nextTick(() => log.push('tick'));
      let bytes = 0;
      require('node:v8').getHeapSnapshot()
        .on('data', ({ length }) => { bytes += length; })
        .on('end', () => { console.log(log.join(), bytes > 1e6); port1.close(); });
      log.push('end of the listener');
    });
    port1.start();
    port2.postMessage(1);
  `, ['end of the listener,tick true']);
});

test('with --pending-deprecation nothing of ours is warned of, and the program is as ever', (t) => prints(t, `
  const { port1, port2 } = new MessageChannelMain();
  port2.on('message', ({ data }) => {
    console.log(data);
    process.nextTick(() => console.log('tick', process.noDeprecation ?? false));
    Promise.resolve().then(() => console.log('microtask'));
    if (data === 2) port2.close();
  });
  port2.start();
  for (const data of [1, 2]) port1.postMessage(data);
`, ['1', 'tick false', 'microtask', '2', 'tick false', 'microtask'], { node: ['--pending-deprecation', '--throw-deprecation'] }));

for (const way of ['delete process._tickCallback', 'process._tickCallback = () => {}']) {
  test(`where nothing that can be called runs ticks, the loop does: ${way}`, async (t) => {
    await prints(t, `
      function hear(port, last, done) {
        const log = [];
        port.on('message', ({ data }) => {
          log.push('message ' + data);
          Promise.resolve().then(() => log.push('promise ' + data));
          process.nextTick(() => log.push('tick ' + data));
          if (data === last) setImmediate(() => done(log.join() === Array.from({ length: last + 1 }, (_, i) => ['message ' + i, 'tick ' + i, 'promise ' + i]).flat().join()));
        });
        port.start();
      }
      const { port1, port2 } = new MessageChannelMain();
      for (let i = 0; i < 3; i++) port1.postMessage(i);
      hear(port2, 2, (inOrder) => {
        console.log('here', inOrder);
        port1.close();
        const many = "parentPort.once('message', ({ ports: [port] }) => { for (let i = 0; i < 300; i++) port.postMessage(i); port.close(); })";
        const names = "const { parentPort } = require('./index.js');";
        const worker = new Worker(names + many, { eval: true });
        const channel = new MessageChannelMain();
        worker.postMessage(null, [channel.port1]);
        channel.port2.on('close', () => console.log('closed'));
        hear(channel.port2, 299, (inOrder) => console.log('from a thread', inOrder));
      });
    `, ['here true', 'from a thread true', 'closed'], { node: ['--import', `data:text/javascript,${encodeURIComponent(way)}`] });
  });
}
