// What the engine does in one call is what JavaScript would do: lists of what Maps and Sets have in them, and errors by copying one.
'use strict';

const test = require('ava').default;
const { engineTells, native } = require('../../lib/native');
const { LISTED_AT_ONCE } = require('../../lib/clone/limits.js');
const { roundTrip } = require('./rig.js');

require('../../lib/clone');

const told = engineTells();

/** @param {number} length @returns {any} */
const numbers = (length) => Array.from({ length }, (_, i) => [`key ${i}`, i]);

test('the engine lists Maps and Sets, whatever became of them', (t) => {
  const shrunk = new Map(numbers(200));
  for (let i = 0; i < 200; i += 3) shrunk.delete(`key ${i}`);
  const refilled = new Map(numbers(50));
  refilled.clear();
  refilled.set(NaN, refilled).set(-0, undefined);
  const maps = [new Map(), new Map(numbers(3)), shrunk, refilled, Object.setPrototypeOf(new Map(numbers(20)), null), new (class extends Map {})(numbers(20))];
  for (const map of maps) {
    const entries = [...Map.prototype.entries.call(map)].flat(1);
    t.deepEqual(native.entriesOf(map), told ? entries : undefined);
    const set = new Set(entries);
    t.deepEqual(native.entriesOf(set), told ? [...set] : undefined);
  }
});

test('of anything else it lists nothing, and copies only errors and ordinary objects', (t) => {
  const others = [
    [], new Date(), /a/, new WeakMap(), new WeakSet(), new Proxy(new Map(), {}), new Map().entries(), new Uint8Array(8), () => {}, Object(1),
    new Proxy(new Error(), {}), Object.assign(Object.create(null), { a: 1 }), [1.5], 1, 'a', 1n, null, undefined, Symbol('a'),
  ];
  for (const other of /** @type {any[]} */ (others)) {
    t.is(native.entriesOf(other), undefined);
    t.is(native.copyOf(other), undefined);
  }
  t.is(native.entriesOf(new Error()), undefined);
  t.is(native.copyOf(new Map()), undefined);
  for (const object of [{}, { a: 1, b: 'b' }, Object.create(Map.prototype), new (class { a = 1.5; })()]) {
    const copy = native.copyOf(object);
    t.is(copy !== undefined, told);
    if (told) t.true(copy !== object && Object.getPrototypeOf(copy) === Object.getPrototypeOf(object) && native.isLike(copy, object) && !native.isLike(copy, [1]));
    t.deepEqual({ ...copy }, told ? { ...object } : {});
  }
});

test('Maps and Sets arrive in their order, large and small, and what a getter does to them is too late', (t) => {
  for (const length of [0, 1, LISTED_AT_ONCE - 1, LISTED_AT_ONCE, LISTED_AT_ONCE + 1, 3000]) {
    const map = new Map(numbers(length));
    t.deepEqual([...roundTrip(map)], [...map]);
    const set = new Set(map.keys());
    t.deepEqual([...roundTrip(set)], [...set]);
    const sly = new Map([['first', { get a() { sly.clear(); return 1; } }], ...numbers(length)]);
    t.is(roundTrip(sly).size, length + 1);
    const slySet = new Set([{ get a() { slySet.clear(); return 1; } }, ...set]);
    t.is(roundTrip(slySet).size, length + 1);
  }
});

test('errors have their own values, one each, in the order and with the attributes that the constructor gives them', (t) => {
  const types = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
  const causes = [1, 1.5, 2.5, -0, 'a', null, undefined, true, {}, [1], 7n, new Error('inner')];
  const options = [undefined, ...causes.map((cause) => ({ cause }))];
  for (const Type of types) {
    for (const message of [undefined, '', 'narrow', '文字']) {
      const errors = options.map((its) => new Type(message, its));
      const copies = errors.map((error) => roundTrip(error));
      for (const [i, copy] of copies.entries()) {
        t.is(Object.getPrototypeOf(copy), Type.prototype);
        t.is(copy.stack, errors[i].stack);
        t.deepEqual(copy.cause, errors[i].cause);
        t.deepEqual(Reflect.ownKeys(copy), Reflect.ownKeys(errors[i]));
        for (const key of Reflect.ownKeys(copy)) {
          const [{ value: one, get, set, ...its }, { value: other, get: otherGet, set: otherSet, ...others }]
            = [errors[i], copy].map((error) => /** @type {any} */ (Object.getOwnPropertyDescriptor(error, key)));
          t.deepEqual(its, others);
          t.is(get, otherGet);
          t.is(set, otherSet);
          if (key !== 'cause') t.is(one, other);
        }
      }
      for (const copy of copies) Object.assign(copy, { message: 'changed', cause: 3.5, stack: 'changed' });
      t.is(roundTrip(new Type('fresh', { cause: 4.5 })).cause, 4.5);
      t.is(roundTrip(new Type('fresh')).message, 'fresh');
    }
  }
});

test.serial('neither a setter that errors inherit nor an Error that cannot be changed gets in the way', (t) => {
  /** @type {PropertyKey[]} */
  const called = [];
  const keys = ['message', 'cause', 'stack'];
  const limit = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit'));
  Object.defineProperty(Error, 'stackTraceLimit', { ...limit, writable: false });
  for (const key of keys) Object.defineProperty(Object.prototype, key, { configurable: true, set() { called.push(key); } });
  let copy;
  try {
    copy = roundTrip(new RangeError('a', { cause: 'b' }));
  } finally {
    for (const key of keys) Reflect.deleteProperty(Object.prototype, key);
    Object.defineProperty(Error, 'stackTraceLimit', limit);
  }
  t.deepEqual(called, []);
  t.deepEqual([copy.message, copy.cause, Object.hasOwn(copy, 'stack')], ['a', 'b', true]);
});

test('strings of every width arrive as they are, whatever stands where in them', (t) => {
  for (const unit of ['a', '\x7f', '\x80', '\xff', '\u0100', '文', '\ud800', '\udc00', '\u{1f600}', '\0']) {
    for (const length of [20, 21, 31, 32, 33, 200, 3000, 70000]) {
      for (const at of [0, 7, 8, length >> 1, length - unit.length]) {
        const text = 'x'.repeat(at) + unit + 'y'.repeat(length - at - unit.length);
        t.true(roundTrip(text) === text);
      }
      const all = unit.repeat(length);
      t.true(roundTrip([all, 1, all])[2] === all);
    }
  }
});
