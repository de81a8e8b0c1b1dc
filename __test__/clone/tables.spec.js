// Objects of many keys, which stand in front of their values: each arrives as it was, whatever its keys are and whichever came before.
'use strict';

const test = require('ava').default;
const fc = require('fast-check');
const { KEY_LISTS, KEY_LIST_BYTES, LISTED_TEXT, LITERAL_AFTER, LITERAL_KEYS, MAX_RECORD_KEYS, MAX_RECURSION, TABLE_KEYS } = require('../../lib/clone/limits.js');
const { EARLY, OBJECT } = require('../../lib/clone/tags.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

/** @param {number} length @param {(i: number) => string} keyOf @param {(i: number) => unknown} [valueOf] */
function table(length, keyOf, valueOf = (i) => i) {
  const object = {};
  for (let i = 0; i < length; i++) Object.defineProperty(object, keyOf(i), { value: valueOf(i), enumerable: true, configurable: true, writable: true });
  return object;
}

/** @param {import('ava').ExecutionContext} t @param {unknown} message */
function arrives(t, message) {
  const { body, memories } = encode(message);
  const arrived = decodeAlone(body, { memories });
  t.is(difference(arrived, message), undefined);
  t.is(difference(decodeByThePage(body, memories), message), undefined);
  return { body, arrived: /** @type {any} */ (arrived) };
}

/** @type {Record<string, (i: number) => string>} */
const KEYS = {
  'names': (i) => `name ${i}`,
  'short names': (i) => i.toString(36),
  'indices': (i) => String(3 * i),
  'names and indices by turns': (i) => (i % 2 === 0 ? `n${i}` : String(i)),
  'wide names': (i) => `\u5b57${i}`,
  'some wide': (i) => (i % 9 === 0 ? `\u5b57${i}` : `name ${i}`),
  'Latin-1': (i) => `\xe9${i}`,
  'half pairs': (i) => `${i}\ud800`,
  'names that objects have': (i) => ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '', 'then', 'toJSON'][i] ?? `k${i}`,
  'long names': (i) => String(i).padStart(LISTED_TEXT, '_'),
  'one name too long': (i) => (i === 50 ? 'x'.repeat(LISTED_TEXT + 1) : `name ${i}`),
};

for (const [kind, keyOf] of Object.entries(KEYS)) {
  test(`${kind}: for the first time and again`, (t) => {
    for (const length of [TABLE_KEYS, TABLE_KEYS + 1, MAX_RECORD_KEYS, MAX_RECORD_KEYS + 1, kind === 'long names' ? 200 : 1000]) {
      for (let time = 0; time < 4; time++) {
        const { arrived } = arrives(t, table(length, keyOf, (i) => i * time));
        t.is(Object.getPrototypeOf(arrived), Object.prototype);
        for (const property of Object.values(Object.getOwnPropertyDescriptors(arrived))) {
          t.true(property.writable && property.enumerable && property.configurable);
        }
      }
    }
  });
}

for (const [kind, keyOf] of Object.entries(KEYS)) {
  test(`${kind}: so often that a literal is worth it`, (t) => {
    const { body } = encode(table(200, keyOf));
    for (let time = 0; time < LITERAL_AFTER + 10; time++) {
      const arrived = /** @type {any} */ (decodeAlone(body));
      t.is(difference(arrived, table(200, keyOf)), undefined);
      t.is(Object.getPrototypeOf(arrived), Object.prototype);
      t.true(Object.values(Object.getOwnPropertyDescriptors(arrived)).every(({ writable, enumerable, configurable }) => writable && enumerable && configurable));
      // Who changes it changes none that comes later.
      for (const key of Object.keys(arrived).slice(0, 100)) delete arrived[key];
      arrived[keyOf(150)] = 'mine';
      arrived.more = 'mine';
    }
  });
}

test('what is in tables of one list, which are in each other, and one that breaks off', (t) => {
  const keyOf = (/** @type {number} */ i) => `level key ${i}`;
  const make = (/** @type {number} */ depth) => table(100, keyOf, (i) => (i === 50 && depth > 0 ? make(depth - 1) : `${depth} ${i}`));
  for (let time = 0; time < LITERAL_AFTER; time++) {
    const { body } = arrives(t, make(2));
    t.throws(() => decodeAlone(body.subarray(0, body.length - 3)), { code: 'ERR_MESSAGE_MALFORMED' });
  }
});

test('a list with too many keys for a literal', (t) => {
  const message = table(LITERAL_KEYS + 1, (i) => `k${i}`);
  const { body } = encode(message);
  for (let time = 0; time < LITERAL_AFTER + 2; time++) decodeAlone(body);
  t.is(difference(decodeAlone(body), message), undefined);
});

test('the form, in which a key takes its characters and a byte', (t) => {
  const { body } = encode(table(MAX_RECORD_KEYS + 1, (i) => `key ${100 + i}`));
  t.is(body[1], OBJECT.TABLE);
  t.is(body.subarray(4, 4 + 16).toString(), '\x07key 100\x07key 101');
  t.is(encode(table(200, KEYS['one name too long'])).body[1], OBJECT.DICTIONARY);
});

