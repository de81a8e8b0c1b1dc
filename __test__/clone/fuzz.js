// Feeds the decoder random and mutated bodies: node __test__/clone/fuzz.js [inputs] [seed]
'use strict';

const { battery } = require('./battery.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

const MAX_MILLISECONDS = 500;
const MAX_MEGABYTES = 512;
const TAGS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0x40, 0x41, 0x42, 0x46, 0x48, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x61, 0x91];

/**
 * A small generator of its own, so that a seed means the same everywhere.
 * @param {number} seed
 */
function random(seed) {
  let state = seed >>> 0;
  return (/** @type {number} */ below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Bodies of small values of the battery, twice: shapes look different the second time. */
function corpus() {
  const bodies = [];
  for (const { make } of battery) {
    for (let i = 0; i < 2; i++) {
      const { body, memories } = encode(make());
      if (body.length < 2000) bodies.push({ body, memories });
    }
  }
  return bodies;
}

/** @typedef {(below: number) => number} Random */

/** @param {Random} pick */
function randomBody(pick) {
  const body = Buffer.alloc(1 + pick(64));
  for (let i = 1; i < body.length; i++) body[i] = pick(3) === 0 ? pick(256) : pick(2) === 0 ? TAGS[pick(TAGS.length)] : pick(8);
  body[0] = 1;
  return body;
}

/** @type {((body: Buffer, pick: Random, other: Buffer) => Buffer)[]} */
const mutations = [
  (body, pick) => { body[pick(body.length)] = pick(256); return body; },
  (body, pick) => { body[pick(body.length)] ^= 1 << pick(8); return body; },
  (body, pick) => { body[pick(body.length)] = TAGS[pick(TAGS.length)] | (pick(2) * 0x20); return body; },
  (body, pick) => { body[pick(body.length)] = [0, 0x7f, 0x80, 0xff][pick(4)]; return body; },
  (body, pick) => body.subarray(0, 1 + pick(body.length)),
  (body, pick) => { const at = pick(body.length); return Buffer.concat([body.subarray(0, at), Buffer.from([pick(256)]), body.subarray(at)]); },
  (body, pick) => { const at = pick(body.length); return Buffer.concat([body.subarray(0, at), body.subarray(at + 1 + pick(4))]); },
  (body, pick, other) => Buffer.concat([body.subarray(0, pick(body.length)), other.subarray(pick(other.length))]),
  (body, pick) => { const at = pick(body.length); return Buffer.concat([body.subarray(0, at), body.subarray(pick(at + 1))]); },
  (body, pick) => { const at = pick(body.length); return Buffer.concat([body.subarray(0, at), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]), body.subarray(at + 1)]); },
];

/**
 * @param {number} inputs
 * @param {number} seed
 * @param {(done: number) => void} [progress]
 */
function fuzz(inputs, seed, progress = () => {}) {
  const pick = random(seed);
  const bodies = corpus();
  const prototypes = [Object.prototype, Array.prototype, Map.prototype, Error.prototype].map(fingerprint);
  const result = { inputs, seed, accepted: 0, refused: 0, slowest: 0, megabytes: 0 };
  const before = megabytes();
  for (let i = 0; i < inputs; i++) {
    const { body, memories } = pick(4) === 0 ? { body: randomBody(pick), memories: [] } : mutated(bodies, pick);
    const start = performance.now();
    feed(body, memories, i, result);
    result.slowest = Math.max(result.slowest, performance.now() - start);
    if (result.slowest > MAX_MILLISECONDS) throw failure('took too long', body, i);
    if (i % 256 === 0) watch(result, before, body, i);
    if (i % 100000 === 99999) progress(i + 1);
  }
  const now = [Object.prototype, Array.prototype, Map.prototype, Error.prototype].map(fingerprint);
  if (now.join() !== prototypes.join()) throw new Error('a built-in prototype was changed');
  return result;
}

/**
 * @param {{ body: Buffer, memories: ArrayBuffer[] }[]} bodies
 * @param {Random} pick
 */
function mutated(bodies, pick) {
  const { body, memories } = bodies[pick(bodies.length)];
  let copy = Buffer.from(body);
  for (let times = 1 + pick(3); times > 0 && copy.length > 0; times--) {
    copy = mutations[pick(mutations.length)](copy, pick, bodies[pick(bodies.length)].body);
  }
  if (copy.length > 0 && pick(8) !== 0) copy[0] = 1;
  return { body: copy, memories };
}

/**
 * Either a clear error or a value, and what is a value can be sent on.
 * @param {Buffer} body
 * @param {ArrayBuffer[]} memories
 * @param {number} i
 * @param {{ accepted: number, refused: number }} result
 */
function feed(body, memories, i, result) {
  let value;
  try {
    value = decodeAlone(body, { memories });
    result.accepted++;
  } catch (error) {
    result.refused++;
    if (/** @type {any} */ (error).code === 'ERR_MESSAGE_MALFORMED') return;
    throw failure(`unexpected ${String(error)}`, body, i);
  }
  if (i % 4 !== 0) return;
  let found;
  try {
    // The first trip may cut what no view shows off a buffer.
    const sent = roundTrip(value);
    found = difference(roundTrip(sent), sent);
  } catch (error) {
    found = String(error);
  }
  if (found !== undefined) throw failure(`accepted, but not sent on: ${found}`, body, i);
}

function megabytes() {
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 2 ** 20);
}

/**
 * @param {{ megabytes: number }} result
 * @param {number} before
 * @param {Buffer} body
 * @param {number} i
 */
function watch(result, before, body, i) {
  result.megabytes = Math.max(result.megabytes, megabytes() - before);
  if (result.megabytes > MAX_MEGABYTES) throw failure('took too much memory', body, i);
}

/** @param {object} prototype */
function fingerprint(prototype) {
  return Reflect.ownKeys(prototype).map(String).join();
}

/**
 * @param {string} what
 * @param {Buffer} body
 * @param {number} i
 */
function failure(what, body, i) {
  return new Error(`input ${i} ${what}: ${body.toString('hex')}`);
}

if (require.main === module) {
  const [inputs = 1e6, seed = Date.now() % 1e9] = process.argv.slice(2).map(Number);
  console.log(`${inputs} inputs, seed ${seed}`);
  console.log(fuzz(inputs, seed, (done) => console.log(done)));
}

module.exports = { fuzz, random };
