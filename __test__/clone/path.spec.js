// A refusal names the culprit and where it stands.
'use strict';

const test = require('ava').default;
const { encode } = require('./rig.js');

const f = () => 42;

/** @type {[string, () => any, string][]} */
const cases = [
  ['root', () => f, 'message'],
  ['properties', () => ({ jobs: [0, 1, { callback: f }] }), 'message.jobs[2].callback'],
  ['odd names', () => ({ 'a b': { 'ü': { '': { '0': { '01': { 'x"y': f } } } } } }), 'message["a b"].ü[""][0]["01"]["x\\"y"]'],
  ['index-like key of an object', () => ({ 12: f }), 'message[12]'],
  ['Map value', () => new Map([['k', new Map([[1.5, f]])]]), 'message.get("k").get(1.5)'],
  ['Map value of a bigint key', () => new Map([[1n, f]]), 'message.get(1n)'],
  ['Map value of an object key', () => new Map([['x', 1], [{}, f]]), 'message.values()[1]'],
  ['Map key', () => new Map([['x', 1], [f, 2]]), 'message.keys()[1]'],
  ['inside a Map key', () => new Map([[{ f }, 2]]), 'message.keys()[0].f'],
  ['Set member', () => new Set([1, [f]]), 'message.values()[1][0]'],
  ['getter', () => ({ get computed() { return { f }; } }), 'message.computed.f'],
  ['cause', () => new Error('m', { cause: { f } }), 'message.cause.f'],
  ['errors', () => new AggregateError([1, { f }]), 'message.errors[1].f'],
  ['cause of a DOMException', () => new DOMException('m', /** @type {any} */ ({ name: 'DataError', cause: f })), 'message.cause'],
  ['name of an array', () => Object.assign([1, 2], { extra: [f] }), 'message.extra[0]'],
  ['after a hole', () => [, , f], 'message[2]'], // eslint-disable-line no-sparse-arrays
  ['after a long hole', () => { const a = []; a[100000] = f; return a; }, 'message[100000]'],
  ['instance', () => new (class Job { run = f; })(), 'message.run'],
  ['dictionary', () => ({ ...Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${i}`, i])), last: f }), 'message.last'],
  ['what a getter left', () => ({ get a() { Object.defineProperty(this, 'b', { enumerable: false }); return 1; }, b: f, c: 1 }), 'message.b'],
  ['below the recursion limit', () => nest({ f }, 10), `message${'.x[0]'.repeat(10)}.f`],
];

/**
 * @param {any} inner
 * @param {number} levels
 */
function nest(inner, levels) {
  let value = inner;
  for (let i = 0; i < levels; i++) value = { x: [value] };
  return value;
}

for (const [name, make, path] of cases) {
  test(`path: ${name}`, (t) => {
    for (let i = 0; i < 3; i++) {
      t.throws(() => encode(make()), {
        any: true, instanceOf: DOMException, name: 'DataCloneError', code: 25,
        message: `An object could not be cloned: () => 42 at ${path}`,
      });
    }
  });
}

test('path: a very long one is shortened in the middle', (t) => {
  const error = t.throws(() => encode(nest({ f }, 5000)), { any: true, name: 'DataCloneError' });
  t.regex(error.message, /^An object could not be cloned: \(\) => 42 at message(\.x\[0\]){8} … 9969 more … (\.x\[0\]|\[0\]\.x)+.*\.f$/);
});

test('a long source text is shortened and stands on one line', (t) => {
  const long = function named() {
    return 'a function whose text is long enough to be of no use to anybody who reads an error message';
  };
  const error = t.throws(() => encode({ long }), { any: true });
  t.regex(error.message, /^An object could not be cloned: function named\(\) { return 'a function [^\n]*… at message\.long$/);
  t.true(error.message.length < 140);
});

test('a long key is shortened', (t) => {
  const error = t.throws(() => encode({ ['k'.repeat(1e6)]: f }), { any: true });
  t.true(error.message.length < 200);
});

test('naming a culprit runs nothing of it', (t) => {
  const trap = () => { throw new Error('ran'); };
  const proxy = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap, getOwnPropertyDescriptor: trap });
  t.throws(() => encode([proxy]), { any: true, message: 'An object could not be cloned: #<Proxy> at message[0]' });
  class Tricky extends Promise {
    static get name() { throw new Error('ran'); }
    get [Symbol.toStringTag]() { throw new Error('ran'); }
  }
  t.throws(() => encode(Tricky.resolve()), { any: true, message: 'An object could not be cloned: #<Promise> at message' });
});
