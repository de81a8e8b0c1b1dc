// One of several processes and threads that create, post, transfer and close ports at random, and check what arrives.
//
// A message is { n, ports, load }: `n` counts the messages of one side of a channel from 0, wherever that side has been.
// `ports` says of each port that comes along who it is and how far it has come: its count goes on with it.
const { MessageChannelMain } = require('../../index.js');
const { random } = require('./random.js');

/** How many ports one actor holds at most before it would rather close some. */
const MANY = 60;
const SIZES = [0, 1, 10, 100, 1000, 10_000, 40_000, 70_000, 300_000];

/**
 * A port goes only through one of a lower rank, so nothing is ever inside itself, wherever in the world: two ports that are
 * each in the other's backlog would be of no use to anybody, and not be told.
 * @param {string} channel
 */
function rankOf(channel) {
  let hash = 2_166_136_261;
  for (let i = 0; i < channel.length; i++) hash = Math.imul(hash ^ channel.charCodeAt(i), 16_777_619);
  return hash >>> 0;
}

class Actor {
  /** Ports that are open here, each with what is known of it. @type {Map<any, { id: string, sent: number, received: number }>} */
  ports = new Map();
  #name;
  #report;
  #random;
  #made = 0;
  #posted = 0;
  #running = true;
  /** Whatever arrives now is given up. */
  #ended = false;

  /**
   * @param {string} name
   * @param {number} seed
   * @param {(what: object) => void} report
   */
  constructor(name, seed, report) {
    this.#name = name;
    this.#report = report;
    this.#random = random(seed);
  }

  /** @param {any} port  @param {{ id: string, sent: number, received: number }} known */
  adopt(port, known) {
    this.ports.set(port, known);
    known.trail = [...known.trail ?? [], `${this.#name} ${known.sent}/${known.received}`].slice(-12);
    port.on('message', ({ data, ports }) => {
      if (data.n !== known.received) this.#wrong(`${known.id} got message ${data.n} from ${data.by} in place of ${known.received}; was at ${known.trail}; the other side at ${data.trail}`);
      if (data.load.length !== data.size || data.load[data.size - 1] !== (data.size === 0 ? undefined : data.n & 0xff)) this.#wrong(`${known.id} got a message that was changed`);
      known.received = data.n + 1;
      if (ports.length !== data.ports.length) this.#wrong(`${known.id} got ${ports.length} ports of ${data.ports.length}`);
      ports.forEach((port, index) => this.adopt(port, data.ports[index]));
    });
    port.on('messageerror', ({ error }) => this.#wrong(`${known.id}: ${error.message}`));
    port.on('close', () => {
      if (!this.ports.delete(port)) return; // closed here
      this.#report({ closed: known.id, received: known.received, trail: known.trail });
    });
    port.start();
    if (this.#ended) this.#close(port);
  }

  /** Does one thing. */
  step() {
    const dice = this.#random(100);
    if (dice < 10 || this.ports.size === 0) this.#create();
    else if (dice < 80) this.#post(this.#any());
    else if (dice < 95) this.#transfer();
    else if (this.ports.size > this.#random(MANY)) this.#close(this.#any());
  }

  #any() {
    const ports = [...this.ports.keys()];
    return ports[this.#random(ports.length)];
  }

  #create() {
    const { port1, port2 } = new MessageChannelMain();
    const id = `${this.#name}.${this.#made++}`;
    this.adopt(port1, { id: `${id}a`, sent: 0, received: 0 });
    this.adopt(port2, { id: `${id}b`, sent: 0, received: 0 });
  }

  /** @param {any} port  @param {any[]} [moving] */
  #post(port, moving = []) {
    const known = this.ports.get(port);
    if (port.writableNeedDrain) return;
    const size = SIZES[this.#random(SIZES.length)];
    const n = known.sent;
    const load = new Uint8Array(size).fill(n & 0xff);
    const ports = moving.map((moved) => this.ports.get(moved));
    const sending = { n, size, load, ports, by: this.#name, trail: known.trail };
    try {
      port.postMessage(sending, [...moving, ...(size > 0 && this.#random(3) === 0 ? [load.buffer] : [])]);
    } catch (error) {
      return this.#wrong(`${known.id}: ${error.stack}`);
    }
    known.sent = n + 1;
    this.#posted += 1;
    for (const moved of moving) this.ports.delete(moved);
  }

  #transfer() {
    const carrier = this.#any();
    const rank = (port) => rankOf(this.ports.get(port).id.slice(0, -1));
    const moving = new Set(Array.from({ length: 1 + this.#random(3) }, () => this.#any()));
    const others = [...moving].filter((port) => rank(port) > rank(carrier) && !port.closed);
    if (!carrier.writableNeedDrain) this.#post(carrier, others);
  }

  /** @param {any} port */
  #close(port) {
    const { id, sent, trail } = this.ports.get(port);
    this.ports.delete(port);
    port.close();
    this.#report({ gaveUp: id, sent, by: this.#name, trail });
  }

  /** @param {string} text */
  #wrong(text) {
    this.#report({ wrong: `${this.#name}: ${text}` });
  }

  async run() {
    while (this.#running) {
      for (let i = this.#random(20); i >= 0; i--) this.step();
      await new Promise(setImmediate);
    }
  }

  /** Closes everything, and says how many messages there were. */
  end() {
    this.#running = false;
    this.#ended = true;
    for (const port of [...this.ports.keys()]) this.#close(port);
    return this.#posted;
  }
}

module.exports = { Actor };

if (require.main === module || !require('node:worker_threads').isMainThread) {
  const { parentPort } = require('../../index.js');
  const [name, seed] = process.argv.slice(-2);
  const actor = new Actor(name, Number(seed), (what) => parentPort.postMessage(what));
  const { isMainThread } = require('node:worker_threads');
  parentPort.on('message', ({ data, ports }) => {
    if (data === 'end') {
      parentPort.postMessage({ posted: actor.end() });
    } else if (data === 'exit') {
      process.exit();
    } else {
      ports.forEach((port, index) => actor.adopt(port, data.ports[index]));
    }
  });
  const wrong = (/** @type {Error} */ error) => parentPort.postMessage({ wrong: `${name}: ${error.stack}` });
  if (isMainThread) {
    process.on('uncaughtException', wrong).on('warning', wrong);
    // Whoever plays has died: the actors would go on among themselves for ever.
    parentPort.on('close', () => process.exit());
  }
  actor.run();
}
