// Lists of numbers: each arrives as it was, in the narrowest of four forms, and only what is one is taken for one.
'use strict';

const test = require('ava').default;
const fc = require('fast-check');
const { OBJECT, NUMBERS } = require('../../lib/clone/tags.js');
const { LONG_ARRAY, MANY_ALIKE } = require('../../lib/clone/limits.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

/** Where one form ends and the next begins, and what only the last of them holds. */
const EDGES = [
  0, 1, -1, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53, -0, NaN, Infinity, 0.1,
];

/** Lengths at which another way begins, and some around them. */
const LENGTHS = [1, MANY_ALIKE - 1, MANY_ALIKE, 40, LONG_ARRAY, LONG_ARRAY + 1, 5000];

/** @param {Buffer} body */
const formOf = (body) => (body[1] === OBJECT.NUMBERS ? body[2] : undefined);

test('the narrowest form that holds all', (t) => {
  for (const length of [200, 5000]) {
    for (const [edge, form, width] of /** @type {const} */ ([
      [127, NUMBERS.INT8, 1], [-128, NUMBERS.INT8, 1], [128, NUMBERS.INT16, 2], [-129, NUMBERS.INT16, 2], [32767, NUMBERS.INT16, 2],
      [-32769, NUMBERS.INT32, 4], [2 ** 31 - 1, NUMBERS.INT32, 4], [-(2 ** 31), NUMBERS.INT32, 4], [2 ** 31, NUMBERS.FLOAT64, 8],
      [-0, NUMBERS.FLOAT64, 8], [NaN, NUMBERS.FLOAT64, 8], [0.5, NUMBERS.FLOAT64, 8],
    ])) {
      for (const at of [0, length >> 1, length - 1]) {
        const { body } = encode(Array.from({ length }, (_, i) => (i === at ? edge : i % 100)));
        t.is(formOf(body), form, `${edge} at ${at}`);
        t.is(body.length, 1 + 2 + 2 + width * length);
      }
    }
  }
});

test('every list arrives as it was', (t) => {
  for (const length of LENGTHS) {
    for (const edge of EDGES) {
      for (const at of new Set([0, length >> 1, length - 1])) {
        const list = Array.from({ length }, (_, i) => (i === at ? edge : i % 3));
        const { body } = encode(list);
        t.is(difference(decodeAlone(body), list), undefined);
        t.is(difference(decodeByThePage(body, []), list), undefined);
        t.is(difference(roundTrip({ list, again: [list], more: list }), { list, again: [list], more: list }), undefined);
      }
    }
  }
});

test('lists of any numbers and lengths, however they were filled', (t) => {
  const number = fc.oneof(fc.constantFrom(...EDGES), fc.integer(), fc.integer({ min: -200, max: 200 }), fc.double());
  const filled = (/** @type {number[]} */ numbers, /** @type {number} */ way) => {
    if (way === 0) return numbers.slice();
    const array = way === 1 ? new Array(numbers.length) : /** @type {any[]} */ (way === 2 ? ['a'] : []);
    numbers.forEach((each, i) => { array[i] = each; });
    if (way === 3) array.sort();
    return array;
  };
  fc.assert(fc.property(fc.array(number, { maxLength: 400 }), fc.nat(3), (numbers, way) => {
    const list = filled(numbers, way);
    t.is(difference(roundTrip(list), list), undefined);
  }), { numRuns: 500 });
});

/** What looks like a list of numbers, and is more than that, or less. @type {Record<string, (length: number) => any[]>} */
const OTHERS = {
  'a hole': (length) => { const list = whole(length); delete list[length >> 1]; return list; },
  'a hole at the end': (length) => { const list = whole(length); list.length++; return list; },
  'a name': (length) => Object.assign(whole(length), { name: 1 }),
  'a text': (length) => { const list = /** @type {any[]} */ (whole(length)); list[length - 1] = 'text'; return list; },
  'undefined': (length) => { const list = /** @type {any[]} */ (whole(length)); list[length >> 1] = undefined; return list; },
  'a Number': (length) => { const list = /** @type {any[]} */ (whole(length)); list[0] = Object(0); return list; },
  'a bigint': (length) => { const list = /** @type {any[]} */ (whole(length)); list[length - 1] = 1n; return list; },
};

/** @param {number} length */
const whole = (length) => Array.from({ length }, (_, i) => i);

for (const [name, make] of Object.entries(OTHERS)) {
  test(`a list of numbers and ${name}`, (t) => {
    for (const length of LENGTHS.filter((each) => each > 2)) {
      const list = make(length);
      t.not(formOf(encode(list).body), NUMBERS.INT8);
      t.is(difference(roundTrip(list), list), undefined);
      t.is(difference(roundTrip([list, list]), [list, list]), undefined);
    }
  });
}

test('a getter among numbers runs once, and what it does to the list counts', (t) => {
  for (const length of LENGTHS.filter((each) => each > 2)) {
    let runs = 0;
    const list = Object.defineProperty(whole(length), 1, { get: () => ++runs, enumerable: true });
    t.deepEqual(roundTrip(list), [0, 1, ...whole(length).slice(2)]);
    t.is(runs, 1);
  }
  // One that stands in an object between them, of a list that the engine knows.
  const list = /** @type {any[]} */ (whole(50));
  list[10] = { get a() { list[20] = 'changed'; delete list[30]; list.length = 45; return 1; } };
  const arrived = /** @type {any[]} */ (roundTrip(list));
  t.is(arrived.length, 50);
  t.is(arrived[20], 'changed');
  t.false(30 in arrived);
  t.false(45 in arrived);
  t.deepEqual(arrived[10], { a: 1 });
});

test('what Array.prototype has is no element', (t) => {
  const prototype = /** @type {any} */ (Array.prototype);
  const polluted = (/** @type {any[]} */ list) => {
    prototype[3] = 7;
    try {
      return /** @type {any} */ (roundTrip(list));
    } finally {
      delete prototype[3];
    }
  };
  for (const length of LENGTHS.filter((each) => each > 4)) {
    const list = whole(length);
    t.deepEqual(polluted(list), whole(length));
    delete list[3];
    t.false(Object.hasOwn(polluted(list), 3));
  }
});
