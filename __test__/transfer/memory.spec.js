// Threads, processes and channels may come and go for ever: no abort, no descriptor and no memory left behind.
const { once } = require('node:events');
const fs = require('node:fs');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { program } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const openDescriptors = () => fs.readdirSync('/proc/self/fd').length;

/** Reads a port, and closes every port that arrives. */
function readAndClose(port) {
  port.on('message', ({ ports }) => ports.forEach((each) => each.close()));
  return new Reader(port);
}

test.serial('worker.terminate() at any moment of a busy worker: its ports close, nothing aborts', async (t) => {
  t.timeout(30_000);
  for (const i of range(30)) {
    const { port1, port2 } = new MessageChannelMain();
    const worker = new Worker(fixture('busy.js'));
    const exit = once(worker, 'exit');
    worker.postMessage(null, [port2]);
    const reader = readAndClose(port1);
    await reader.take(1 + 40 * (i % 5));
    worker.terminate();
    await reader.rest();
    t.true(port1.closed);
    await exit;
  }
});

test.serial('worker.terminate() right after the start, before the worker has run', async (t) => {
  t.timeout(30_000);
  for (const early of range(20)) {
    const { port1, port2 } = new MessageChannelMain();
    const worker = new Worker(fixture('busy.js'));
    worker.postMessage(null, [port2]);
    if (early % 2) await once(worker, 'online');
    worker.terminate();
    await readAndClose(port1).rest();
    t.true(port1.closed);
  }
});

test.serial('a child killed at any moment of its work leaves no descriptor', async (t) => {
  t.timeout(30_000);
  const before = openDescriptors();
  for (const i of range(10)) {
    const { port1, port2 } = new MessageChannelMain();
    const child = utilityProcess.fork(fixture('busy.js'));
    const exit = once(child, 'exit');
    child.postMessage(null, [port2]);
    const reader = readAndClose(port1);
    await reader.take(1 + 20 * i);
    child.kill('SIGKILL');
    await reader.rest();
    await exit;
  }
  t.true(openDescriptors() <= before + 1, `${before} descriptors before, ${openDescriptors()} after`);
});

test.serial('45 000 channels, used and closed, cost no descriptor and leave little memory', async (t) => {
  t.timeout(40_000);
  const { code, stdout, stderr } = await program(`
    const fs = require('node:fs');
    const descriptors = () => fs.readdirSync('/proc/self/fd').length;
    const memory = () => { gc(); gc(); return process.memoryUsage().rss; };
    const turn = () => new Promise(setImmediate);
    async function churn(count) {
      for (let i = 0; i < count; i++) {
        const { port1, port2 } = new MessageChannelMain();
        port2.on('message', () => port2.close());
        port2.start();
        port1.postMessage({ i });
        if (i % 100 === 0) await turn();
      }
      await turn(); await turn();
    }
    (async () => {
      await churn(10_000); // so many that the thread is there which gives memory back
      const fds = descriptors();
      const sizes = [];
      for (let portion = 0; portion < 9; portion++) {
        await churn(5_000);
        sizes.push(memory());
      }
      // A table of the engine's may grow once; what leaks lifts the lowest of a few samples every time.
      const [a, b, c] = [0, 3, 6].map((from) => Math.min(...sizes.slice(from, from + 3)));
      console.log(JSON.stringify({ grown: Math.min(b - a, c - b), fds: descriptors() - fds }));
    })();
  `, { node: ['--expose-gc', '--max-semi-space-size=1'], timeout: 30_000 }); // or the young generation grows meanwhile
  t.is(code, 0, stderr);
  const { grown, fds } = JSON.parse(stdout);
  t.is(fds, 0);
  t.true(grown < 4_000_000, `${grown} bytes for 15 000 channels`);
});

