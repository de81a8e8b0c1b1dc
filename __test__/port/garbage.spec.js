// Garbage, beyond what dropping.spec.js says of MessagePortMain here: the web face, every placement, and nothing leaks.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, MessagePort } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { collector, test } = require('../helpers/test.js');

const tools = `
  const { MessageChannel, MessagePort, receiveMessageOnPort } = require('./index.js');
  ${collecting}
`;

/** A small young generation keeps the heap's own size from hiding what is left behind. */
const COLLECTING = ['--expose-gc', '--max-semi-space-size=1'];

const run = (t, source, lines, options = {}) => {
  t.timeout(60_000);
  return prints(t, `${tools}\n(async () => {\n${source}\n})();`, lines, { node: COLLECTING, timeout: 50_000, ...options });
};

for (const [title, setup] of [
  ['unstarted', ''],
  ['unstarted, with a listener', "port2.addEventListener('message', () => {});"],
  ['started, without listeners', 'port2.start();'],
  ["its 'close' handler set to null", 'port2.onclose = () => {}; port2.onclose = null;'],
  ['started, its handler set to null', 'port2.onmessage = () => {}; port2.onmessage = null;'],
  ['with unread messages', 'port1.postMessage({ some: "message" });'],
  ['after a conversion', 'MessagePort.from(MessagePortMain.from(port2));'],
  ['after a synchronous read', 'port1.postMessage(1); receiveMessageOnPort(port2);'],
]) {
  test.serial(`a web port that nobody holds is collected, and its peer gets 'close': ${title}`, (t) => run(t, `
    const { MessagePortMain } = require('./index.js');
    let closed = false;
    const port1 = (() => {
      const { port1, port2 } = new MessageChannel();
      ${setup}
      return port1;
    })();
    port1.onclose = () => { closed = true; };
    console.log(await collect(() => closed));
  `, ['true']));
}

test.serial('a web port with onmessage is kept while its peer lives, and collected afterwards', (t) => run(t, `
  const seen = [];
  let collected = false;
  const registry = new FinalizationRegistry(() => { collected = true; });
  let port1 = (() => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => seen.push(data);
    registry.register(port2);
    return port1;
  })();
  await outlive();
  console.log(collected);
  port1.postMessage('still there');
  await collect(() => seen.length > 0);
  console.log(seen[0]);
  port1.close();
  console.log(await collect(() => collected));
`, ['false', 'still there', 'true']));

test.serial('a started port without listeners but with a peer that is dropped: both go', (t) => run(t, `
  let left = 200;
  const registry = new FinalizationRegistry(() => { left--; });
  (() => {
    for (let i = 0; i < 100; i++) {
      const { port1, port2 } = new MessageChannel();
      port1.onclose = () => {};
      port1.start();
      port2.postMessage('to nobody');
      registry.register(port1);
      registry.register(port2);
    }
  })();
  console.log(await collect(() => left === 0));
`, ['true']));

test.serial('an iterator that was left or never begun does not keep its port', (t) => run(t, `
  let closes = 0;
  const kept = [];
  await (async () => {
    for (const begun of [true, false]) {
      const { port1, port2 } = new MessageChannelMain();
      port1.on('close', () => { closes++; });
      port1.postMessage(1);
      kept.push(port1);
      const iterator = port2[Symbol.asyncIterator]();
      if (begun) await iterator.next();
    }
  })();
  console.log(await collect(() => closes === 2));
`, ['true']));

test.serial('a loop that waits keeps its port while the peer lives', (t) => run(t, `
  const seen = [];
  const port1 = (() => {
    const { port1, port2 } = new MessageChannelMain();
    (async () => { for await (const { data } of port2) seen.push(data); seen.push('ended'); })();
    return port1;
  })();
  await outlive();
  port1.postMessage('kept');
  await collect(() => seen.length > 0);
  port1.close();
  await collect(() => seen.length > 1);
  console.log(...seen);
`, ['kept ended']));

/**
 * Drops channels in portions, each of which has to be collected before the next; the process may not grow with them.
 * 300 bytes per channel would show.
 */
