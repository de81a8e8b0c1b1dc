// Whether the engine's types tell what an object is, as native sees from some objects. They are here, and not as text in native, so
// that a child finds them compiled.
'use strict';

const { native } = require('./addon.js');
const { SharedArrayBuffer, deleteProperty, uncurry } = require('./builtins.js');
const { askForRoom, isOverflow } = require('./stack.js');

/** As they are when we load: it is later that they are needed. */
const {
  AggregateError, Array, ArrayBuffer, DataView, Date, Error, Map, Object, Promise, Proxy, RangeError, RegExp, Set,
  Symbol, TypeError, Uint8Array, WeakMap, WeakRef, WeakSet,
} = globalThis;

const { assign, create, defineProperty, freeze, setPrototypeOf } = Object;
const matchAll = uncurry(String.prototype.matchAll);

/** Some of each sort that is told, by its number less one; those of a sort are of one type, whatever became of them. */
function ofEachSort() {
  const shrunk = { a: 1, b: 2, c: 3 };
  deleteProperty(shrunk, 'a');
  return [
    [
      {}, { a: 1, b: 2 }, new (class { a = 1; })(), create(null), setPrototypeOf({}, null), create({ a: 1 }), freeze({ a: 1 }),
      defineProperty({}, 'a', { get() {} }), { 5: 1, 70000: 2 }, shrunk, { [Symbol()]: 1 },
    ],
    [
      [], [1], [1.5, 2], ['a', {}], [, 1], new Array(5), freeze([1]), assign([], { 5: 1, 70000000: 2 }), // eslint-disable-line no-sparse-arrays
      assign([1], { a: 1 }), new (class extends Array {})(), setPrototypeOf([], Object.prototype),
    ],
    [
      new Map(), new Map([[1, 2]]), assign(new Map(), { a: 1 }), freeze(new Map()), new (class extends Map {})(),
      setPrototypeOf(new Map(), Object.prototype),
    ],
    [
      new Set(), new Set([1, 2]), assign(new Set(), { a: 1 }), freeze(new Set()), new (class extends Set {})(),
      setPrototypeOf(new Set(), Map.prototype),
    ],
    [new Date(0), new Date(NaN), assign(new Date(), { a: 1 }), new (class extends Date {})(), setPrototypeOf(new Date(), null)],
    [
      /a/, new RegExp('b', 'g'), assign(/c/, { a: 1 }), new (class extends RegExp {})('e'), setPrototypeOf(/d/, Object.prototype),
    ],
    [
      new Error(), new TypeError('a', { cause: 1 }), new AggregateError([1]), assign(new RangeError(), { a: 1 }),
      new (class extends Error {})(), setPrototypeOf(new Error(), Object.prototype),
    ],
  ];
}

/** Of any other type. */
function ofOthers() {
  return [
    new Proxy({}, {}), new Proxy([], {}), new Proxy(new Map(), {}), new Proxy(new Error(), {}), () => {}, class {},
    new Uint8Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1), new SharedArrayBuffer(1), Object(1), Object('a'),
    Object(true), Object(1n), Object(Symbol()), (async () => {})(), new WeakMap(), new WeakSet(), new WeakRef({}),
    (function* () {})(), (async function* () {})(), [].keys(), new Map().keys(), new Set().keys(), matchAll('a', /a/g),
    (function () { return arguments; })(), globalThis, setPrototypeOf(new Promise(() => {}), Map.prototype),
  ];
}

/** Objects that have their properties in tables. */
function tables() {
  const shrunk = { a: 1, b: 2, c: 3 };
  deleteProperty(shrunk, 'a');
  return [shrunk, create(null)];
}

/** Others: what is not in them is in a list. */
function withShapes() {
  const grown = /** @type {any} */ ({});
  grown.a = grown.b = grown.c = grown.d = grown.e = grown.f = 1;
  return [{}, { a: 1, b: 2 }, new (class { a = 1; })(), create({ a: 1 }), grown, freeze({ a: 1 })];
}

/** Others, with room for elements. */
const withElements = () => [{ 5: 1 }, { 0: 'a', a: 1 }, { 70000: 1 }];

/** What `native.sortOf` says of what is nothing but its properties, where it tells. */
const ORDINARY = 1;

/** Another thread of the process may have had the engine look at some of each. */
function learn() {
  if (native.sortOf({}) === ORDINARY) return true;
  askForRoom(); // a promise that runs out of it is rejected, and nobody hears of that
  try {
    return native.learnSorts(ofEachSort(), ofOthers(), [tables(), withShapes(), withElements()]);
  } catch (error) {
    if (isOverflow(error)) throw error; // which is no answer
    return false; // a program has taken the language apart before
  }
}

/** @type {boolean | undefined} */
let told;

/**
 * Whether the engine tells: before somebody has asked, it does not. A child that starts has no object to look at yet, and to find
 * out takes a while.
 */
const engineTells = () => (told ??= learn());

module.exports = { engineTells };
