// To clone a value leaves no trace: not in the value, not in what the program can see of the engine, not in the codec.
'use strict';

const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const test = require('ava').default;
const { encode, roundTrip } = require('./rig.js');

const refusal = (/** @type {unknown} */ value) => {
  try {
    encode(value);
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  return undefined;
};

test.serial('RegExp.$1 and RegExp.input are the program\'s own', (t) => {
  for (const length of [3, 30, 300, 70_000]) {
    for (const letter of ['a', 'ö', '文', '\u{1f600}']) {
      const text = letter.repeat(length);
      /(mine)/.test('this is mine');
      roundTrip([text, { [text.slice(0, 50)]: 1, [`${text.slice(0, 50)} `]: text }, new Map([[text, text]])]);
      refusal({ [text]: () => {} });
      refusal({ [text]: { [`_${text}`]: Symbol(text) } });
      refusal(new Map([[text, new (class { [Symbol.toStringTag] = text; constructor() { return Promise.resolve(); } })()]]));
      t.is(RegExp.$1, 'mine');
      t.is(RegExp.input, 'this is mine');
    }
  }
});

test('resizable and growable buffers are looked at, never resized', (t) => {
  const resized = [];
  const { resize } = ArrayBuffer.prototype;
  const { grow } = SharedArrayBuffer.prototype;
  ArrayBuffer.prototype.resize = function (...args) { resized.push(args); return resize.apply(this, args); };
  SharedArrayBuffer.prototype.grow = function (...args) { resized.push(args); return grow.apply(this, args); };
  t.teardown(() => {
    ArrayBuffer.prototype.resize = resize;
    SharedArrayBuffer.prototype.grow = grow;
  });
  for (const length of [0, 8, 16]) {
    const buffer = new ArrayBuffer(length, { maxByteLength: 32 });
    const views = [
      new Uint8Array(buffer), new Uint8Array(buffer, 0, length), new Uint8Array(buffer, length), new DataView(buffer),
      new DataView(buffer, 0, length), new Float64Array(buffer), new Uint8Array(buffer, 0, 0),
    ];
    const arrived = /** @type {any} */ (roundTrip(views));
    t.deepEqual(resized, []);
    resize.call(arrived[0].buffer, 24);
    t.deepEqual(arrived.map((/** @type {any} */ view) => view.byteLength), [24, length, 24 - length, 24, length, 24, 0], `${length}`);
  }
});

test('a view over a growable SharedArrayBuffer keeps its length, or follows', (t) => {
  const shared = new SharedArrayBuffer(8, { maxByteLength: 32 });
  const views = [new Uint8Array(shared), new Uint8Array(shared, 0, 8), new Uint8Array(shared, 4, 4), new DataView(shared, 8)];
  const context = { ports: new Map(), buffers: new Map(), shared: () => 0 };
  const { body } = encode(views, context);
  const arrived = /** @type {any} */ (require('./rig.js').decodeAlone(body, { shared: [shared] }));
  shared.grow(24);
  t.deepEqual(arrived.map((/** @type {any} */ view) => view.byteLength), views.map((view) => view.byteLength));
  t.deepEqual(arrived.map((/** @type {any} */ view) => view.byteLength), [24, 8, 4, 16]);
});

/** Shapes are compiled with the Function constructor, which is counted here. */
const counting = `
  const compiled = { reading: 0, writing: 0 };
  let doing = 'writing';
  globalThis.Function = new Proxy(Function, { construct: (...args) => { compiled[doing]++; return Reflect.construct(...args); } });
  const { encode, decodeAlone, roundTrip } = require('./rig.js');
  const pass = (message) => {
    doing = 'writing';
    const { body } = encode(message);
    doing = 'reading';
    decodeAlone(body);
  };
  const spend = (from, to, times) => {
    for (let i = from; i < to; i++) for (let n = 0; n < times; n++) pass({ ['key' + i]: n, same: n });
  };
`;
const run = async (/** @type {string} */ source) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', counting + source], { cwd: __dirname });
  return JSON.parse(stdout);
};

test('a process that has seen many shapes goes on compiling those that are in use', async (t) => {
  const { before, after } = await run(`
    spend(0, 3000, 12);
    const before = { ...compiled };
    spend(3000, 3010, 3000);
    console.log(JSON.stringify({ before, after: compiled }));
  `);
  for (const doing of ['reading', 'writing']) t.true(after[doing] - before[doing] >= 10, `${doing}: ${before[doing]} before, ${after[doing]} after`);
});

test('a peer cannot keep the compiler busy with shapes', async (t) => {
  const { compiled, objects } = await run(`
    spend(0, 4000, 12);
    console.log(JSON.stringify({ compiled, objects: 4000 * 12 }));
  `);
  for (const doing of ['reading', 'writing']) t.true(compiled[doing] <= 1024 + objects / 100 + 100, `${doing}: ${compiled[doing]} compilations for ${objects} objects`);
});

test('errors arrive with the stack they have, or without one, where a program has frozen how long stacks are', async (t) => {
  const { stacks, limit } = await run(`
    const error = new RangeError('far');
    const bare = Object.defineProperty(new RangeError('far'), 'stack', { value: 5 });
    Object.freeze(Error);
    const [a, b] = roundTrip([error, bare]);
    console.log(JSON.stringify({ stacks: [a.stack === error.stack, b.stack.split('\\n')[0]], limit: Error.stackTraceLimit }));
  `);
  t.deepEqual([stacks, limit], [[true, 'RangeError: far'], 10]);
});
