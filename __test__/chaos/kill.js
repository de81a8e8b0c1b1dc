// The kill matrix: one side of a channel dies in every way and state; the other gets what was sent whole, then one 'close'.
//
//   node __test__/chaos/kill.js [rounds of each, 200]
const fs = require('node:fs');
const { once } = require('node:events');
const path = require('node:path');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');

const victim = path.join(__dirname, 'victim.js');

const children = { begin: () => utilityProcess.fork(victim, { stdio: 'ignore' }), ends: ['SIGKILL', 'SIGSEGV', 'abort', 'exit'] };
const workers = { begin: () => new Worker(victim), ends: ['terminate', 'exit'] };

const kill = {
  SIGKILL: (place) => place.kill('SIGKILL'),
  terminate: (place) => { place.terminate(); },
};

/** Notes what comes of a port, and that it closes once. */
class Survivor {
  numbers = [];
  closes = 0;

  constructor(port) {
    this.port = port;
    port.on('message', ({ data }) => this.numbers.push(typeof data === 'number' ? data : data.number));
    this.closed = new Promise((resolve) => {
      port.on('close', () => {
        this.closes += 1;
        this.at = performance.now();
        resolve();
      });
    });
    port.start();
  }

  check() {
    if (this.closes !== 1) throw new Error(`closed ${this.closes} times`);
    this.numbers.forEach((number, index) => { if (number !== index) throw new Error(`${number} came as message ${index}`); });
  }
}

/**
 * What surrounds the victim in each state: the ports that must close, and what else must hold.
 * `all`: so many messages arrive of one that exits, which lets out what it has posted.
 * @type {Record<string, { state: string, repeat?: boolean, all?: number, surround?: (port: any) => Survivor[], meanwhile?: (port: any) => Survivor[] }>}
 */
const states = {
  idle: { state: 'idle' },
  'mid-burst': { state: 'burst', repeat: true, all: 2000 },
  'mid-frame': { state: 'frame', repeat: true, all: 4 },
  'mid-burst, as the reader': { state: 'reading', meanwhile: (port) => { for (let i = 0; i < 3000; i++) port.postMessage(i); return []; } },
  'mid-frame, as the reader': { state: 'reading', meanwhile: (port) => { for (let i = 0; i < 3; i++) port.postMessage(new Uint8Array(3 << 20)); return []; } },
  'full socket, not reading': { state: 'idle', meanwhile: (port) => { for (let i = 0; i < 30; i++) port.postMessage(new Uint8Array(1 << 16)); return []; } },
  'with a port in flight': { state: 'idle', meanwhile: handOver },
  'holding nested ports': { state: 'holding', surround: (port) => handOver(port, 3) },
  'while being shipped to': { state: 'reading', meanwhile: (port) => Array.from({ length: 20 }, () => handOver(port)).flat() },
  'while lingering': { state: 'lingering', all: 2000 },
};

/** Posts a port that is full of messages, with a port in each that is full of messages again. */
function handOver(port, depth = 1) {
  const { port1, port2 } = new MessageChannelMain();
  const inner = depth > 1 ? handOver(port1, depth - 1) : [];
  for (let i = 0; i < 5; i++) port1.postMessage(i);
  port.postMessage({ number: 0 }, [port2]);
  return [new Survivor(port1), ...inner];
}

/**
 * @param {typeof children} place
 * @param {string} end
 * @param {typeof states[string]} what
 * @returns {Promise<number>} how many milliseconds after the end the last 'close' came
 */
async function round(place, end, { state, repeat = false, all = 0, surround = () => [], meanwhile = () => [] }) {
  const child = place.begin();
  const gone = once(child, 'exit').then(() => performance.now());
  const { port1, port2 } = new MessageChannelMain();
  const survivors = [new Survivor(port1), ...surround(port1)];
  const ready = once(child, 'message');
  child.postMessage({ state, end, repeat }, [port2]);
  await ready;
  survivors.push(...meanwhile(port1));
  if (end in kill) {
    // At any moment of what goes on there.
    for (let turns = Math.floor(Math.random() * 20); turns > 0; turns--) await new Promise(setImmediate);
    kill[end](child);
  } else {
    child.postMessage('die');
  }
  await Promise.all(survivors.map((survivor) => survivor.closed));
  const at = await gone;
  await new Promise(setImmediate);
  for (const survivor of survivors) survivor.check();
  if (end === 'exit' && survivors[0].numbers.length !== all) throw new Error(`${survivors[0].numbers.length} arrived of ${all}`);
  return Math.max(...survivors.map((survivor) => survivor.at)) - at;
}

const count = (folder) => fs.readdirSync(`/proc/self/${folder}`).length;
const usage = () => ({ descriptors: count('fd'), threads: count('task'), megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20) });

/**
 * @param {number} rounds  of each end in each state, two or more: after the first, nothing may grow
 * @param {(name: string) => boolean} [wanted]
 * @returns {Promise<string[]>} a line for each end in each state, and one for what it took
 */
async function matrix(rounds, wanted = () => true) {
  const cells = [];
  for (const [kind, place] of Object.entries({ child: children, worker: workers })) {
    for (const end of place.ends) {
      for (const [title, what] of Object.entries(states)) cells.push({ name: `${kind}, ${end}, ${title}`, place, end, what, latest: -Infinity });
    }
  }
  const played = cells.filter(({ name }) => wanted(name));
  let before = usage();
  for (let i = 0; i < rounds; i++) {
    for (const cell of played) cell.latest = Math.max(cell.latest, await inTime(round(cell.place, cell.end, cell.what), `${cell.name}, round ${i}`));
    if (i === 0) before = usage();
  }
  const after = usage();
  const lines = played.map(({ name, latest }) => `${name}: 'close' at most ${Math.max(0, latest).toFixed(0)} ms after the end`);
  lines.push(`${rounds} rounds: ${JSON.stringify(before)} after the first, ${JSON.stringify(after)} after the last`);
  if (after.descriptors > before.descriptors || after.threads > before.threads || after.megabytes > before.megabytes + 100) {
    throw new Error(lines.join('\n'));
  }
  return lines;
}

/** @param {Promise<number>} round  @param {string} name */
async function inTime(round, name) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('nothing for 30 s')), 30_000); });
  try {
    return await Promise.race([round, late]);
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

module.exports = { matrix };

if (require.main === module) {
  const [rounds = 200, filter = ''] = process.argv.slice(2);
  matrix(Number(rounds), (name) => name.includes(filter)).then((lines) => console.log(lines.join('\n')), (error) => {
    console.error(error);
    process.exit(1);
  });
}
