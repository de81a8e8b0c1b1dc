// The soak: several processes and threads create, post, transfer, close and die at random, and a model checks them.
//
//   node __test__/chaos/soak.js [seconds, 600] [seed]
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { Actor } = require('./actor.js');
const { random } = require('./random.js');

const script = path.join(__dirname, 'actor.js');
const CHILDREN = 2;
const WORKERS = 2;
/** Descriptors that stay: those of the thread that writes for others, and of a process's own streams. */
const OURS = 10;
/** Milliseconds between two deaths, at most. */
const DEATHS = 400;

/** What all of them have said of the ends of channels. */
class Model {
  /** Who gave up a port, and how many messages that has sent. @type {Map<string, { sent: number, by: string }>} */ #gaveUp = new Map();
  /** How many messages came before 'close'. @type {Map<string, number>} */ #closed = new Map();
  /** Processes that were given no time. @type {Set<string>} */ #killed = new Set();
  /** @type {string[]} */ wrong = [];
  posted = 0;

  /** @param {string} name */
  kill(name) {
    this.#killed.add(name);
  }

  /** @param {{ wrong?: string, by?: string, gaveUp?: string, sent?: number, closed?: string, received?: number, posted?: number }} what */
  hear({ wrong, by = '', trail, gaveUp, sent = 0, closed, received = 0, posted = 0 }) {
    if (wrong !== undefined) this.wrong.push(wrong);
    if (gaveUp !== undefined) this.#gaveUp.set(gaveUp, { sent, by, trail });
    if (closed !== undefined) {
      if (this.#closed.has(closed)) this.wrong.push(`${closed} closed twice`);
      this.#closed.set(closed, { received, trail });
    }
    this.posted += posted;
  }

  /** Who was told 'close' had all that the other side sent before it gave up. */
  check() {
    let pairs = 0;
    for (const [id, { sent, by, trail }] of this.#gaveUp) {
      if (this.#killed.has(by)) continue; // and its last words with it
      const other = this.#closed.get(id.slice(0, -1) + (id.endsWith('a') ? 'b' : 'a'));
      if (other === undefined) continue;
      pairs += 1;
      if (other.received !== sent) this.wrong.push(`${id} sent ${sent} messages by ${trail}, and ${other.received} arrived before 'close' by ${other.trail}`);
    }
    return { channels: this.#gaveUp.size + this.#closed.size, compared: pairs };
  }
}

const count = (folder) => fs.readdirSync(`/proc/self/${folder}`).length;
const usage = () => ({ descriptors: count('fd'), threads: count('task'), megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20) });

/**
 * @param {number} seconds
 * @param {number} seed
 * @returns {Promise<{ wrong: string[], posted: number, deaths: number, channels: number, compared: number, usage: object }>}
 */
async function soak(seconds, seed) {
  const before = usage();
  const next = random(seed);
  const model = new Model();
  let named = 0;
  let deaths = 0;

  /** @type {Set<{ place: any, kind: string, name: string }>} */
  const places = new Set();
  const begin = (/** @type {string} */ kind) => {
    const name = `${kind}${named++}`;
    const argv = [name, String(next(2 ** 31))];
    const place = kind === 'child' ? utilityProcess.fork(script, argv) : new Worker(script, { argv });
    place.on('message', (data) => model.hear(data));
    const one = { place, kind, name };
    places.add(one);
    feed(one);
    return one;
  };
  process.on('warning', ({ message }) => model.wrong.push(message));
  const main = new Actor('main', next(2 ** 31), (what) => model.hear(what));
  // Each of them gets a channel to the main thread, and one to somebody else.
  const feed = ({ place }) => {
    for (const other of [null, ...[...places].filter((one) => one.place !== place).slice(0, 1)]) {
      const { port1, port2 } = new MessageChannelMain();
      const id = `seed${named++}`;
      place.postMessage({ ports: [{ id: `${id}a`, sent: 0, received: 0 }] }, [port1]);
      const known = { id: `${id}b`, sent: 0, received: 0 };
      if (other === null) main.adopt(port2, known);
      else other.place.postMessage({ ports: [known] }, [port2]);
    }
  };

  for (let i = 0; i < CHILDREN; i++) begin('child');
  for (let i = 0; i < WORKERS; i++) begin('worker');
  const running = main.run();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end && model.wrong.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, next(DEATHS)));
    const all = [...places];
    const victim = all[next(all.length)];
    const gone = once(victim.place, 'exit');
    if (next(3) === 0) victim.place.postMessage('exit');
    else if (victim.kind === 'worker') victim.place.terminate();
    else victim.place.kill('SIGKILL') && model.kill(victim.name);
    await gone;
    places.delete(victim);
    deaths += 1;
    begin(victim.kind);
  }
  // First everybody gives up, then they die: what was under way closes with them.
  for (const { place } of places) {
    const ended = new Promise((resolve) => place.on('message', (data) => { if ('posted' in data) resolve(undefined); }));
    place.postMessage('end');
    await ended;
  }
  model.posted += main.end();
  await running;
  for (const { place } of places) {
    const gone = once(place, 'exit');
    place.postMessage('exit');
    await gone;
  }
  await new Promise(setImmediate);
  for (const port of main.ports.keys()) await new Promise((resolve) => port.on('close', resolve)); // none is left open
  const after = usage();
  if (after.descriptors > before.descriptors + OURS) model.wrong.push(`${after.descriptors} descriptors after ${before.descriptors}`);
  return { ...model.check(), wrong: model.wrong, posted: model.posted, deaths, usage: after };
}

module.exports = { soak };

if (require.main === module) {
  const [seconds = 600, seed = Math.floor(Math.random() * 2 ** 31)] = process.argv.slice(2).map(Number);
  console.log(`seed ${seed}, ${seconds} s, Node ${process.version}`);
  soak(seconds, seed).then((result) => {
    console.log(JSON.stringify(result, null, 1));
    process.exit(result.wrong.length === 0 ? 0 : 1);
  });
}
