// Dates in a row, which nobody looks for as long as their times rise or fall: each arrives once, with its time, wherever it stands again.
'use strict';

const test = require('ava').default;
const fc = require('fast-check');
const { LINEAR_SEARCH, MANY_ALIKE } = require('../../lib/clone/limits.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone } = require('./rig.js');

/** What does not arrive as it was. @param {unknown} message */
function lost(message) {
  const { body, memories } = encode(message);
  const expected = structuredClone(message);
  return difference(decodeAlone(body, { memories }), expected) ?? difference(decodeByThePage(body, memories), expected);
}

/** @param {import('ava').ExecutionContext} t @param {unknown} message @param {string} [what] */
function arrives(t, message, what) {
  t.is(lost(message), undefined, what);
}

/** @param {number} length @param {(i: number) => number} [time] */
const dates = (length, time = (i) => 1_700_000_000_000 + i) => Array.from({ length }, (_, i) => new Date(time(i)));

test('rows of each length, in either direction, and with equal times', (t) => {
  for (const length of [1, MANY_ALIKE - 1, MANY_ALIKE, LINEAR_SEARCH, LINEAR_SEARCH + 1, 300, 5000]) {
    arrives(t, dates(length), `${length} rising`);
    arrives(t, dates(length, (i) => -i), `${length} falling`);
    arrives(t, dates(length, () => 7), `${length} equal`);
    arrives(t, dates(length, (i) => (i % 7 === 3 ? NaN : i)), `${length}, some invalid`);
    arrives(t, dates(length, (i) => (i * 7919) % 1009), `${length} to and fro`);
  }
});

test('a Date of a row that stands somewhere else as well is one and the same', (t) => {
  for (const length of [MANY_ALIKE, LINEAR_SEARCH - 1, LINEAR_SEARCH, 100, 1000]) {
    const row = dates(length);
    arrives(t, [row, row.slice().reverse(), new Map([[row[3], row[0]]]), row], `${length} behind`);
    arrives(t, [row[length - 1], { last: row[0] }, row], `${length} in front`);
    arrives(t, [...row, row[1], new Date(row[1]), row[0]], `${length} in the same array`);
    arrives(t, { row, later: dates(length), earlier: row.slice(2) }, `${length} twice`);
  }
});

test('an array that begins and ends with a Date and has others between', (t) => {
  for (const other of [null, 5, 'a text', {}, [1], new Map(), new Uint8Array(3), Object.create(Date.prototype), new Date(NaN), new (class Day extends Date {})(5)]) {
    for (const place of [1, MANY_ALIKE - 1, 60]) {
      const array = /** @type {unknown[]} */ (dates(100));
      array[place] = other;
      arrives(t, [array, array[0], array[99]], `${typeof other} at ${place}`);
    }
  }
});

test('a trap, a getter and the prototype of Date are none of its business', (t) => {
  const times = dates(20);
  const { getTime } = Date.prototype;
  Date.prototype.getTime = () => t.fail();
  t.teardown(() => { Date.prototype.getTime = getTime; });
  const { body } = encode(times);
  Date.prototype.getTime = getTime;
  t.is(difference(decodeAlone(body), times), undefined);

  const array = /** @type {unknown[]} */ (dates(20));
  array[5] = new Proxy(new Date(5), { get: () => t.fail(), getPrototypeOf: () => t.fail() ?? null });
  t.throws(() => encode(array), { name: 'DataCloneError', any: true });
});

test('what a getter does to a row that was written is not seen in it', (t) => {
  const row = dates(60);
  const first = row[0];
  const message = { row, get change() {
    row[0] = new Date(1);
    first.setTime(9e12);
    return first;
  }, row2: row };
  const { body } = encode(message);
  /** @type {any} */
  const arrived = decodeAlone(body);
  t.is(arrived.change, arrived.row[0]);
  t.is(arrived.row2, arrived.row);
  t.is(arrived.row[0].getTime(), 1_700_000_000_000);
});

test('any rows out of a few Dates', (t) => {
  const pool = fc.array(fc.oneof(fc.integer({ min: -5, max: 60 }), fc.constant(NaN)), { minLength: 1, maxLength: 120 });
  const indices = fc.array(fc.nat({ max: 200 }), { minLength: MANY_ALIKE, maxLength: 150 });
  t.notThrows(() => fc.assert(fc.property(pool, indices, fc.boolean(), (times, places, isSorted) => {
    const all = (isSorted ? times.slice().sort((a, b) => a - b) : times).map((time) => new Date(time));
    const chosen = places.map((i) => all[i % all.length]);
    const message = [all, chosen, { all, chosen, first: all[0] }, new Set(all)];
    return lost(message) === undefined;
  }), { numRuns: 300 }));
});
