// What must hold of every body, whoever wrote it: a value that can be sent on, or one error; in time, in proportion, and
// nothing else of the program is changed.
'use strict';

const v8 = require('node:v8');
const vm = require('node:vm');
const { GraphReader } = require('../../lib/clone/decode/graph-reader.js');
const { BUDGET, BUDGET_FACTOR } = require('../../lib/clone/limits.js');
const { registerHost } = require('../../lib/clone/kind/host.js');
const { OBJECT } = require('../../lib/clone/tags.js');
const { difference } = require('../../__test__/clone/same.js');
const { encode, decodeAlone } = require('../../__test__/clone/rig.js');

v8.setFlagsFromString('--expose-gc');
const gc = /** @type {() => void} */ (vm.runInNewContext('gc'));

/** A slow machine needs no more for the smallest body, and for each byte of a larger one. */
const MILLISECONDS = 50;
const MILLISECONDS_A_BYTE = 0.02;
/** What is not charged takes up to the factor as well; and what the engine takes for itself meanwhile. */
const TIMES_THE_BUDGET = 2;
const NOISE = 2 ** 20;

/** Node defines it when it is asked for first. */
const { AbortSignal } = globalThis;

class Port {}
registerHost({ isPort: (object) => object instanceof Port, needsTransfer: () => false });

const ports = [new Port(), new Port()];
const shared = [
  new SharedArrayBuffer(16), new SharedArrayBuffer(8, { maxByteLength: 64 }),
  new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])),
];

/** What came beside the body: new memory each time, for that becomes the receiver's. */
const parts = () => ({
  carried: [], ports, shared, memories: [new ArrayBuffer(100), new ArrayBuffer(64, { maxByteLength: 128 }), new ArrayBuffer(70_000)],
});

/** For comparisons: these are handed over, not cloned. @param {unknown} actual @param {unknown} expected */
function alike(actual, expected) {
  if (expected instanceof AbortSignal) return actual instanceof AbortSignal && actual.aborted && expected.aborted;
  return ports.includes(/** @type {any} */ (expected)) || shared.includes(/** @type {any} */ (expected)) ? actual === expected : undefined;
}

/** A signal that has arrived is in every list. */
const signals = {
  get: (/** @type {object} */ object) => (object instanceof AbortSignal ? { tag: OBJECT.ABORTED, index: 0, reason: object.reason } : undefined),
};

/** Sends a value on, with everything that cannot be cloned. @param {unknown} value */
function sendOn(value) {
  /** @type {any[]} */
  const shares = [];
  const context = {
    ports: new Map(ports.map((port, i) => [port, i])), things: signals, buffers: new Map(), shared: (/** @type {any} */ one) => shares.push(one) - 1,
  };
  const { body, memories } = encode(value, context);
  return decodeAlone(body, { ports, memories, shared: shares });
}

/** Reads with a list in place of the stack. @param {Uint8Array} body */
function readByList(body) {
  const reader = new GraphReader();
  reader.deepest = 0;
  const bytes = new Uint8Array(body);
  return reader.graph(bytes, new DataView(bytes.buffer), 0, bytes.length, parts());
}

/** @param {() => unknown} read @returns {{ value?: unknown, error?: any }} */
function outcome(read) {
  try {
    return { value: read() };
  } catch (error) {
    return { error };
  }
}

function held() {
  const { used_heap_size: heap, external_memory: external } = v8.getHeapStatistics();
  return heap + external;
}

/** @param {Uint8Array} body */
const allowedBytes = (body) => TIMES_THE_BUDGET * (BUDGET + BUDGET_FACTOR * body.length) + NOISE;
/** @param {Uint8Array} body */
const allowedTime = (body) => MILLISECONDS + MILLISECONDS_A_BYTE * body.length;

/** Decodes, and says what it took. @param {Uint8Array} body */
function measured(body) {
  const before = held();
  const start = performance.now();
  const found = outcome(() => decodeAlone(body, parts()));
  return { ...found, time: performance.now() - start, bytes: held() - before };
}

