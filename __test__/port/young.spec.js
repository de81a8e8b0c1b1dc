// The first moment of ports: most are made, used and closed in it. Nothing is held longer for it that nobody holds.
const { once } = require('node:events');
const { inspectPorts, MessageChannelMain, Worker } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const STILL = ['--require', fixture('still-clock.js')];

const run = (t, source, lines, node = []) => {
  t.timeout(60_000);
  return prints(t, `${collecting}\n(async () => {\n${source}\n})();`, lines, { node: ['--expose-gc', ...node], timeout: 50_000 });
};

for (const [title, wait] of [
  ['in its first tick', ''],
  ['after its first tick', 'await new Promise(setImmediate);'],
  ['when it is held no longer than any', 'await outlive();'],
]) {
  test.serial(`a port is collected, whenever it is dropped: ${title}`, (t) => run(t, `
    let closed = false;
    const tell = () => { closed = true; };
    const held = [];
    const port1 = (() => {
      const { port1, port2 } = new MessageChannelMain();
      held.push(port2);
      return port1.on('close', tell);
    })();
    ${wait}
    held.pop();
    console.log(await collect(() => closed), port1.closed);
  `, ['true true']));
}

test.serial('20 000 channels that are dropped in one tick are collected, though none is made afterwards', (t) => run(t, `
  let told = 0;
  const tell = () => { told++; };
  const peers = (() => Array.from({ length: 20_000 }, () => new MessageChannelMain().port1.on('close', tell)))();
  console.log(await collect(() => told === peers.length));
`, ['true']));

test.serial('a thread that never comes back to its loop does not grow by the channels that it makes and closes, nor by the ports that come', (t) => run(t, `
  const { receiveMessageOnPort } = require('./index.js');
  const { port1: from, port2: to } = new MessageChannelMain();
  const play = (times) => {
    for (let i = 0; i < times; i++) {
      const { port1, port2 } = new MessageChannelMain();
      from.postMessage(null, [port2]);
      receiveMessageOnPort(to).ports[0].close();
      port1.close();
    }
  };
  const megabytes = () => {
    gc();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  play(5_000);
  const before = megabytes();
  play(30_000);
  const more = megabytes() - before;
  console.log(more < 8 || more);
`, ['true']));

test.serial("a thread that sleeps in its loop collects too, and the other one hears 'close'", (t) => run(t, `
  const { once } = require('node:events');
  const worker = new Worker(\`
    const { parentPort } = require('./index.js');
    parentPort.on('message', ({ ports: [port] }) => (port === undefined ? gc() : parentPort.postMessage('it is here, and dropped')));
  \`, { eval: true });
  const { port1, port2 } = new MessageChannelMain();
  let closed = false;
  port1.on('close', () => { closed = true; });
  worker.postMessage('take it', [port2]);
  await once(worker, 'message');
  const asking = setInterval(() => worker.postMessage('collect'), 10); // between two it sleeps
  await once(port1, 'close');
  clearInterval(asking);
  console.log(closed);
  await worker.terminate();
`, ['true']));

test.serial('one that is heard, unheard and heard again stays, and goes when it is unheard', (t) => run(t, `
  let closed = false;
  const seen = [];
  const tell = () => { closed = true; };
  const hear = ({ data }) => { seen.push(data); };
  const held = [];
  const port1 = (() => {
    const { port1, port2 } = new MessageChannelMain();
    held.push(new WeakRef(port2.on('message', hear)));
    port2.start();
    return port1.on('close', tell);
  })();
  await new Promise(setImmediate);
  (() => held[0].deref().off('message', hear).on('message', hear))();
  await outlive();
  port1.postMessage('still there');
  await collect(() => seen.length === 1);
  (() => { for (let i = 0; i < 5; i++) held[0].deref().off('message', hear).on('message', hear); })();
  await outlive();
  console.log(closed, seen.join());
  (() => held[0].deref().off('message', hear))();
  console.log(await collect(() => closed));
`, ['false still there', 'true']));

test.serial('what closes, is transferred or gets another face in its first moment is held no longer', (t) => run(t, `
  const { MessagePort, receiveMessageOnPort } = require('./index.js');
  let left = 4_000;
  const registry = new FinalizationRegistry(() => { left--; });
  const carrier = new MessageChannelMain();
  const faces = [];
  await (async () => {
    for (let i = 0; i < 1_000; i++) {
      const [a, b, c] = [new MessageChannelMain(), new MessageChannelMain(), new MessageChannelMain()];
      await new Promise(setImmediate); // they are young no more
      for (const port of [a.port1, a.port2, b.port1, c.port1]) registry.register(port);
      a.port2.start();
      a.port2.on('message', () => {});
      a.port1.close();
      carrier.port1.postMessage(null, [b.port1]);
      faces.push(receiveMessageOnPort(carrier.port2), MessagePort.from(c.port1), b.port2, c.port2);
    }
  })();
  console.log(await collect(() => left === 0), faces.length);
  process.exit();
`, ['true 4000'], STILL));

