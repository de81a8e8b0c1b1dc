// One of several processes that make streams, hand them over, pass them on, pipe and hold them at random. Asked, it says which of
// them have not ended here: as their source or sink, or as who has them now.
const { MessageChannelMain, parentPort } = require('../../index.js');
const { random } = require('./random.js');

require('node:v8').setFlagsFromString('--expose-gc');
const collect = require('node:vm').runInNewContext('gc');

const [name, seed] = process.argv.slice(-2);
const next = random(Number(seed));
const turn = () => new Promise((resolve) => { setTimeout(resolve, next(4)); });

/** Sources and sinks made here, by id. @type {Set<string>} */
const made = new Set();
/** Streams that are here and have not ended. @type {Map<string, number>} */
const here = new Map();
/** What a program would have somewhere: a reader that nobody has hears of nothing. */
const kept = new Set();
const peers = new Set();
/** Arrived, with no lock. @type {Set<{ stream: any, id: string }>} */
const held = new Set();
const unstarted = new Set();
let calm = false;
let count = 0;

function sourceOrSink() {
  const id = `${name}.${count++}`;
  made.add(id);
  const end = () => { made.delete(id); };
  const style = next(4);
  let n = 0;
  const pull = async (controller) => {
    if (style === 0) return new Promise(() => {}); // nobody has it any more
    if (style === 1) await turn();
    controller.enqueue(style === 2 ? new Uint8Array(1 + next(100_000)) : n);
    if (++n < 200 || style !== 3) return undefined;
    controller.close();
    return end();
  };
  const write = async () => { if (style === 1) await turn(); };
  return { id, stream: next(2) === 0 ? new ReadableStream({ pull, cancel: end }) : new WritableStream({ write, close: end, abort: end }) };
}

/** In a message, or in one of a port that nobody has started yet. */
function send({ stream, id }, to) {
  if (next(4) > 0) return to.postMessage({ stream, id }, [stream]);
  const { port1, port2 } = new MessageChannelMain();
  hear(port1);
  port1.postMessage({ stream, id }, [stream]);
  return to.postMessage(null, [port2]);
}

function passOn(one) {
  if (calm || peers.size === 0) watch(one);
  else send(one, [...peers][next(peers.size)]);
}

/** @param {string} id  @param {Promise<unknown>} ended */
function note(id, ended) {
  here.set(id, (here.get(id) ?? 0) + 1);
  const end = () => {
    if (here.get(id) === 1) here.delete(id);
    else here.set(id, here.get(id) - 1);
  };
  ended.then(end, end);
}

/** @param {{ stream: any, id: string }} one  @returns what has locked it */
function watch({ stream, id }) {
  const lock = stream instanceof ReadableStream ? stream.getReader() : stream.getWriter();
  kept.add(lock);
  note(id, lock.closed);
  lock.ready?.catch(() => {});
  return lock;
}

async function use(one) {
  const { stream, id } = one;
  const other = [...held].find(({ stream }) => stream instanceof WritableStream);
  if (stream instanceof ReadableStream && other !== undefined && next(3) === 0) {
    held.delete(other);
    const piped = stream.pipeTo(other.stream);
    kept.add(stream).add(other);
    note(id, piped);
    note(other.id, piped);
    return;
  }
  const lock = watch(one);
  for (let left = next(3) === 0 ? next(20) : Infinity; left > 0; left--) {
    if (lock.read === undefined) await lock.write(next(3) === 0 ? new Uint8Array(1 + next(100_000)) : left);
    else if ((await lock.read()).done) return;
    if (next(4) === 0) await turn();
  }
  if (next(2) === 0) return; // idle, with a lock
  lock.closed.catch(() => {});
  lock.releaseLock();
  lock.ready?.catch(() => {});
  kept.delete(lock);
  passOn(one);
}

function arrive({ data, ports: [port] }) {
  if (port !== undefined) {
    if (next(2) === 0 && !calm) unstarted.add(port);
    else hear(port);
  } else if (data.id.startsWith(`${name}.`)) { // both ends are here
    const given = data.stream instanceof ReadableStream ? data.stream.cancel() : data.stream.abort();
    given.catch(() => {});
  } else if (calm) watch(data);
  else if (next(3) === 0) held.add(data);
  else if (next(2) === 0) passOn(data);
  else use(data).catch(() => {});
}

function hear(port) {
  kept.add(port);
  port.on('message', arrive);
  port.on('close', () => { peers.delete(port); });
  port.start();
}

async function act() {
  while (!calm) {
    const to = [...peers][next(peers.size)];
    if (to !== undefined && made.size < 200) send(sourceOrSink(), to);
    const [one] = held;
    if (one !== undefined && next(3) === 0 && held.delete(one)) {
      if (next(2) === 0) passOn(one);
      else use(one).catch(() => {});
    }
    if (next(4) === 0) collect();
    await turn();
  }
}

parentPort.on('message', ({ data, ports: [port] }) => {
  if (data === 'peer') {
    peers.add(port);
    hear(port);
  } else if (data === 'act') act();
  else if (data === 'exit') process.exit();
  else {
    calm = true;
    for (const one of held) watch(one);
    held.clear();
    for (const port of unstarted) hear(port);
    unstarted.clear();
    parentPort.postMessage({ made: [...made], here: [...here.keys()] });
  }
});
parentPort.on('close', () => process.exit());
