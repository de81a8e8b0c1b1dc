// A buffer that arrived, however it came and however large it is, is the receiver's own: it can be transferred on, and
// outlives the thread and the process that had it before (semantics 1).
const { once } = require('node:events');
const v8 = require('node:v8');
const vm = require('node:vm');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { pattern, isPattern } = require('../helpers/pattern.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

const KB = 1024;
const MB = 1024 * KB;
const SIZES = [0, 1, KB, 32 * KB, MB, 64 * MB];
const name = (size) => (size < KB ? `${size} B` : size < MB ? `${size / KB} KB` : `${size / MB} MB`);

const script = fixture('tour.js');
const places = {
  'worker': () => new Worker(script),
  'child': () => utilityProcess.fork(script),
  'child, worker of it': () => utilityProcess.fork(script),
};

/** What a stop says, and when it is gone. */
function watch(place) {
  const said = [];
  let hear = () => {};
  place.on('message', (data) => { said.push(data); hear(); });
  return {
    gone: once(place, 'exit'),
    async says(text) {
      while (!said.includes(text)) await new Promise((resolve) => { hear = resolve; });
    },
  };
}

/** Ends a stop in the way it was told, and waits until it is gone. */
async function finish(place, kind, end, { gone, says }) {
  if (end !== 'exit') await says('passed on');
  if (end === 'terminate') kind === 'worker' ? place.terminate() : place.postMessage('terminate it');
  if (kind === 'child, worker of it' && end !== 'SIGKILL') await says('worker gone');
  if (kind !== 'worker') place.kill('SIGKILL');
  await gone;
}

/**
 * Main sends `made` on its way. Every stop passes it on and has ended before anybody looks at it again; what leaves a
 * process has to have arrived by then.
 * @param {[kind: string, end: string][]} stops
 */
async function tour(made, [way, onward], size, stops) {
  const channels = Array.from({ length: stops.length + 1 }, () => new MessageChannelMain());
  const [first, last] = [channels[0].port1, channels.at(-1).port2];
  first.postMessage(made, way === 'transfer' ? [made.buffer ?? made] : []);
  let arrived;
  for (const [i, [kind, end]] of stops.entries()) {
    const place = places[kind]();
    const watched = watch(place);
    const [from, to] = [channels[i].port2, channels[i + 1].port1];
    place.postMessage({ relay: kind === 'child, worker of it', from, to, way: onward, size, end }, [from, to]);
    if (kind !== 'worker') arrived = await new Reader(last).next();
    await finish(place, kind, end, watched);
  }
  arrived ??= await new Reader(last).next();
  first.close();
  last.close();
  return arrived;
}

/** Each with the ways in which its stops end; what leaves a process is at the end of its route. */
const routes = {
  'worker': [['exit'], ['terminate']],
  'worker, worker': [['exit', 'terminate'], ['terminate', 'exit']],
  'child': [['exit'], ['SIGKILL']],
  'worker, child, worker of it': [['exit', 'SIGKILL'], ['terminate', 'exit'], ['exit', 'terminate']],
};

/** Owned by main alone: it can be transferred on, and every byte is there after garbage was collected. */
async function isOwn(t, arrived, size) {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise(setImmediate);
  }
  t.true(isPattern(arrived, size), 'when its senders are gone');
  const buffer = arrived.buffer ?? arrived;
  const moved = structuredClone(buffer, { transfer: [buffer] });
  t.is(buffer.byteLength, 0);
  t.true(isPattern(moved, size), "moved on by Node's own means");
}

for (const [route, ends] of Object.entries(routes)) {
  const kinds = route.split(/, (?!worker of)/);
  for (const ways of [['clone', 'clone'], ['transfer', 'transfer'], ['clone', 'transfer']]) {
    for (const size of SIZES) {
      test.serial(`${name(size)}, ${ways.join(', then ')}: main, ${route}, main`, async (t) => {
        t.timeout(60_000);
        for (const [i, end] of ends.entries()) {
          // The largest takes one way to end for each route, or the test would take minutes.
          if (size === 64 * MB && i > 0) break;
          const buffer = pattern(size);
          const made = i % 2 === 0 ? buffer : new Uint8Array(buffer);
          const arrived = await tour(made, ways, size, kinds.map((kind, at) => [kind, end[at]]));
          t.is(made.byteLength, ways[0] === 'clone' ? size : 0);
          await isOwn(t, arrived, size);
        }
      });
    }
  }
}

test.serial('a long tour leaves no memory behind', async (t) => {
  t.timeout(60_000);
  const size = 16 * MB;
  const seen = [];
  for (let round = 0; round < 8; round++) {
    await isOwn(t, await tour(pattern(size), ['clone', 'transfer'], size, [['worker', 'terminate'], ['child', 'SIGKILL']]), size);
    const { rss, arrayBuffers } = process.memoryUsage();
    seen.push({ rss, arrayBuffers });
  }
  const [early, late] = [seen.slice(1, 4), seen.slice(4)];
  for (const kind of ['rss', 'arrayBuffers']) {
    const least = (some) => Math.min(...some.map((each) => each[kind]));
    t.true(least(late) - least(early) < 2 * size, `${kind} went from ${least(early)} to ${least(late)}`);
  }
});
