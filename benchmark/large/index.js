// npm run bench -- large [rounds]: a GiB to a child in pieces of several sizes, cloned and handed over, while another port is served.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { performance } = require('node:perf_hooks');
const { stamp, weighBytes } = require('../compare/messages.js');

/** @type {typeof import('../..')} */
const { MessageChannelMain, utilityProcess } = require(process.env.BENCH_PACKAGE ?? '../..');

const MB = 1 << 20;
const script = path.join(__dirname, 'child.js');

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {number} size  of a piece
 * @property {number} count
 * @property {boolean} [alone]  the next when the last has been acknowledged
 *
 * @typedef {object} Line
 * @property {(message: any, transfer?: any[]) => Promise<void> | undefined} send  a promise: it is to be waited for
 * @property {(listener: (message: any) => void) => void} listen
 * @property {(() => Line) | undefined} another  to the same child
 * @property {() => Promise<unknown>} end
 */

/** @type {Case[]} */
const cases = [
  { name: '1 GiB', size: 1024 * MB, count: 1 },
  { name: '64 MB', size: 64 * MB, count: 16 },
  { name: '1 MB', size: MB, count: 1024 },
  { name: '16 MB, one at a time', size: 16 * MB, count: 64, alone: true },
  { name: '1 MB, one at a time', size: MB, count: 1024, alone: true },
];

/** @param {import('../..').MessagePortMain} port @param {any} [child] @returns {Line} */
function overPort(port, child) {
  port.start();
  return {
    send(message, transfer) {
      port.postMessage(message, transfer);
      return port.writableNeedDrain ? once(port, 'drain').then(() => {}) : undefined;
    },
    listen: (listener) => port.on('message', ({ data }) => listener(data)),
    another: () => overPort(channelTo(child)),
    async end() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** @param {any} child */
function channelTo(child) {
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  return port1;
}

/** @type {Record<string, { ways: ('clone' | 'transfer')[], open: () => Line }>} */
const contenders = {
  ours: {
    ways: ['clone', 'transfer'],
    open() {
      const child = utilityProcess.fork(script);
      return overPort(channelTo(child), child);
    },
  },
  'fork-advanced': {
    ways: ['clone'],
    open() {
      const child = fork(script, ['fork'], { serialization: 'advanced' });
      return {
        send: (message) => (child.send(message) ? undefined : new Promise((resolve) => { child.send(null, () => resolve()); })),
        listen: (listener) => child.on('message', listener),
        another: undefined,
        async end() {
          child.kill();
          await once(child, 'exit');
        },
      };
    },
  },
};

/** The next thing that it says. @param {Line} line */
function answers(line) {
  /** @type {any[]} */
  const heard = [];
  let tell = () => {};
  line.listen((message) => {
    heard.push(message);
    tell();
  });
  return async () => {
    while (heard.length === 0) await new Promise((resolve) => { tell = () => resolve(undefined); });
    return heard.shift();
  };
}

/** Round trips over a line of its own, until it is told to end; how long each took, in ms. @param {Line | undefined} line */
function pings(line) {
  /** @type {number[]} */
  const times = [];
  let [going, began] = [line !== undefined, 0];
  const ping = () => {
    began = performance.now();
    line?.send('ping');
  };
  line?.listen(() => {
    times.push(performance.now() - began);
    if (going) ping();
  });
  if (going) ping();
  return () => {
    going = false;
    return times.sort((a, b) => a - b);
  };
}

const used = () => {
  const { minorPageFault, userCPUTime, systemCPUTime } = process.resourceUsage();
  return { faults: minorPageFault, time: (userCPUTime + systemCPUTime) / 1e6 };
};

/** @param {Line} line @param {() => Promise<any>} answer @param {Line | undefined} beside @param {Case} it @param {boolean} transfers */
async function round(line, answer, beside, { size, count, alone = false }, transfers) {
  const pieces = Array.from({ length: transfers ? count : 1 }, () => new Uint8Array(size).fill(1));
  let weight = 0;
  for (let i = 0; i < count; i++) {
    stamp(pieces[i % pieces.length], i);
    weight += weighBytes(pieces[i % pieces.length]);
  }
  line.send({ count, alone });
  await answer();
  const stop = pings(beside);
  const [before, start] = [used(), performance.now()];
  for (let i = 0; i < count; i++) {
    const piece = pieces[i % pieces.length];
    stamp(piece, i);
    const wait = line.send(piece, transfers ? [piece.buffer] : undefined);
    if (alone) await answer();
    else if (wait !== undefined) await wait;
  }
  const there = await answer();
  const seconds = (performance.now() - start) / 1000;
  const after = used();
  if (there.count !== count || there.weight !== weight) throw new Error(`${there.count} of ${count} pieces came, and weigh ${there.weight}, not ${weight}`);
  const times = stop();
  return {
    seconds: seconds * 1024 * MB / (size * count),
    faults: [(after.faults - before.faults) / count, there.faults / count],
    time: (after.time - before.time + there.time) * 1024 * MB / (size * count),
    pings: times.length, median: times[times.length >> 1], worst: times.at(-1),
  };
}

(async () => {
  const rounds = Number(process.argv[2] ?? 3);
  console.log(`Seconds for a GiB (the best of ${rounds} rounds after the first, least to greatest), processor time of both processes, page faults`);
  console.log('for each piece here and there, and round trips on another port meanwhile: how many, median and longest\n');
  console.log('| | | seconds | processor | faults | round trips |\n|---|---|---|---|---|---|');
  for (const it of cases) {
    for (const [name, { ways, open }] of Object.entries(contenders)) {
      if (name !== 'ours' && it.size > 64 * MB) continue; // it takes minutes
      for (const way of ways) {
        const line = open();
        const [answer, beside] = [answers(line), line.another?.()];
        const all = [];
        for (let i = 0; i <= rounds; i++) all.push(await round(line, answer, beside, it, way === 'transfer'));
        await line.end();
        const warm = all.slice(1).sort((a, b) => a.seconds - b.seconds);
        const [best] = warm;
        const meanwhile = best.pings === 0 ? '–' : `${best.pings}, ${best.median.toFixed(2)} ms, ${best.worst?.toFixed(1)} ms`;
        console.log(`| ${name}, ${way} | ${it.name} | **${best.seconds.toFixed(2)}** (${best.seconds.toFixed(2)}–${warm.at(-1)?.seconds.toFixed(2)}) | ${best.time.toFixed(2)} s | ${best.faults.map((count) => count.toFixed(1)).join(' + ')} | ${meanwhile} |`);
      }
    }
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
