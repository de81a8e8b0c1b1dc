// Objects whose keys do not come again: from many on they are made as tables, and nobody sees it.
'use strict';

const v8 = require('node:v8');
const vm = require('node:vm');
const test = require('ava').default;
const { SORT, look, sortOf } = require('../../lib/clone/kind/sort.js');
const { FEW_DICTIONARIES, MAX_RECORD_KEYS, TABLE_KEYS } = require('../../lib/clone/limits.js');
const { difference } = require('./same.js');
const { decodeAlone, encode, roundTrip } = require('./rig.js');

v8.setFlagsFromString('--allow-natives-syntax');
/** What is no table. @type {(object: object) => boolean} */
const hasFastProperties = vm.runInThisContext('(object) => %HasFastProperties(object)');

let unique = 0;
const key = () => `unlike ${unique++}`;

test.before(() => {
  for (let i = 0; i <= FEW_DICTIONARIES; i++) roundTrip({ [key()]: i });
});

/** @type {Record<string, () => object>} */
const objects = {
  'one key': () => ({ [key()]: 1 }),
  'several keys': () => ({ [key()]: 1, [key()]: 'two', [key()]: [3] }),
  'objects in it': () => ({ [key()]: { [key()]: { [key()]: {} } } }),
  'indices behind a name': () => ({ [key()]: 1, 7: 'seven', 100000: 'far' }),
  'indices': () => ({ 5: 1, [key()]: 2 }),
  'the key __proto__': () => ({ [key()]: 1, ['__proto__']: { polluted: true } }),
  'the key __proto__ first': () => ({ ['__proto__']: 5, [key()]: 1 }),
  'names of methods': () => ({ [key()]: 1, toString: 2, constructor: 3, hasOwnProperty: 4 }),
  'a wide key': () => ({ [`字 ${key()}`]: 1 }),
  'itself': () => {
    const object = /** @type {any} */ ({ [key()]: 1 });
    object[key()] = object;
    return object;
  },
  'more keys than a record has': () => Object.fromEntries(Array.from({ length: MAX_RECORD_KEYS + 1 }, (_, i) => [`${key()} ${i}`, i])),
};

for (const [name, make] of Object.entries(objects)) {
  test(`a table with ${name} is an object like others`, (t) => {
    const object = make();
    const copy = roundTrip(object);
    t.is(difference(copy, structuredClone(object)), undefined);
    t.is(Object.getPrototypeOf(copy), Object.prototype);
    t.deepEqual(Object.keys(copy), Object.keys(object));
    for (const property of Object.values(Object.getOwnPropertyDescriptors(copy))) {
      t.true(property.writable && property.enumerable && property.configurable);
    }
    t.true([SORT.ORDINARY, SORT.TABLE].includes(sortOf(copy) || look(copy)));
    t.is(difference(roundTrip(copy), copy), undefined);
  });
}

test('one with more keys than a record has is a table, also when it comes again', (t) => {
  const large = Object.fromEntries(Array.from({ length: MAX_RECORD_KEYS + 1 }, (_, i) => [`key ${i}`, i]));
  for (let i = 0; i < 3; i++) t.false(hasFastProperties(roundTrip(large)));
  const names = ['7', 'toString', '__proto__', 'valueOf', '文字', 'x'.repeat(200), ...Object.keys(large)];
  for (let i = 0; i < 3; i++) {
    const own = /** @type {Record<string, number>} */ ({});
    for (const name of names) Object.defineProperty(own, name, { value: i, enumerable: true, configurable: true, writable: true });
    const copy = roundTrip(own);
    t.is(difference(copy, structuredClone(own)), undefined);
    t.is(Object.getPrototypeOf(copy), Object.prototype);
    names.push(names.shift() ?? '');
  }
});

test('one with as many keys as a record has is a table once, and a record when it comes again', (t) => {
  const large = Object.fromEntries(Array.from({ length: MAX_RECORD_KEYS }, () => [key(), 1]));
  const copies = [roundTrip(large), roundTrip(large), roundTrip(large)];
  for (const copy of copies) t.is(difference(copy, large), undefined);
  t.true(MAX_RECORD_KEYS > TABLE_KEYS);
  t.deepEqual([hasFastProperties(copies[0]), hasFastProperties(copies[2])], [false, true]);
});

test('a dictionary whose first key came before is no table', (t) => {
  const name = key();
  const fast = () => hasFastProperties(decodeAlone(body));
  const { body } = encode({ [name]: 1, [key()]: 2 });
  t.deepEqual([fast(), fast()], [false, true]);
});

test.serial('a setter on Object.prototype hears of no key', (t) => {
  const name = key();
  const heard = /** @type {unknown[]} */ ([]);
  const object = { [key()]: 1, [name]: 2 };
  Object.defineProperty(Object.prototype, name, { set(value) { heard.push(value); }, configurable: true });
  try {
    t.is(Object.getOwnPropertyDescriptor(roundTrip(object), name)?.value, 2);
  } finally {
    delete Reflect.get(Object, 'prototype')[name];
  }
  t.deepEqual(heard, []);
});