/** Whatever else the machine does, the best of a few is the decoder's own. @param {Uint8Array} body */
function remeasured(body) {
  const all = Array.from({ length: 5 }, () => {
    gc();
    return measured(body);
  });
  return { time: Math.min(...all.map(({ time }) => time)), bytes: Math.min(...all.map(({ bytes }) => bytes)) };
}

const PROTOTYPES = [
  ...['Object', 'Array', 'Map', 'Set', 'Date', 'RegExp', 'Error', 'TypeError', 'AggregateError', 'DOMException', 'String', 'Number',
    'Boolean', 'BigInt', 'Symbol', 'Function', 'Promise', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Uint8Array', 'Float64Array',
  ].flatMap((name) => { const one = /** @type {any} */ (globalThis)[name]; return [one, one.prototype]; }),
  Object.getPrototypeOf(Uint8Array.prototype), globalThis, JSON, Math, Reflect,
];

/** Everything that a program can see of what all programs share. */
function world() {
  return PROTOTYPES.map((object) => Reflect.ownKeys(object).map((key) => [key, Object.getOwnPropertyDescriptor(object, key)]));
}

/** @type {ReturnType<typeof world> | undefined} */
let untouched;

/** The names of what has been changed since the first call. */
function changes() {
  const now = world();
  untouched ??= now;
  /** @type {string[]} */
  const found = [];
  for (const [i, entries] of now.entries()) {
    const before = untouched[i];
    const names = new Set(before.map(([key]) => key));
    found.push(...entries.filter(([key]) => !names.has(key)).map(([key]) => `new: ${String(key)}`));
    if (entries.length < before.length) found.push(`${before.length} properties became ${entries.length}`);
    for (const [k, [key, descriptor]] of entries.slice(0, before.length).entries()) {
      const [oldKey, old] = /** @type {any} */ (before[k]);
      const names = /** @type {const} */ (['value', 'get', 'set', 'writable', 'enumerable', 'configurable']);
      if (key !== oldKey || !names.every((name) => Object.is(/** @type {any} */ (descriptor)?.[name], old?.[name]))) found.push(String(key));
    }
  }
  // V8 keeps the last match here, and Node what a module of its own defines when it loads that.
  return found.filter((name) => !/^(\$|input$|last|left|right|process$|stackTraceLimit$|new: Symbol\(undici\.)/.test(name));
}

/**
 * @param {Buffer} body
 * @param {{ thorough: boolean }} how  also what takes a few times as long as decoding
 * @returns {boolean} whether it was accepted
 */
function check(body, { thorough }) {
  const first = measured(body);
  if (first.error && first.error.code !== 'ERR_MESSAGE_MALFORMED') throw new Error('another error than the one', { cause: first.error });
  if (first.time > allowedTime(body) || first.bytes > allowedBytes(body)) {
    const { time, bytes } = remeasured(body);
    if (time > allowedTime(body)) throw new Error(`took ${time} ms for ${body.length} bytes`);
    if (bytes > allowedBytes(body)) throw new Error(`took ${bytes} bytes for ${body.length}`);
  }
  const byList = outcome(() => readByList(body));
  if ((byList.error === undefined) !== (first.error === undefined)) {
    throw new Error(`read by list it is ${byList.error ? 'refused' : 'accepted'}`, { cause: byList.error ?? first.error });
  }
  if (thorough && first.error === undefined) compare(body, first.value, byList.value);
  return first.error === undefined;
}

/** Comparing resizes what can be resized, so each comparison has values of its own. @param {Buffer} body @param {unknown} value @param {unknown} byList */
function compare(body, value, byList) {
  const again = decodeAlone(body, parts());
  const differs = difference(byList, decodeAlone(body, parts()), alike);
  if (differs !== undefined) throw new Error(`read by list it is another value: ${differs}`);
  // The first trip may cut what no view shows off a buffer.
  const sent = sendOn(value);
  const changed = difference(sendOn(sent), sent, alike);
  if (changed !== undefined) throw new Error(`accepted, but not sent on: ${changed}`);
  // By now shapes that were new are known, and what was read slowly may be read by what was compiled for it.
  const forgot = difference(decodeAlone(body, parts()), again, alike);
  if (forgot !== undefined) throw new Error(`read again it is another value: ${forgot}`);
}

module.exports = { changes, check };
