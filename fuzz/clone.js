// Fuzzes the clone decoder, guided by what it covers: node fuzz/clone.js [seconds] [seed], node fuzz/clone.js --replay <file or hex>
'use strict';

// Small, so that a small body can ask for too much.
process.env.MESSAGE_PORTS_BUDGET ??= '1';

const coverage = require('./clone/coverage.js');

coverage.install();

const fs = require('node:fs');
const path = require('node:path');
const { Worker } = require('node:worker_threads');
const { fromBattery } = require('./clone/corpus.js');
const { generate } = require('./clone/generate.js');
const { changes, check } = require('./clone/invariants.js');
const { mutate } = require('./clone/mutate.js');
const { random } = require('./clone/random.js');

const CORPUS = path.join(__dirname, 'corpus', 'clone');
const ARTIFACTS = path.join(__dirname, 'artifacts', 'clone');
/** The body that is being read: what is left of it if the process is not. */
const CURRENT = path.join(ARTIFACTS, 'current');
/** Seconds after which a body is said to hang. */
const PATIENCE = 120;
/** Bodies between two looks at everything that a decoder could have changed. */
const LOOK = 1000;
/** Of the bodies that bring nothing new, one in so many is checked in every way. */
const THOROUGH = 8;

/** @param {string} folder */
function* fromFolder(folder) {
  for (const name of fs.readdirSync(folder).sort()) yield fs.readFileSync(path.join(folder, name));
}

/** Nobody but another thread can tell that this one hangs. @param {Int32Array} beat */
function watch(beat) {
  const source = `
    const { workerData: { beat, file, seconds, pid } } = require('node:worker_threads');
    let before = -1;
    setInterval(() => {
      const now = Atomics.load(beat, 0);
      if (now === before) {
        require('node:fs').writeSync(2, 'a body hangs: ' + file + '\\n');
        process.kill(pid, 'SIGKILL');
      }
      before = now;
    }, seconds * 1000);
  `;
  return new Worker(source, { eval: true, workerData: { beat, file: CURRENT, seconds: PATIENCE, pid: process.pid } });
}

class Fuzzer {
  /** @type {Buffer[]} bodies that did something new, in the order of their finding */
  corpus = [];
  runs = 0;
  accepted = 0;
  #beat = new Int32Array(new SharedArrayBuffer(4));
  #current = 0;

  /** @param {number} seed */
  constructor(seed) {
    this.pick = random(seed);
    for (const folder of [CORPUS, ARTIFACTS]) fs.mkdirSync(folder, { recursive: true });
    this.#current = fs.openSync(CURRENT, 'w');
    this.watcher = watch(this.#beat);
  }

  /** @param {Buffer} body @param {boolean} keep  on disk, if it is new */
  try(body, keep) {
    if (body.length === 0) return;
    this.runs++;
    Atomics.store(this.#beat, 0, this.runs);
    fs.writeSync(this.#current, body, 0, body.length, 0);
    fs.ftruncateSync(this.#current, body.length);
    try {
      coverage.begin();
      const accepted = check(body, { thorough: false });
      this.accepted += Number(accepted);
      const isNew = coverage.isNew();
      if (isNew) this.corpus.push(body);
      if (isNew && keep) fs.writeFileSync(path.join(CORPUS, `${this.runs}-${Date.now()}`), body);
      if (isNew || this.runs % THOROUGH === 0) check(body, { thorough: true });
      if (this.runs % LOOK === 0) lookAround();
    } catch (error) {
      throw this.#finding(body, error);
    }
  }

  /** @param {Buffer} body @param {unknown} error */
  #finding(body, error) {
    const file = path.join(ARTIFACTS, `crash-${this.runs}`);
    fs.writeFileSync(file, body);
    return new Error(`body ${this.runs}, in ${file}: ${body.toString('hex')}`, { cause: error });
  }

  next() {
    const { pick, corpus } = this;
    if (pick(8) === 0) return generate(pick);
    // What was found last leads on more often than what was found first.
    const from = pick(2) === 0 ? Math.floor(corpus.length * 0.8) : 0;
    return mutate(corpus[from + pick(corpus.length - from)], pick, corpus[pick(corpus.length)]);
  }

  report() {
    const { branches, of, ways } = coverage.summary();
    const accepted = Math.round((100 * this.accepted) / this.runs);
    console.log(`#${this.runs} branches ${branches}/${of} ways ${ways} corpus ${this.corpus.length} accepted ${accepted} %`
      + ` exec/s ${Math.round(this.runs / (performance.now() / 1000))} rss ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB`);
  }
}

function lookAround() {
  const found = changes();
  if (found.length > 0) throw new Error(`something that is everybody's was changed by this body or one of the last ${LOOK}: ${found}`);
}

/** @param {number} seconds @param {number} seed */
function fuzz(seconds, seed) {
  console.log(`${seconds} seconds, seed ${seed}`);
  const fuzzer = new Fuzzer(seed);
  lookAround();
  for (const body of fromBattery()) fuzzer.try(body, false);
  for (const body of fromFolder(CORPUS)) fuzzer.try(body, false);
  fuzzer.report();
  const end = performance.now() + seconds * 1000;
  let next = performance.now() + 10_000;
  while (performance.now() < end) {
    fuzzer.try(fuzzer.next(), true);
    if (performance.now() > next) {
      fuzzer.report();
      next += 10_000;
    }
  }
  lookAround();
  fuzzer.report();
  console.log(`never in: ${coverage.missed().filter((place) => place.startsWith('decode')).join(' ') || 'nothing'}`);
  return fuzzer.watcher.terminate();
}

/** @param {string} given  a file, or its bytes */
function replay(given) {
  const body = fs.existsSync(given) ? fs.readFileSync(given) : Buffer.from(given, 'hex');
  lookAround();
  console.log(check(body, { thorough: true }) ? 'accepted' : 'refused');
  lookAround();
}

const [first = '60', second = String(Date.now() % 1e9)] = process.argv.slice(2);
if (first === '--replay') replay(second);
else fuzz(Number(first), Number(second));