for (const [face, names] of [["Electron's face", './index.js'], ["the workers' face", './worker_threads.js']]) {
  test.serial(`what closes or is transferred later is held no longer, either, though its own async context leads to it: ${face}`, (t) => run(t, `
    const { AsyncLocalStorage } = require('node:async_hooks');
    const { MessageChannelMain: Channel = require('${names}').MessageChannel } = require('${names}');
    const storage = new AsyncLocalStorage();
    let left = 400;
    const registry = new FinalizationRegistry(() => { left--; });
    const carrier = new Channel();
    await (async () => {
      const channels = Array.from({ length: 200 }, () => storage.run({}, () => Object.assign(storage.getStore(), new Channel())));
      await outlive(); // they are held weakly
      for (const { port1, port2 } of channels) for (const port of [port1, port2]) registry.register(port);
      for (const { port1 } of channels.slice(0, 100)) port1.close();
      for (const { port1, port2 } of channels.slice(100)) carrier.port1.postMessage([port1, port2], [port1, port2]);
    })();
    console.log(await collect(() => left < 5)); // the engine may keep the last ones
    process.exit();
  `, ['true']));
}

test.serial("a port of the workers' face is not collected while it is open: one that holds the loop does so though nobody has its peer", (t) => run(t, `
  const { MessageChannel } = require('./worker_threads.js');
  const { port1 } = new MessageChannel();
  port1.ref();
  await outlive();
  console.log(port1.hasRef());
  port1.close();
`, ['true']));

test.serial('a server that closes its channels holds none of them, though its clock stands still', (t) => run(t, `
  let left = 200_000;
  const registry = new FinalizationRegistry(() => { left--; });
  await (async () => {
    for (let i = 0; i < 100; i++) {
      const ports = [];
      for (let j = 0; j < 1_000; j++) {
        const { port1, port2 } = new MessageChannelMain();
        registry.register(port1);
        registry.register(port2);
        port2.on('message', ({ data }) => port2.postMessage(data));
        port2.start();
        port1.on('message', () => port1.close());
        port1.start();
        port1.postMessage(j);
        ports.push(port1, port2);
      }
      while (ports.some(({ closed }) => !closed)) await new Promise(setImmediate);
    }
  })();
  console.log(await collect(() => left === 0), require('./index.js').inspectPorts().length);
`, ['true 0'], STILL));

test.serial('where the clock stands still from the start, no more than a bounded number is held', (t) => run(t, `
  const { inspectPorts } = require('./index.js');
  await (async () => {
    for (let i = 0; i < 40_000; i++) {
      new MessageChannelMain();
      if (i % 500 === 0) await new Promise(setImmediate);
    }
  })();
  await new Promise(setImmediate);
  console.log(await collect(() => inspectPorts().length <= 8_000));
`, ['true'], STILL));

test.serial('a program whose timers are replaced, and whose date jumps, changes nothing', (t) => run(t, `
  const { mock } = require('node:test');
  let closed = false;
  const tell = () => { closed = true; };
  (() => new MessageChannelMain().port1.close())(); // loaded
  mock.timers.enable();
  Date.now = () => -1e15;
  globalThis.setTimeout = require('node:timers').setTimeout = () => { throw new Error('not to be called'); };
  const immediate = globalThis.setImmediate;
  globalThis.setImmediate = require('node:timers/promises').setImmediate;
  const port1 = (() => new MessageChannelMain().port1.on('close', tell))();
  const turn = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannelMain();
    port2.on('message', () => { port1.close(); resolve(); });
    port2.start();
    port1.postMessage(null);
  });
  for (const end = performance.now() + 15_000; !closed && performance.now() < end;) {
    gc();
    await turn();
  }
  console.log(closed);
  process.exit();
`, ['true'], ['--no-warnings']));

test.serial('no port keeps a program running by its age', (t) => run(t, `
  const timers = [];
  require('node:async_hooks').createHook({
    init(id, type, trigger, resource) { if (type === 'Timeout') timers.push(resource); },
  }).enable();
  new MessageChannelMain().port1.close();
  const handles = process._getActiveHandles().length;
  const channels = (() => Array.from({ length: 100 }, () => new MessageChannelMain()))();
  await new Promise(setImmediate);
  const more = process._getActiveHandles().length - handles;
  console.log(timers.length > 0, timers.some((timer) => timer.hasRef()));
  console.log(more, process.getActiveResourcesInfo().includes('Timeout'), channels.length);
`, ['true false', '0 false 100']));

