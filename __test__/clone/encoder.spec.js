// The encoder as a thing with a life: its buffer, its errors, calls inside calls, hostile getters, shapes without end.
'use strict';

const vm = require('node:vm');
const test = require('ava').default;
const { Encoder, decode, encode, decodeAlone, roundTrip } = require('./rig.js');
const { difference } = require('./same.js');

function tracked() {
  /** @type {ArrayBuffer[]} */
  const told = [];
  const encoder = new Encoder((buffer) => told.push(buffer));
  return { encoder, told };
}

/**
 * @param {Encoder} encoder
 * @param {number} length
 */
function read(encoder, length) {
  const memories = encoder.clones.map((clone) => /** @type {Uint8Array<ArrayBuffer>} */ (clone).slice().buffer);
  return decode(new Uint8Array(encoder.buffer), new DataView(encoder.buffer), 0, length, [], memories);
}

/** @param {() => void} [body] */
const afterTicks = (body) => new Promise((resolve) => setImmediate(() => resolve(body?.())));

test('the buffer is announced at once and used again', (t) => {
  const { encoder, told } = tracked();
  t.deepEqual(told, [encoder.buffer]);
  for (let i = 0; i < 100; i++) t.is(read(encoder, encoder.encode(i, null)), i);
  t.is(told.length, 1);
});

test('a larger buffer is announced, and given back afterwards', async (t) => {
  const { encoder, told } = tracked();
  const text = 'x'.repeat(5e6);
  t.deepEqual(read(encoder, encoder.encode([text], null)), [text]);
  t.is(told.at(-1), encoder.buffer);
  t.true(encoder.buffer.byteLength > 5e6);
  await afterTicks();
  t.is(told.at(-1), encoder.buffer);
  t.true(encoder.buffer.byteLength <= 1024 * 1024);
  t.is(read(encoder, encoder.encode('small', null)), 'small');
});

test('what travelled beside is let go', async (t) => {
  const { encoder } = tracked();
  encoder.encode(new Uint8Array(100000), null);
  t.is(encoder.clones.length, 1);
  await afterTicks();
  t.is(encoder.clones.length, 0);
});

test('an error leaves the encoder as it was', async (t) => {
  const { encoder } = tracked();
  const fine = { a: [{ b: 1 }, { b: 2 }], m: new Map([[1, 2]]) };
  const bad = [Symbol('s'), { x: [fine, fine, () => 1] }, ['x'.repeat(3e6), () => 1], [new Uint8Array(100000), new Uint8Array(9), () => 1],
    { get x() { throw new TypeError('mine'); } }, new Proxy({}, {})];
  for (const value of bad) {
    t.throws(() => encoder.encode(value, null), { any: true });
    t.is(difference(read(encoder, encoder.encode(fine, null)), fine), undefined);
    await afterTicks();
    t.true(encoder.buffer.byteLength <= 1024 * 1024);
  }
});

test("a getter's own exception passes through untouched", (t) => {
  const mine = new Error('mine');
  for (const thrown of [mine, 'text', undefined, null]) {
    for (const make of [
      (/** @type {object} */ bad) => bad, (/** @type {object} */ bad) => [{ a: [bad] }],
      (/** @type {object} */ bad) => new Map([[1, new Set([bad])]]), (/** @type {object} */ bad) => new Error('m', { cause: bad }),
    ]) {
      let got;
      try {
        encode(make({ get x() { throw thrown; } }));
        t.fail();
      } catch (error) {
        got = error;
      }
      t.is(got, thrown);
    }
  }
});

test('a getter may encode another message', (t) => {
  const { encoder, told } = tracked();
  /** @type {unknown[]} */
  const inner = [];
  const message = {
    before: { a: 1 },
    get x() {
      const length = encoder.encode({ inner: [1, { a: 2 }], bytes: new Uint8Array(80000) }, null);
      t.is(told.at(-1), encoder.buffer);
      inner.push(read(encoder, length));
      t.throws(() => encoder.encode({ y: () => 1 }, null), { any: true });
      return 'got';
    },
    after: { a: 3 },
  };
  const length = encoder.encode([message, message], null);
  t.is(told.at(-1), encoder.buffer);
  const [first, second] = /** @type {any} */ (read(encoder, length));
  t.deepEqual(first, { before: { a: 1 }, x: 'got', after: { a: 3 } });
  t.is(first, second);
  t.is(inner.length, 1);
  t.is(/** @type {any} */ (inner[0]).bytes.length, 80000);
  t.is(encoder.clones.length, 0);
});

test('stack overflow near the end of the stack is an error like any other', (t) => {
  const { encoder } = tracked();
  let value = /** @type {any} */ (1);
  for (let i = 0; i < 140; i++) value = [{ value }];
  const expected = /** @type {any} */ (roundTrip(value));
  const dive = (/** @type {number} */ depth) => {
    try {
      dive(depth + 1);
    } catch {
      // As deep as one can be.
    }
    try {
      return read(encoder, encoder.encode(value, null));
    } catch (error) {
      return error;
    }
  };
  dive(0);
  t.is(difference(read(encoder, encoder.encode(value, null)), expected), undefined);
});