test('more lists than are remembered, and longer ones', (t) => {
  const lists = Array.from({ length: KEY_LISTS + 2 }, (_, list) => (/** @type {number} */ i) => `list ${list} key ${i}`);
  for (let time = 0; time < 3; time++) for (const keyOf of [...lists, ...lists.slice(0, 2)]) arrives(t, table(200, keyOf, (i) => time + i));
  const long = (/** @type {number} */ i) => `${i} `.padEnd(100, 'x');
  const many = Math.ceil(KEY_LIST_BYTES / 100) + 1;
  for (let time = 0; time < 3; time++) arrives(t, table(many, long, () => time));
});

test('lists that differ in one key, in its place or in where one ends', (t) => {
  const keys = Array.from({ length: 200 }, (_, i) => `key ${i}`);
  const variants = [keys, keys.map((key, i) => (i === 150 ? 'other' : key)), keys.slice(1), [...keys.slice(100), ...keys.slice(0, 100)], [...keys.slice(0, -1), 'key 198x'],
    // The same characters, cut elsewhere.
    keys.map((key, i) => (i === 10 ? 'key 1' : i === 11 ? '0key 11' : i === 1 ? 'key 01' : key))];
  for (let time = 0; time < 3; time++) for (const each of variants) arrives(t, table(each.length, (i) => each[i], (i) => `${time} ${i}`));
});

test('what is in it, and in what it is', (t) => {
  const inner = table(100, (i) => `inner ${i}`);
  const outer = table(300, (i) => `outer ${i}`, (i) => [i, `text number ${i}`, { i }, i % 3 === 0 ? inner : new Date(i), new Uint8Array(i % 5), undefined, null][i % 7]);
  const { arrived } = arrives(t, [outer, { outer, inner }, new Map([[outer, inner]])]);
  t.is(arrived[0], arrived[1].outer);
  t.is(arrived[0]['outer 24'], arrived[1].inner);
  /** @type {any} */
  let deep = table(100, (i) => `deep ${i}`);
  for (let i = 0; i < 2 * MAX_RECURSION; i++) deep = i % 50 === 0 ? table(70, (n) => `level ${n}`, (n) => (n === 69 ? deep : n)) : [deep];
  arrives(t, deep);
  const circular = /** @type {any} */ (table(100, (i) => `key ${i}`));
  circular.self = circular;
  const copy = /** @type {any} */ (roundTrip(circular));
  t.is(copy.self, copy);
  t.is(Object.keys(copy).length, 101);
});

test('an instance of a class with many members', (t) => {
  class Large { constructor() { Object.assign(this, table(200, (i) => `member ${i}`)); } }
  t.is(difference(roundTrip(new Large()), { ...new Large() }), undefined);
  t.is(difference(roundTrip([new Large(), new Large()]), [{ ...new Large() }, { ...new Large() }]), undefined);
});

test('what a getter deletes, hides and makes meanwhile', (t) => {
  const make = () => {
    const object = /** @type {any} */ (table(200, (i) => `key ${i}`));
    return Object.defineProperty(object, 'key 50', {
      get() { delete object['key 100']; object.late = 1; object['key 150'] = 'changed'; delete object['key 20']; return 'got'; }, enumerable: true, configurable: true,
    });
  };
  const { body } = encode(make());
  t.is(body[1], OBJECT.TABLE | EARLY);
  const expected = structuredClone(make());
  t.is(difference(decodeAlone(body), expected), undefined);
  t.is(difference(decodeByThePage(body, []), expected), undefined);
  t.false(Object.hasOwn(expected, 'key 100'));
});

test('what Object.prototype has is not told, and does not come in between', (t) => {
  const prototype = /** @type {any} */ (Object.prototype);
  Object.defineProperty(prototype, 'key 5', { set() { t.fail(); }, get() { return t.fail(); }, configurable: true });
  prototype.everywhere = 1;
  try {
    for (let time = 0; time < 3; time++) {
      const copy = /** @type {any} */ (roundTrip(table(200, (i) => `key ${i}`, (i) => time * i)));
      t.is(Object.keys(copy).length, 200);
      t.is(copy['key 5'], time * 5);
    }
  } finally {
    delete prototype['key 5'];
    delete prototype.everywhere;
  }
});

test('who changes what has arrived changes nothing of what comes', (t) => {
  const make = () => table(200, (i) => `key ${i}`);
  for (let time = 0; time < 4; time++) {
    const copy = /** @type {any} */ (roundTrip(make()));
    t.is(difference(copy, make()), undefined);
    for (const key of Object.keys(copy)) delete copy[key];
    copy['key 0'] = 'mine';
  }
});

test('any keys', (t) => {
  const key = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 130 }), fc.nat(5000).map(String));
  fc.assert(fc.property(fc.uniqueArray(key, { minLength: TABLE_KEYS, maxLength: 150 }), fc.integer(), (keys, value) => {
    const object = table(keys.length, (i) => keys[i], (i) => value + i);
    arrives(t, object);
    arrives(t, [object, { object }]);
  }), { numRuns: 200 });
});
