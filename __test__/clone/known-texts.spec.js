// Keys of Maps that come again are the strings that they were: whatever came meanwhile, each is what was sent.
'use strict';

const test = require('ava').default;
const { KNOWN_CREDIT, KNOWN_TEXT, KNOWN_TEXTS } = require('../../lib/clone/limits.js');
const { malformed } = require('../../lib/clone/decode/malformed.js');
const { decodeAlone, encode, roundTrip } = require('./rig.js');

const { code } = /** @type {any} */ (malformed('for its code'));

/** @param {import('ava').ExecutionContext} t @param {unknown[]} keys */
function arrive(t, keys) {
  t.deepEqual([...roundTrip(new Map(keys.map((key, i) => [key, i])))], keys.map((key, i) => [key, i]));
  t.deepEqual([...roundTrip(new Set(keys))], keys);
}

test('many more than are remembered, again and again', (t) => {
  const keys = Array.from({ length: 3 * KNOWN_TEXTS }, (_, i) => `key ${i}`);
  for (let turn = 0; turn < 40; turn++) arrive(t, keys.slice(turn * 50, turn * 50 + 1000));
  for (let turn = 0; turn < 4; turn++) arrive(t, keys);
});

test('texts that have the same place by turns', (t) => {
  // 31 times the first character, and the second, are a sum that others have.
  const keys = [...new Set(['Aa', 'BB', 'C#'].flatMap((one) => ['', 'Aa', 'BB', 'C#'].flatMap((two) => ['', 'Aa', 'BB'].map((three) => one + two + three))))];
  for (let turn = 0; turn < 60; turn++) arrive(t, [...keys.slice(turn % keys.length), ...keys.slice(0, turn % keys.length)]);
});

test('of every length, empty and too long ones too, Latin-1 and wide', (t) => {
  const keys = [];
  for (let length = 0; length <= 2 * KNOWN_TEXT; length++) {
    for (const unit of ['a', '\0', 'é', 'ÿ', '字']) if (length > 0 || unit === 'a') keys.push(unit.repeat(length), unit.repeat(length) + 'b');
  }
  for (let turn = 0; turn < 20; turn++) arrive(t, [...new Set(keys)]);
});

test('beside keys that are no texts', (t) => {
  const keys = ['a', 1, 'b', null, 'c', 2.5, true, 'a longer key', 10n, undefined, 'd', -1, 'e', 1e100, 'f', false, 'g', 1000, 'h'];
  for (let turn = 0; turn < 20; turn++) arrive(t, keys);
});

test('after more new ones than it looks for', (t) => {
  const known = Array.from({ length: 50 }, (_, i) => `known ${i}`);
  for (let turn = 0; turn < 20; turn++) arrive(t, known);
  arrive(t, Array.from({ length: 4 * KNOWN_CREDIT }, (_, i) => `new ${i}`));
  for (let turn = 0; turn < 20; turn++) arrive(t, known);
});

test('a known text that is cut off is malformed', (t) => {
  const map = new Map(Array.from({ length: 20 }, (_, i) => [`a known key ${i}`, i]));
  for (let turn = 0; turn < 20; turn++) roundTrip(map);
  const { body } = encode(map);
  for (let length = 0; length < body.length; length++) {
    t.is(t.throws(() => decodeAlone(body.slice(0, length)))?.code, code);
  }
  t.deepEqual(decodeAlone(body), map);
});