test('a setter or a property on Object.prototype changes nothing', (t) => {
  const value = { planted: 1, trap: { trap: 2 }, list: Object.assign([1], { trap: 3 }) };
  const names = /** @type {any} */ (Object.prototype);
  Object.defineProperty(names, 'trap', { set() { throw new Error('ran'); }, get: () => 'inherited', configurable: true });
  names.planted = 'inherited';
  try {
    for (let i = 0; i < 20; i++) {
      const copy = /** @type {any} */ (roundTrip(value));
      t.deepEqual(Object.entries(copy).map(([key]) => key), ['planted', 'trap', 'list']);
      t.is(copy.planted, 1);
      t.true(Object.hasOwn(copy.trap, 'trap'));
      t.is(copy.trap.trap, 2);
      t.is(copy.list.trap, 3);
      t.deepEqual(Object.keys(/** @type {any} */ (roundTrip({ own: 1 }))), ['own']);
    }
  } finally {
    delete names.trap;
    delete names.planted;
  }
});

test('what Object.prototype has of a description of properties is in none', (t) => {
  const names = /** @type {any} */ (Object.prototype);
  /** @type {string[]} */
  const ran = [];
  const self = new Error('itself');
  self.stack = 'stack';
  Object.defineProperty(self, 'cause', { value: self, writable: true, configurable: true });
  const told = Object.defineProperty(new Error('told'), 'message', { get() { throw new Error('ran'); } });
  told.stack = 'stack';
  for (const name of ['get', 'set', 'value', 'writable', 'enumerable', 'configurable']) {
    const make = () => ({ [name]: { [name]: 1 }, toString: 2, list: Object.assign([1], { [name]: 3, concat: 4 }), self, told });
    const expected = structuredClone({ ...make(), self: 0 });
    const early = structuredClone([{ [name]: { toString: 1 } }]);
    for (const description of [{ value: 5, writable: true }, { value: () => 5, writable: true }, { get() { ran.push(name); return undefined; } }]) {
      /** @type {any} */
      let got;
      const value = make();
      Object.defineProperty(names, name, Object.assign(Object.create(null), description, { configurable: true }));
      try {
        const object = early[0];
        got = [roundTrip(value), roundTrip([object, object])];
      } catch (error) {
        got = error;
      } finally {
        delete names[name];
      }
      t.true(Array.isArray(got), `${name}: ${got.message}`);
      t.is(got[0].self.cause, got[0].self);
      t.is(difference({ ...got[0], self: 0 }, expected), undefined);
      t.is(difference(got[1][0], early[0]), undefined);
      t.is(got[1][0], got[1][1]);
    }
  }
  t.deepEqual(ran, []);
});

test('shapes without end are all carried', (t) => {
  for (let i = 0; i < 30000; i++) {
    const value = { [`a${i}`]: 1, [`b${i % 50}`]: { [`c${i % 3000}`]: i } };
    if (difference(roundTrip([value, value, { ...value }]), [value, value, { ...value }]) !== undefined) t.fail(`${i}`);
  }
  t.pass();
});

test('shapes of one hash are told apart', (t) => {
  const body = encodeTwice({ abc: 1, def: 2 });
  const other = Buffer.from(body);
  other.write('xyz', other.indexOf('abc'), 'latin1');
  for (let i = 0; i < 20; i++) {
    t.deepEqual(decodeAlone(body), { abc: 1, def: 2 });
    t.deepEqual(decodeAlone(other), { xyz: 1, def: 2 });
  }
});

/** @param {unknown} value */
function encodeTwice(value) {
  encode(value);
  return encode(value).body;
}

test('a body can be read twice', (t) => {
  const value = { a: [1, { b: 2 }], bytes: new Uint8Array([1, 2]) };
  const { body } = encode(value);
  t.is(difference(decodeAlone(body), value), undefined);
  t.is(difference(decodeAlone(body), value), undefined);
});

test('too many resizable bytes are refused', (t) => {
  const buffer = () => new ArrayBuffer(1, { maxByteLength: 2 ** 31 });
  t.throws(() => encode([buffer(), buffer(), buffer()]), { any: true, name: 'DataCloneError', message: /may grow to 4 GiB/ });
});

test('a message that the engine has ended at once keeps neither its memory nor those that follow', async (t) => {
  const { encoder } = tracked();
  const big = Array.from({ length: 300_000 }, (_, i) => ({ i }));
  const context = vm.createContext({ encoder, big });
  t.throws(() => vm.runInContext('for (;;) encoder.encode(big, null)', context, { timeout: 20 }), { any: true, code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' });
  encoder.encode([1], null); // may still take that for a message around it
  await new Promise(setImmediate);
  const { buffer } = encoder;
  encoder.encode([2], null);
  const after = encoder.buffer;
  encoder.encode([3], null);
  t.is(encoder.buffer, after, 'one buffer is used again and again');
  t.true(buffer.byteLength <= 2 ** 20 && after.byteLength <= 2 ** 20);
});

test('another version is refused and named', (t) => {
  const { body } = encode(1);
  body[0] = 3;
  t.throws(() => decodeAlone(body), { code: 'ERR_MESSAGE_MALFORMED', message: /version 3 of the format; known are 1 and 2/ });
});