test.serial('channels that could not be made where the stack had no room left keep no later one from being collected', (t) => run(t, `
  let made = 0;
  const deep = () => {
    try {
      deep();
    } catch (error) {
      if (made++ < 60) new MessageChannelMain();
      throw error;
    }
  };
  const from = (depth) => (depth === 0 ? deep() : from(depth - 1)); // the room ends elsewhere each time
  new MessageChannelMain().port1.close(); // loaded
  for (let i = 0; i < 40; i++) {
    made = 0;
    try {
      from(i);
    } catch {}
    await new Promise(setImmediate);
  }
  let closed = false;
  const tell = () => { closed = true; };
  const port1 = (() => new MessageChannelMain().port1.on('close', tell))();
  console.log(await collect(() => closed), port1.closed);
  process.exit();
`, ['true true']));

test.serial('a picture of the heap, and the end of the program, in that moment', (t) => run(t, `
  (() => { for (let i = 0; i < 1_000; i++) new MessageChannelMain().port1.postMessage(i); })();
  await new Promise(setImmediate);
  const picture = require('node:v8').getHeapSnapshot();
  for await (const part of picture) if (part.length === 0) break;
  (() => { for (let i = 0; i < 1_000; i++) new MessageChannelMain().port1.postMessage(i); })();
  process.on('exit', () => {
    new MessageChannelMain();
    console.log('over');
  });
  setImmediate(() => process.exit());
`, ['over']));

test.serial('a thread that is terminated in that moment, whenever it is', async (t) => {
  t.timeout(60_000);
  const before = inspectPorts().length;
  for (let i = 0; i < 25; i++) {
    const worker = new Worker(`
      const { MessageChannelMain, parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
      const held = [];
      parentPort.postMessage('begun');
      function more() {
        for (let i = 0; i < 200; i++) {
          const { port1, port2 } = new MessageChannelMain();
          if (i % 3 === 0) port1.close();
          if (i % 3 === 1) setImmediate(() => port2.close());
          if (held.length < 500) held.push(port1);
        }
        setImmediate(more);
      }
      more();
    `, { eval: true });
    await once(worker, 'message');
    for (let turns = i * 40; turns > 0; turns--) await new Promise(setImmediate);
    await worker.terminate();
  }
  while (inspectPorts().length > before) await new Promise(setImmediate); // the last one's own port may hear of its end yet
  t.is(inspectPorts().length, before);
});

test.serial('a key that is used again is that of one port: each hears what was meant for it', async (t) => {
  let wrong = 0;
  let heard = 0;
  let seed = 7;
  const random = (n) => (seed = (seed * 48_271) % 0x7fffffff) % n;
  const open = [];
  const carrier = new MessageChannelMain();
  const expect = (port, id) => port.on('message', ({ data }) => {
    heard++;
    if (data !== id) wrong++;
  }).start();
  carrier.port2.on('message', ({ data, ports }) => ports.forEach((port) => expect(port, data))).start();
  let next = 0;
  let sent = 0;
  for (let i = 0; i < 20_000; i++) {
    const { port1, port2 } = new MessageChannelMain();
    const id = next++;
    if (random(3) === 0) carrier.port1.postMessage(id, [port2]); // its key is free at once
    else expect(port2, id);
    open.push([port1, id]);
    for (let j = random(3); j > 0; j--) {
      const [port, its] = open[random(open.length)];
      port.postMessage(its);
      sent++;
    }
    if (random(2) === 0) {
      const [[port, its]] = open.splice(random(open.length), 1);
      port.postMessage(its);
      sent++;
      port.close();
    }
    if (random(10) === 0) await new Promise(setImmediate);
  }
  for (const [port] of open) port.close();
  while (heard < sent) await new Promise(setImmediate);
  t.deepEqual({ wrong, heard }, { wrong: 0, heard: sent });
  carrier.port1.close();
});

test.serial('ports that leave together have all left before anybody is told, who may make others', async (t) => {
  const [carrier, a, b] = [new MessageChannelMain(), new MessageChannelMain(), new MessageChannelMain()];
  const made = [];
  const read = (async () => { for await (const event of a.port1) t.fail(String(event)); })();
  await new Promise(setImmediate);
  a.port1.on('removeListener', () => { // its keys are those that a.port1 and b.port1 had
    if (made.length === 0) made.push(new MessageChannelMain());
  });
  carrier.port1.postMessage(null, [a.port1, b.port1]);
  await read;
  const [{ port1, port2 }] = made;
  const heard = [once(port1, 'message'), once(port2, 'message')];
  port1.start();
  port2.start();
  port1.postMessage(1);
  port2.postMessage(2);
  t.deepEqual((await Promise.all(heard)).map(([{ data }]) => data), [2, 1]);
  for (const port of [carrier.port1, a.port2, b.port2, port1]) port.close();
});