const dropped = (make) => `
  const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
  async function portion() {
    let left = 10_000;
    const registry = new FinalizationRegistry(() => { left--; });
    (() => {
      for (let i = 0; i < 10_000; i++) {
        ${make}
        registry.register(port1);
      }
    })();
    if (!await collect(() => left === 0)) throw new Error(left + ' were not collected');
  }
  const sizes = [];
  for (let i = 0; i < 14; i++) {
    await portion();
    gc();
    sizes.push(megabytes());
  }
  // The heap grows to its working size at first, then goes up and down, and a table of the engine's may double once; what
  // leaks lifts the lowest of a few samples every time.
  const [a, b, c] = [5, 8, 11].map((from) => Math.min(...sizes.slice(from, from + 3)));
  const grown = Math.min(b - a, c - b);
  console.log(grown < 4 ? 'does not grow' : 'grew by ' + grown + ' MB: ' + sizes);
`;

for (const [title, make] of [
  ['of the main face', "const { port1, port2 } = new MessageChannelMain(); port2.on('message', () => {}); port1.postMessage({ i });"],
  ['of the web face', "const { port1, port2 } = new MessageChannel(); port2.addEventListener('message', () => {}); port1.postMessage({ i });"],
  ['whose other end lies unread in a third', 'const { port1, port2 } = new MessageChannelMain(); const { port1: a } = new MessageChannelMain(); a.postMessage(0, [port2]);'],
]) {
  test.serial(`140 000 dropped channels ${title} leave nothing`, (t) => run(t, dropped(make), ['does not grow']));
}

// ---------------------------------------------------------------- in every placement

/** Collects garbage until told that it is enough. */
async function collectUntil(done) {
  const gc = collector();
  while (!done()) {
    gc();
    await new Promise(setImmediate);
  }
}

/** Takes a port out of the next message, does something to it and forgets it. */
async function takeAndForget(reader, treat) {
  const { ports: [port] } = await reader.event();
  treat(port);
}

for (const [title, treat] of [
  ['a port that is not started', () => {}],
  ['a started port without listeners', (port) => port.start()],
  ['a web port that is not started', (port) => { MessagePort.from(port); }],
]) {
  scenario(`dropped: ${title}; the peer gets 'close', also where both were shipped`, {
    async left({ port }) {
      const channel = new MessageChannelMain();
      channel.port1.on('message', () => {}); // holds the event loop, for 'close' alone does not
      channel.port1.start();
      port.postMessage(null, [channel.port2]);
      await once(channel.port1, 'close');
      assert.strictEqual(channel.port1.closed, true);
      port.postMessage('that is all');
    },
    async right({ port }) {
      let over = false;
      const reader = new Reader(port);
      await takeAndForget(reader, treat);
      void reader.next().then(() => { over = true; });
      await collectUntil(() => over);
    },
  });
}

scenario("dropped: a message that nobody read, with a port in it; the port's peer gets 'close'", {
  async left({ port, road }) {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {};
    port.postMessage(null, [channel.port2]);
    road.postMessage('sent');
    await once(channel.port1, 'close');
    road.postMessage('that is all');
  },
  async right({ port, road }) {
    const reader = new Reader(road);
    await reader.next();
    let over = false;
    void reader.next().then(() => { over = true; });
    port.close();
    await collectUntil(() => over);
  },
});

// From Node 24 on V8 comes to collect the whole heap before it looks at young buffers, for Node's own ports too.
const looksFirst = Number.parseInt(process.versions.node, 10) < 24;
if (looksFirst) test.serial('large messages that are dropped are collected by themselves, not with the whole heap', (t) => run(t, `
  const { PerformanceObserver, constants } = require('node:perf_hooks');
  const { setTimeout: delay } = require('node:timers/promises');
  const counts = { [constants.NODE_PERFORMANCE_GC_MINOR]: 0, [constants.NODE_PERFORMANCE_GC_MAJOR]: 0 };
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) counts[detail.kind] += 1;
  });
  observer.observe({ entryTypes: ['gc'] });
  const { port1, port2 } = new MessageChannel();
  const bytes = new Uint8Array(1_300_000);
  for (let i = 0; i < 600; i++) {
    port1.postMessage(bytes);
    receiveMessageOnPort(port2);
  }
  while (counts[constants.NODE_PERFORMANCE_GC_MINOR] < 5) await delay(10);
  console.log(counts[constants.NODE_PERFORMANCE_GC_MAJOR] < 4 || counts);
  process.exit();
`, ['true'], { node: [] }));