test.serial('whoever reads a started port and never comes back to the event loop does not grow', async (t) => {
  t.timeout(40_000);
  const { code, stdout, stderr } = await program(`
    const { receiveMessageOnPort } = require('./index.js');
    const { port1, port2 } = new MessageChannelMain();
    port2.on('message', () => {});
    port2.start();
    function read(count) {
      for (let i = 0; i < count; i++) {
        port1.postMessage(i);
        if (receiveMessageOnPort(port2)?.message !== i) throw new Error('not what was posted');
      }
      gc();
      return process.memoryUsage.rss();
    }
    const before = read(100_000);
    const grown = read(1_000_000) - before;
    let late = 0;
    port2.on('message', () => { late++; });
    port1.postMessage('the loop is told all the same');
    setImmediate(() => setImmediate(() => {
      console.log(JSON.stringify({ grown, late }));
      port1.close();
    }));
  `, { node: ['--expose-gc', '--max-semi-space-size=1'], timeout: 30_000 });
  t.is(code, 0, stderr);
  const { grown, late } = JSON.parse(stdout);
  t.true(grown < 4_000_000, `${grown} bytes for 1 000 000 messages`);
  t.is(late, 1);
});

test.serial('whoever makes and closes channels that have something to hear, and never comes back to the event loop, does not grow', async (t) => {
  t.timeout(60_000);
  const { code, stdout, stderr } = await program(`
    const beyondTheHeap = () => { // its pages come and go by ten MB
      gc();
      const { rss, heapTotal } = process.memoryUsage();
      return rss - heapTotal;
    };
    let late = 0;
    const hear = () => { late++; };
    function make(count) {
      for (let i = 0; i < count; i++) {
        const { port1, port2 } = new MessageChannelMain();
        port2.on('message', hear);
        port2.start();
        port1.postMessage(i);
        if (i === count - 1) setImmediate(() => setImmediate(() => port1.close())); // the last one is told when the loop comes round
        else for (const port of [port1, port2]) port.close();
      }
      return beyondTheHeap();
    }
    let before = make(100_000);
    const medianOf = (steps) => steps.sort((a, b) => a - b)[2];
    let grown = Infinity;
    let rounds = 0;
    for (; rounds < 3 && grown >= 2_500_000; rounds++) { // the engine takes some MB now and then, but not each time
      grown = medianOf(Array.from({ length: 5 }, () => {
        const now = make(200_000);
        const step = now - before;
        before = now;
        return step;
      }));
    }
    setImmediate(() => setImmediate(() => console.log(JSON.stringify({ grown, late, rounds }))));
  `, { node: ['--expose-gc', '--max-semi-space-size=1'], timeout: 50_000 });
  t.is(code, 0, stderr);
  const { grown, late, rounds } = JSON.parse(stdout);
  t.true(grown < 2_500_000, `${grown} bytes for 200 000 channels`); // 17 each were kept
  t.is(late, 1 + 5 * rounds);
});

test.serial('whoever posts on several ports by turns and never comes back to the event loop does not grow', async (t) => {
  t.timeout(60_000);
  const { code, stdout, stderr } = await program(`
    const channels = [new MessageChannelMain(), new MessageChannelMain()];
    const ports = channels.map(({ port1 }) => port1);
    const child = utilityProcess.fork(${JSON.stringify(fixture('discards.js'))});
    child.postMessage(null, channels.map(({ port2 }) => port2));
    function post(count) {
      for (let i = 0; i < count; i++) {
        ports[i % 2].postMessage(i);
        if (i % 500 === 0) while (ports.some((port) => port.bufferedAmount > 0));
      }
      gc();
      return process.memoryUsage.rss();
    }
    child.once('message', () => {
      const before = post(200_000);
      console.log(post(1_600_000) - before);
      process.exit(0);
    });
  `, { node: ['--expose-gc', '--max-semi-space-size=1'], timeout: 50_000 });
  t.is(code, 0, stderr);
  t.true(Number(stdout) < 4_000_000, `${stdout.trim()} bytes for 1 600 000 messages`);
});

test.serial('a process that ends with open ports, workers and children under way ends cleanly', async (t) => {
  t.timeout(30_000);
  const { code, signal, stderr } = await program(`
    const keep = [];
    for (const make of [() => new Worker(${JSON.stringify(fixture('busy.js'))}), () => utilityProcess.fork(${JSON.stringify(fixture('busy.js'))})]) {
      const { port1, port2 } = new MessageChannelMain();
      const place = make();
      place.postMessage(null, [port2]);
      port1.on('message', ({ data }) => { keep.push(data); if (keep.length === 500) process.exit(9); });
      port1.start();
    }
  `);
  t.deepEqual({ code, signal, stderr }, { code: 9, signal: null, stderr: '' });
});
