// Values that structured clone carries, and values it refuses: run over every way a message can go.
'use strict';

const vm = require('node:vm');
const crypto = require('node:crypto');
const events = require('node:events');
const { performance, createHistogram } = require('node:perf_hooks');
const { blobs, others } = require('./values.js');

const major = Number(process.versions.node.split('.')[0]);

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {() => any} make
 * @property {() => any} expect what arrives; `make` where nothing else is said
 * @property {string} [node] how Node's own structuredClone differs, where it does
 *
 * @typedef {object} Refused
 * @property {string} name
 * @property {() => any} make
 * @property {string} culprit how the error names it
 * @property {string} [node] what Node's own structuredClone does instead of refusing
 */

/** @type {Entry[]} */
const battery = [];
/** @type {Refused[]} */
const refused = [];

/**
 * @param {string} name
 * @param {() => any} make
 * @param {{ expect?: () => any, node?: string | false }} [more]
 */
function add(name, make, { expect = make, node } = {}) {
  battery.push({ name, make, expect, ...(node ? { node } : {}) });
}

/**
 * The value alone, in an array twice, as a member and in a Map.
 * @param {string} name
 * @param {() => any} make
 * @param {{ expect?: () => any, node?: string | false }} [more]
 */
function addEverywhere(name, make, more = {}) {
  const { expect = make } = more;
  add(name, make, more);
  add(`${name}, twice in an array`, () => twice(make()), { ...more, expect: () => twice(expect()) });
  add(`${name}, in an object and a Map`, () => inside(make()), { ...more, expect: () => inside(expect()) });
}

/** @param {unknown} value */
const twice = (value) => [value, value];
/** @param {unknown} value */
const inside = (value) => ({ before: 1, value, map: new Map([['key', value], ['other', { value }]]), after: 2 });

/**
 * @param {string} name
 * @param {() => any} make
 * @param {string} culprit
 * @param {string | false} [node]
 */
function refuse(name, make, culprit, node) {
  refused.push({ name, make, culprit, ...(node ? { node } : {}) });
}

/**
 * @param {any} error
 * @param {string} [stack]
 */
function withStack(error, stack = `${error.name}: ${error.message}\n    at nowhere`) {
  error.stack = stack;
  return error;
}

// Primitives

for (const number of [
  0, -0, 1, -1, -16, -17, 111, 112, 127, 128, 255, 256, 32767, 32768, -32768, -32769, 65535, 2 ** 31 - 1, 2 ** 31,
  -(2 ** 31), -(2 ** 31) - 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 53, 0.5, -0.1, 1e300, 1e-300, 5e-324,
  Number.MAX_VALUE, Infinity, -Infinity, NaN,
]) add(`number ${Object.is(number, -0) ? '-0' : number}`, () => number);

for (const [name, value] of Object.entries({ undefined, null: null, true: true, false: false })) {
  addEverywhere(name, () => value);
}

for (const bigint of [
  0n, 1n, -1n, 127n, 255n, 2n ** 31n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n, 2n ** 64n,
  2n ** 64n - 1n, 1n - 2n ** 64n, -(2n ** 64n), 2n ** 128n - 1n, 2n ** 128n + 1n, -(2n ** 192n), 2n ** 511n, 2n ** 512n - 1n, -(2n ** 512n), 2n ** 575n + 7n,
  -(2n ** 1000n), 2n ** 20000n - 1n,
]) add(`bigint ${String(bigint).slice(0, 24)} of ${bigint.toString(2).length} bits`, () => bigint);

for (const length of [0, 1, 2, 7, 15, 19, 20, 21, 23, 24, 25, 31, 32, 33, 63, 64, 100, 127, 128, 1000, 16384, 70000]) {
  add(`ASCII string of ${length}`, () => 'abcdefghij'.repeat(length / 10 + 1).slice(0, length));
}
for (const length of [1, 5, 20, 21, 24, 25, 32, 200]) {
  add(`Latin-1 string of ${length}`, () => '\xe9\xff\x80'.repeat(length).slice(0, length));
  add(`two-byte string of ${length}`, () => '\u4e2d\u0100'.repeat(length).slice(0, length));
  add(`one wide character after ${length}`, () => `${'a'.repeat(length)}\u20ac`);
}
add('string with NUL', () => 'a\0b');
add('emoji', () => '\u{1f600}\u{1f468}\u200d\u{1f469}');
add('lone high surrogate', () => '\ud800');
add('lone low surrogate', () => '\udc00');
add('surrogates in the wrong order', () => 'x\udc00\ud800y');
add('lone surrogate at the end of a long string', () => `${'x'.repeat(100)}\udbff`);
add('sliced string', () => 'x'.repeat(50).concat('abcdefghijklmnopqrstuvwxyz').slice(20, 70));
add('concatenated string', () => ['part one', 'part two', 'part three'].reduce((a, b) => a + b, 'x'.repeat(40)));
add('byte order mark', () => '\ufeffabc');

// Wrapper objects

for (const [name, make] of /** @type {[string, () => any][]} */ ([
  ['Number', () => Object(1.5)], ['Number -0', () => Object(-0)], ['String', () => Object('text')],
  ['empty String', () => Object('')], ['String with a lone surrogate', () => Object('\ud800')],
  ['Boolean', () => Object(true)], ['Boolean false', () => Object(false)],
  ['BigInt', () => Object(5n)], ['large BigInt', () => Object(-(2n ** 90n))],
])) addEverywhere(`${name} object`, make);
add('wrapper object with properties', () => Object.assign(Object(3), { lost: 1 }), { expect: () => Object(3) });

// Date, RegExp

addEverywhere('Date', () => new Date(1700000000123));
addEverywhere('invalid Date', () => new Date(NaN));
add('Date before 1970', () => new Date(-1));
add('extreme Date', () => new Date(8.64e15));
add('Date with properties', () => Object.assign(new Date(5), { lost: 1 }), { expect: () => new Date(5) });
addEverywhere('RegExp', () => /a+b/);
for (const flags of ['g', 'i', 'm', 's', 'u', 'y', 'd', 'v', 'dgimsuy', 'dgimsvy']) {
  add(`RegExp /${flags}`, () => new RegExp('[a-z]', flags));
}
add('RegExp with a slash and a line end', () => new RegExp('a/b\n'));
add('empty RegExp', () => new RegExp(''));
add('RegExp with wide characters', () => /\u4e2d文/u);
add('RegExp loses lastIndex and properties', () => Object.assign(/x/g, { lastIndex: 3, lost: 1 }), { expect: () => /x/g });
add('RegExp with its source hidden', () => Object.defineProperty(/real/g, 'source', { value: 'false' }), { expect: () => /real/g });

// Objects

addEverywhere('empty object', () => ({}));
addEverywhere('small object', () => ({ id: 1, op: 'open' }));
add('object of everything', () => ({ n: 1, f: 1.5, s: 'x', b: true, u: undefined, z: null, g: 1n, o: {}, a: [] }));
for (const size of [1, 2, 10, 63, 64, 65, 200, 2000]) {
  add(`object with ${size} keys`, () => Object.fromEntries(Array.from({ length: size }, (_, i) => [`key${i}`, i])));
}
add('integer keys come first', () => ({ b: 1, 10: 2, a: 3, 2: 4 }));
add('keys like integers', () => ({ '01': 1, '-1': 2, 4294967295: 3, 4294967296: 4, 1e21: 5 }));
add('empty key', () => ({ '': 1 }));
add('keys that are no identifiers', () => ({ 'a b': 1, 'ü': 2, '中': 3, '\ud800': 4, 'quote"\\\n\u2028': 5, '${x}': 6 }));
for (const length of [31, 32, 127, 128, 1000]) add(`key of ${length}`, () => ({ ['k'.repeat(length)]: 1, x: 2 }));
add('own __proto__', () => JSON.parse('{"a":1,"__proto__":{"polluted":true},"b":2}'));
add('own __proto__ that is null', () => JSON.parse('{"__proto__":null}'));
add('own __proto__ and 100 keys', () => JSON.parse(`{"__proto__":1,${Array.from({ length: 100 }, (_, i) => `"k${i}":${i}`)}}`));
add('own constructor, prototype, toString', () => ({ constructor: 1, prototype: 2, toString: 3, hasOwnProperty: 4, valueOf: 5 }));
add('own __defineGetter__ and __lookupSetter__', () => ({ __defineGetter__: 1, __lookupSetter__: 2 }));
add('null prototype', () => Object.assign(Object.create(null), { a: 1 }), { expect: () => ({ a: 1 }) });
add('class instance', () => new (class Point { x = 1; #y = 2; get y() { return this.#y; } })(), { expect: () => ({ x: 1 }) });
add('instance of an extended class', () => new (class B extends (class A { a = 1; }) { b = 2; })(), { expect: () => ({ a: 1, b: 2 }) });
add('inherited enumerable properties', () => Object.assign(Object.create({ inherited: 1 }), { own: 2 }), { expect: () => ({ own: 2 }) });
add('old-style inheritance from Error', () => Object.assign(Object.create(Error.prototype), { message: 'm' }), { expect: () => ({ message: 'm' }) });
add('object that only looks like a Map', () => Object.create(Map.prototype), { expect: () => ({}) });
add('built-in prototypes are plain', () => [Map.prototype, Date.prototype, Object.prototype], { expect: () => [{}, {}, {}] });
add('Math, JSON, Reflect', () => [Math, JSON, Reflect], { expect: () => [{}, {}, {}] });
add('EventEmitter without listeners', () => new events.EventEmitter(), {
  expect: () => ({ _events: {}, _eventsCount: 0, _maxListeners: undefined }) });
add('non-enumerable properties', () => Object.defineProperty({ a: 1 }, 'hidden', { value: 2 }), { expect: () => ({ a: 1 }) });
add('symbol keys', () => ({ a: 1, [Symbol('s')]: 2 }), { expect: () => ({ a: 1 }) });
add('frozen object', () => Object.freeze({ a: [1] }), { expect: () => ({ a: [1] }) });
add('read-only properties', () => Object.defineProperty({}, 'a', { value: 1, enumerable: true }), { expect: () => ({ a: 1 }) });
add('getter', () => ({ get a() { return 1; }, b: 2 }), { expect: () => ({ a: 1, b: 2 }) });
add('getters run once and in order', counting, { expect: () => ({ a: 1, b: { c: 2, d: 3 }, e: [4, 5], f: 6 }) });
add('getter on __proto__', () => Object.defineProperty({}, '__proto__', { get: () => 1, enumerable: true }), { expect: () => JSON.parse('{"__proto__":1}') });
add('getter that deletes what follows', () => ({ get a() { delete this.b; return 1; }, b: 2, c: 3 }), { expect: () => ({ a: 1, c: 3 }) });
add('getter that deletes everything', () => ({ get a() { delete this.a; delete this.b; delete this.c; return 1; }, b: 2, c: 3 }), { expect: () => ({ a: 1 }) });
add('getter that adds', () => ({ get a() { this.late = 1; return 1; }, b: 2 }), { expect: () => ({ a: 1, b: 2 }) });
add('getter that replaces', () => ({ get a() { this.b = 'new'; return 1; }, b: 2 }), { expect: () => ({ a: 1, b: 'new' }) });
add('getter that hides what follows', () => ({ get a() { Object.defineProperty(this, 'b', { enumerable: false }); return 1; }, b: 2, c: 3 }), { expect: () => ({ a: 1, b: 2, c: 3 }) });
add('inner getter that deletes in the outer object', deletingOuter, { expect: () => ({ inner: { x: 1 }, last: 3 }) });
add('getter that deletes in a dictionary', () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${i}`, i]));
  return Object.defineProperty(many, 'k0', { get() { delete this.k5; return 0; }, enumerable: true });
}, { expect: () => Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`k${i}`, i]).filter(([key]) => key !== 'k5')) });
add('objects of one shape', () => Array.from({ length: 50 }, (_, i) => ({ id: i, name: `n${i}`, next: { id: -i } })));
add('objects of growing shapes', () => Array.from({ length: 40 }, (_, i) => Object.fromEntries(Array.from({ length: i }, (__, k) => [`p${k}`, k]))));
add('same keys in another order', () => [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1, b: 2 }]);
add('object in dictionary mode', () => { const o = { a: 1, b: 2, c: 3 }; delete (/** @type {any} */ (o).a); return o; }, { expect: () => ({ b: 2, c: 3 }) });
add('object from another realm', () => vm.runInNewContext('({ a: [1, { b: 2 }], m: new Map([[1, new Date(5)]]) })'), { expect: () => ({ a: [1, { b: 2 }], m: new Map([[1, new Date(5)]]) }) });
add('vm context', () => vm.createContext({ a: 1 }), { expect: () => ({ a: 1 }) });

function counting() {
  let n = 0;
  const tick = { get() { return ++n; }, enumerable: true };
  const b = Object.defineProperties({}, { c: tick, d: tick });
  const e = Object.defineProperties([0, 0], { 0: tick, 1: tick });
  return Object.defineProperties({}, { a: tick, b: { value: b, enumerable: true }, e: { value: e, enumerable: true }, f: tick });
}

function deletingOuter() {
  const outer = { inner: { get x() { delete (/** @type {any} */ (outer).gone); return 1; } }, gone: 2, last: 3 };
  return outer;
}

// Arrays

addEverywhere('empty array', () => []);
addEverywhere('array', () => [1, 'two', null, undefined, { three: 3 }]);
for (const length of [2, 95, 96, 97, 98, 1000, 70000]) add(`array of ${length} integers`, () => Array.from({ length }, (_, i) => i * 7));
add('array of doubles', () => Array.from({ length: 200 }, (_, i) => i / 3));
add('array of strings', () => Array.from({ length: 200 }, (_, i) => `item ${i}`));
add('nested arrays', () => [[1, [2, [3, []]]], [[[[]]]]]);
add('hole at the start', () => [, 1]); // eslint-disable-line no-sparse-arrays
add('hole in the middle', () => [1, , 3]); // eslint-disable-line no-sparse-arrays
add('hole at the end', () => [1, , ,]); // eslint-disable-line no-sparse-arrays
add('holes and undefined', () => [undefined, , undefined, , , null]); // eslint-disable-line no-sparse-arrays
for (const length of [1, 2, 64, 65, 66, 97, 200, 2000, 100000, 4294967295]) add(`nothing but ${length} holes`, () => new Array(length));
add('one element far out', () => { const a = []; a[1000000] = 1; return a; });
add('elements far apart', () => { const a = new Array(4e9); a[3] = 'a'; a[70] = 'b'; a[1e6] = 'c'; a[3999999999] = 'd'; return a; });
add('many holes of 100', () => { const a = []; for (let i = 0; i < 20000; i += 100) a[i] = { i }; return a; });
add('holes between objects', () => { const a = new Array(150); a[149] = a; a[20] = { a }; return a; });
add('named properties', () => Object.assign([1, 2], { name: 'x', other: { y: 1 } }));
add('named properties of an empty array', () => Object.assign([], { name: 'x' }));
add('named properties of a long array', () => Object.assign(Array.from({ length: 500 }, (_, i) => i), { name: 'x' }));
add('named properties and holes', () => Object.assign([1, , 3], { foo: 1 })); // eslint-disable-line no-sparse-arrays
add('named properties like indices', () => Object.assign([1], { '-1': 'a', '01': 'b', 4294967295: 'c', 1.5: 'd' }));
add('array with own __proto__', () => Object.defineProperty([1], '__proto__', { value: 5, enumerable: true, writable: true, configurable: true }));
add('array with own push and constructor', () => Object.assign([1], { push: 1, constructor: 2, at: 3 }));
add('RegExp match', () => /(?<l>b)(c)?/.exec('abd'), { expect: () => Object.assign(['b', 'b', undefined], { index: 1, input: 'abd', groups: { l: 'b' } }) });
add('template strings', () => ((/** @type {TemplateStringsArray} */ s) => s)`a${1}b`, { expect: () => ['a', 'b'] });
add('array that contains itself as a name', () => { const a = Object.assign([1], { me: /** @type {any} */ (null) }); a.me = a; return a; });
add('extended Array', () => (class Row extends Array {}).of(1, 2), { expect: () => [1, 2] });
add('frozen array', () => Object.freeze([1, 2]), { expect: () => [1, 2] });
add('array with a getter', () => Object.defineProperty([0, 2], 0, { get: () => 'got', enumerable: true }), { expect: () => ['got', 2] });
add('array that a getter shortens', () => { const a = [0, 1, 2, 3]; return Object.defineProperty(a, 0, { get() { a.length = 2; return 0; } }); }, {
  expect: () => { const a = [0, 1]; a.length = 4; return a; } });
add('long array that a getter shortens', () => { const a = Array.from({ length: 300 }, (_, i) => i); return Object.defineProperty(a, 0, { get() { a.length = 2; return 0; } }); }, {
  expect: () => { const a = [0, 1]; a.length = 300; return a; } });
add('name that a getter deletes', () => { const a = Object.assign([0, 1], { gone: 1, stays: 2 }); return Object.defineProperty(a, 0, { get() { delete (/** @type {any} */ (a).gone); return 0; } }); }, {
  expect: () => Object.assign([0, 1], { stays: 2 }) });

// Map, Set

addEverywhere('empty Map', () => new Map());
addEverywhere('Map', () => new Map(/** @type {any} */ ([['a', 1], [2, 'b'], [NaN, -0], [null, undefined], [1n, true]])));
addEverywhere('empty Set', () => new Set());
addEverywhere('Set', () => new Set([1, 'a', null, undefined, NaN, { x: 1 }, 5n]));
add('Map with objects as keys', () => { const k = { k: 1 }; return [k, new Map([[k, [k]]])]; });
add('Map that contains itself', () => { const m = new Map(); m.set(m, m); return m; });
add('Set that contains itself', () => { const s = new Set(); s.add(s).add([s]); return s; });
add('Map of 1000', () => new Map(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, { i }])));
add('Map of Maps of Sets', () => new Map([[new Set([new Map([[1, 2]])]), new Map([['x', new Set()]])]]));
add('Map with properties', () => Object.assign(new Map([[1, 2]]), { lost: 1 }), { expect: () => new Map([[1, 2]]) });
add('extended Map', () => new (class Cache extends Map { extra = 1; })([[1, 2]]), { expect: () => new Map([[1, 2]]) });
add('extended Set', () => new (class Bag extends Set { extra = 1; })([1]), { expect: () => new Set([1]) });
add('Map in disguise', () => Object.setPrototypeOf(new Map([[1, 2]]), Object.create({})), { expect: () => new Map([[1, 2]]) });
add('Map that a getter empties', () => { const m = new Map(/** @type {any} */ ([])); m.set('a', { get x() { m.clear(); return 1; } }).set('b', 2); return m; }, {
  expect: () => new Map(/** @type {any} */ ([['a', { x: 1 }], ['b', 2]])) });
add('Map that a getter fills', () => { const m = new Map(/** @type {any} */ ([])); m.set('a', { get x() { m.set('c', 3); return 1; } }); return m; }, {
  expect: () => new Map([['a', { x: 1 }]]) });
add('Set that a getter fills', () => { const s = new Set(/** @type {any} */ ([])); s.add({ get x() { s.add(2); return 1; } }); return s; }, { expect: () => new Set([{ x: 1 }]) });

// Errors

for (const type of [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
  add(type.name, () => withStack(new type('message')));
}
addEverywhere('Error', () => withStack(new Error('message')));
add('Error without message', () => withStack(new Error()));
add('Error with an empty message', () => withStack(new Error('')));
add('Error with a wide message', () => withStack(new Error('文字 \ud800')));
add('Error with an own message of another type', () => withStack(Object.defineProperty(new Error(), 'message', { value: 5, enumerable: true }), 's'), {
  expect: () => withStack(new Error('5'), 's') });
add('Error with a message getter', () => withStack(Object.defineProperty(new Error('m'), 'message', { get: () => 'got' }), 's'), { expect: () => withStack(new Error(), 's') });
add('Error with another stack', () => withStack(new Error('m'), 'my own stack'));
add('Error with a cause', () => withStack(new Error('m', { cause: withStack(new TypeError('inner')) })));
add('Error with a cause that is no error', () => withStack(new Error('m', { cause: { code: 5 } })));
add('Error with an undefined cause', () => withStack(new Error('m', { cause: undefined })));
add('Error that is its own cause', () => { const e = withStack(new Error('m')); Object.defineProperty(e, 'cause', { value: e, writable: true, configurable: true }); return e; }, { node: major < 22 && 'cannot read on Node 20 what it wrote' });
add('chain of causes', () => { let e = withStack(new Error('first')); for (let i = 0; i < 20; i++) e = withStack(new Error(`m${i}`, { cause: e })); return e; });
add('Error with properties', () => Object.assign(withStack(new Error('m'), 's'), { code: 'E_X', errno: 5 }), { expect: () => withStack(new Error('m'), 's') });
add('Error of an own class', () => withStack(new (class HttpError extends TypeError { status = 404; })('m'), 's'), { expect: () => withStack(new TypeError('m'), 's') });
add('Error with an own name', () => Object.assign(withStack(new Error('m'), 's'), { name: 'RangeError' }), { expect: () => withStack(new RangeError('m'), 's') });
add('Error with an unknown name', () => Object.assign(withStack(new TypeError('m'), 's'), { name: 'Custom' }), { expect: () => withStack(new Error('m'), 's') });
add('Error from another realm', () => withStack(vm.runInNewContext('new RangeError("m")'), 's'), { expect: () => withStack(new RangeError('m'), 's') });
const noErrors = 'its type and its list of errors are lost';
add('AggregateError', () => withStack(new AggregateError([withStack(new Error('a')), 5], 'all')), { node: noErrors });
add('AggregateError with a cause', () => withStack(new AggregateError([], 'all', { cause: 1 })), { node: noErrors });
add('AggregateError without its list', () => { const e = withStack(new AggregateError([], 'all')); delete (/** @type {any} */ (e).errors); return e; }, { node: noErrors });
add('AggregateError whose list contains it', () => { const e = withStack(new AggregateError([], 'all')); e.errors.push(e); return e; }, { node: noErrors });
const domException = major < 22 && 'arrives as {} on Node 20';
add('DOMException', () => withStack(new DOMException('m', 'AbortError')), { node: domException });
add('DOMException twice', () => twice(withStack(new DOMException('m', 'AbortError'))), { node: domException });
add('DOMException with defaults', () => withStack(new DOMException()), { node: domException });
add('DOMException with an unknown name', () => withStack(new DOMException('m', 'Odd')), { node: domException });
add('DOMException with a cause', () => withStack(new DOMException('m', /** @type {any} */ ({ name: 'DataError', cause: [1] }))), { node: domException || 'its cause is lost' });
const { QuotaExceededError } = /** @type {any} */ (globalThis);
if (QuotaExceededError !== undefined) {
  add('QuotaExceededError', () => twice(withStack(new QuotaExceededError('m', { quota: 5, requested: 9.5 }))));
  add('QuotaExceededError that says no more', () => withStack(new QuotaExceededError()));
  add('QuotaExceededError that knows one of both', () => [withStack(new QuotaExceededError('m', { quota: 0 })), withStack(new QuotaExceededError('m', { requested: 7 }))]);
}

// Buffers and views

const bytes = (/** @type {number} */ length) => Uint8Array.from({ length }, (_, i) => i * 31);
addEverywhere('ArrayBuffer', () => bytes(20).buffer);
add('empty ArrayBuffer', () => new ArrayBuffer(0));
for (const length of [65535, 65536, 200000]) add(`ArrayBuffer of ${length}`, () => bytes(length).buffer);
addEverywhere('resizable ArrayBuffer', () => new ArrayBuffer(8, { maxByteLength: 32 }));
add('resizable ArrayBuffer of 70000', () => new ArrayBuffer(70000, { maxByteLength: 80000 }));
add('resizable ArrayBuffer that may not grow', () => new ArrayBuffer(8, { maxByteLength: 8 }));
add('resizable ArrayBuffer that was resized', () => { const b = new ArrayBuffer(8, { maxByteLength: 32 }); b.resize(3); return b; });
for (const name of [
  'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array',
]) {
  const type = /** @type {any} */ (globalThis)[name];
  if (type === undefined) continue;
  add(name, () => new type(bytes(64).buffer));
  add(`${name} of a part`, () => [new type(bytes(64).buffer, 16, 2)], { expect: () => [new type(bytes(64).buffer.slice(16, 16 + 2 * type.BYTES_PER_ELEMENT))], node: 'the whole buffer is cloned for a view of a part' });
  add(`${name} and its buffer`, () => { const b = bytes(64).buffer; return { a: new type(b, 8, 3), b }; });
  add(`length-tracking ${name}`, () => new type(new ArrayBuffer(16, { maxByteLength: 64 }), 8));
  add(`fixed ${name} on a resizable buffer`, () => new type(new ArrayBuffer(16, { maxByteLength: 64 }), 8, 8 / type.BYTES_PER_ELEMENT));
}
addEverywhere('DataView', () => new DataView(bytes(9).buffer));
add('DataView of a part', () => new DataView(bytes(64).buffer, 3, 5), { expect: () => new DataView(bytes(64).buffer.slice(3, 8)), node: 'the whole buffer is cloned for a view of a part' });
add('length-tracking DataView', () => new DataView(new ArrayBuffer(7, { maxByteLength: 10 }), 2));
add('fixed DataView on a resizable buffer', () => new DataView(new ArrayBuffer(7, { maxByteLength: 10 }), 2, 5));
add('length-tracking view at the end', () => { const b = new ArrayBuffer(8, { maxByteLength: 16 }); return [new Uint8Array(b, 8), new Uint8Array(b, 8, 0), new Uint16Array(b, 8)]; });
add('length-tracking view of an empty buffer', () => new Uint8Array(new ArrayBuffer(0, { maxByteLength: 16 })));
add('view in the middle of a resizable buffer', () => { const b = new ArrayBuffer(24, { maxByteLength: 32 }); new Uint8Array(b).set(bytes(24)); return [new Uint8Array(b, 2, 3), new Float64Array(b, 8, 1), new Uint16Array(b)]; });
add('empty view', () => new Uint8Array(0));
add('empty view at the end', () => new Uint8Array(bytes(8).buffer, 8), { expect: () => new Uint8Array(0), node: 'the whole buffer is cloned for a view of a part' });
for (const length of [1, 31, 65535, 65536, 65537, 300000]) addEverywhere(`Uint8Array of ${length}`, () => bytes(length));
add('two views on one buffer', () => { const b = bytes(32).buffer; return [new Uint8Array(b, 4, 4), new Uint16Array(b, 6, 5)]; });
add('two equal views on one buffer', () => { const b = bytes(32).buffer; return [new Uint8Array(b, 4, 4), new Uint8Array(b, 4, 4)]; });
add('two views on one large buffer', () => { const b = bytes(100000).buffer; return [new Uint8Array(b, 4, 4), new Uint8Array(b, 99990)]; });
add('buffer first, views later', () => { const b = bytes(32).buffer; return { b, map: new Map([[new Uint8Array(b), new DataView(b, 3)]]) }; });
add('large view shown twice', () => { const v = bytes(80000); return { a: v, b: { v }, c: v.buffer }; });
add('one view, many times', () => Array(5).fill(bytes(10)));
add('view with properties', () => Object.assign(bytes(4), { lost: 1 }), { expect: () => bytes(4) });
add('extended Uint8Array', () => new (class Bytes extends Uint8Array {})([1, 2]), { expect: () => new Uint8Array([1, 2]) });
const pool = 'drags the whole pool along, and the Buffers share it';
add('Buffer', () => Buffer.from([1, 2, 3]), { expect: () => new Uint8Array([1, 2, 3]), node: pool });
add('two Buffers of the pool', () => [Buffer.from('first'), Buffer.from('second')], { expect: () => [...'first second'.split(' ')].map((s) => new TextEncoder().encode(s)), node: pool });
add('Buffers that overlap', () => { const b = Buffer.from('0123456789'); return [b.subarray(2, 5), Buffer.from('apart'), b.subarray(4, 8)]; }, {
  expect: () => { const b = new TextEncoder().encode('234567').buffer; return [new Uint8Array(b, 0, 3), new TextEncoder().encode('apart'), new Uint8Array(b, 2, 4)]; }, node: pool });
add('Buffer and a view on its memory', () => { const b = Buffer.from(bytes(16).buffer, 4, 4); return [b, new Uint8Array(b.buffer, 6, 4)]; }, {
  expect: () => { const b = bytes(16).buffer; return [new Uint8Array(b, 4, 4), new Uint8Array(b, 6, 4)]; } });
add('Buffers and the buffer they are in', () => { const b = bytes(16).buffer; return [Buffer.from(b, 0, 4), Buffer.from(b, 8, 4), b]; }, {
  expect: () => { const b = bytes(16).buffer; return [new Uint8Array(b, 0, 4), new Uint8Array(b, 8, 4), b]; } });
add('Buffer of its own memory', () => Buffer.alloc(10, 7), { expect: () => new Uint8Array(10).fill(7) });
add('large Buffer', () => Buffer.alloc(100000, 7), { expect: () => new Uint8Array(100000).fill(7) });
add('view that a getter changes', () => { const a = bytes(4); return [a, { get x() { a[0] = 99; return 1; } }]; }, {
  expect: () => [Uint8Array.from([99, 31, 62, 93]), { x: 1 }], node: 'takes the bytes when it meets the view, not when the message is complete' });

// Identity

add('object twice', () => twice({ a: 1 }));
add('array twice', () => twice([1]));
add('shared object at different depths', () => { const s = { s: 1 }; return { a: s, b: { c: [s, { d: s }] }, e: new Set([s]) }; });
add('equal but not the same', () => [{ a: 1 }, { a: 1 }]);
add('object that contains itself', () => { const o = /** @type {any} */ ({ a: 1 }); o.self = o; return o; });
add('array that contains itself', () => { const a = /** @type {any[]} */ ([1]); a.push(a); return a; });
add('two objects that contain each other', () => { const a = /** @type {any} */ ({}); a.b = { a }; return [a, a.b]; });
add('dictionary that contains itself', () => { const o = /** @type {any} */ (Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, i]))); o.self = o; return o; });
add('doubly linked list', () => { const list = Array.from({ length: 60 }, (_, i) => /** @type {any} */ ({ i })); list.forEach((n, i) => { n.next = list[i + 1]; n.previous = list[i - 1]; }); return list[0]; });
for (const count of [23, 24, 25, 26, 500]) {
  add(`${count} objects, each twice`, () => { const all = Array.from({ length: count }, (_, i) => ({ i })); return [all, all.slice().reverse()]; });
}
add('tree with links to the root', () => { const root = /** @type {any} */ ({ children: [] }); for (let i = 0; i < 30; i++) root.children.push({ root, i }); return root; });
add('cycle through Map, Set, Error and array', () => {
  const m = new Map(); const e = withStack(new Error('m', { cause: m }));
  m.set('set', new Set([[e, m]]));
  return m;
});

// Depth

for (const depth of [10, 149, 150, 151, 152, 1000, 100000]) {
  add(`${depth} nested arrays`, () => { let a = /** @type {any[]} */ ([]); for (let i = 0; i < depth; i++) a = [a]; return a; }, { node: depth > 10000 && 'overflows the stack' });
  add(`linked list of ${depth}`, () => { let l = /** @type {any} */ (null); for (let i = 0; i < depth; i++) l = { i, next: l }; return l; }, { node: depth > 10000 && 'overflows the stack' });
}
add('20000 nested Maps', () => { let m = new Map(); for (let i = 0; i < 20000; i++) m = new Map([[i, m]]); return m; }, { node: 'overflows the stack' });
add('20000 nested Sets and instances', () => { let s = /** @type {any} */ (1); for (let i = 0; i < 20000; i++) s = new Set([Object.assign(Object.create(null), { s })]); return s; }, {
  expect: () => { let s = /** @type {any} */ (1); for (let i = 0; i < 20000; i++) s = new Set([{ s }]); return s; }, node: 'overflows the stack' });
add('deep and everything', () => { let v = /** @type {any} */ (1); for (let i = 0; i < 3000; i++) v = [{ v }, [, v], Object.assign([1], { v }), new Map([[{ v }, v]]), withStack(new Error('m', { cause: v }), 's')][i % 5]; return v; }, { node: 'overflows the stack' }); // eslint-disable-line no-sparse-arrays

// What must not arrive as something else

const generator = function* () { yield 1; };
const asBlob = { node: major < 24 && 'a File arrives as a Blob' };
for (const [name, make] of Object.entries({ ...blobs, ...others })) addEverywhere(name, make, name.startsWith('File') ? asBlob : {});
add('several Blobs in one array', () => Object.values(blobs).map((make) => make()), asBlob);

refuse('function', () => () => 42, '() => 42');
refuse('method', () => ({ method() { return 1; } }).method, 'method() { return 1; }');
refuse('class', () => class Foo { x = 1; }, 'class Foo { x = 1; }');
refuse('native function', () => parseInt, 'function parseInt() { [native code] }');
refuse('async function', () => async () => {}, 'async () => {}');
refuse('symbol', () => Symbol('s'), 'Symbol(s)');
refuse('registered symbol', () => Symbol.for('reg'), 'Symbol(reg)');
refuse('Symbol object', () => Object(Symbol('s')), '#<Symbol>');
refuse('Promise', () => Promise.resolve(1), '#<Promise>');
refuse('WeakMap', () => new WeakMap(), '#<WeakMap>');
refuse('WeakSet', () => new WeakSet(), '#<WeakSet>');
refuse('WeakRef', () => new WeakRef({}), '#<WeakRef>');
refuse('FinalizationRegistry', () => new FinalizationRegistry(() => {}), '#<FinalizationRegistry>');
refuse('Proxy', () => new Proxy({ a: 1 }, {}), '#<Proxy>');
refuse('Proxy of an array', () => new Proxy([1], {}), '#<Proxy>');
refuse('Proxy of a function', () => new Proxy(() => {}, {}), '#<Proxy>');
refuse('revoked Proxy', () => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; }, '#<Proxy>');
refuse('array iterator', () => [][Symbol.iterator](), '#<Array Iterator>');
refuse('Map iterator', () => new Map().entries(), '#<Map Iterator>');
refuse('Set iterator', () => new Set().values(), '#<Set Iterator>');
refuse('string iterator', () => ''[Symbol.iterator](), '#<String Iterator>');
refuse('RegExp iterator', () => 'a'.matchAll(/a/g), '#<RegExp String Iterator>');
refuse('generator', () => generator(), '#<Generator>');
refuse('async generator', () => (async function* () { yield 1; })(), '#<AsyncGenerator>');
if ('Iterator' in globalThis) refuse('iterator helper', () => [1].values().map(String), '#<Iterator Helper>');
if ('rawJSON' in JSON) refuse('raw JSON', () => /** @type {any} */ (JSON).rawJSON('5'), '#<Object>');
refuse('arguments', function () { return arguments; }, '#<Object>');
refuse('Intl.NumberFormat', () => new Intl.NumberFormat(), '#<Intl.NumberFormat>');
refuse('Intl.Locale', () => new Intl.Locale('en'), '#<Intl.Locale>');
refuse('WebAssembly.Memory', () => new WebAssembly.Memory({ initial: 0 }), '#<WebAssembly.Memory>');
refuse('WebAssembly.Memory, shared', () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), '#<WebAssembly.Memory>', 'shares it: it never leaves the process');
refuse('WebAssembly.Table', () => new WebAssembly.Table({ initial: 0, element: 'anyfunc' }), '#<WebAssembly.Table>');
refuse('MessagePort of Node', () => new MessageChannel().port1, '#<MessagePort>');
refuse('BroadcastChannel', () => { const c = new BroadcastChannel('x'); c.close(); return c; }, '#<BroadcastChannel>', 'arrives as {}');
const useless = 'arrives as {}';
const until22 = major < 22 && useless;
refuse('URL', () => new URL('http://a/'), '#<URL>', until22);
refuse('URLSearchParams', () => new URLSearchParams('a=1'), '#<URLSearchParams>', until22);
refuse('EventTarget', () => new EventTarget(), '#<EventTarget>', useless);
refuse('own EventTarget', () => new (class Mine extends EventTarget { x = 1; })(), '#<Mine>', useless);
refuse('Event', () => new Event('x'), '#<Event>', useless);
refuse('AbortController', () => new AbortController(), '#<AbortController>', useless);
refuse('AbortSignal', () => new AbortController().signal, '#<AbortSignal>', useless);
refuse('Headers', () => new Headers(), '#<Headers>', until22);
refuse('FormData', () => new FormData(), '#<FormData>', until22);
refuse('Request', () => new Request('http://a/'), '#<Request>', until22);
refuse('Response', () => new Response(''), '#<Response>', until22);
refuse('TextEncoder', () => new TextEncoder(), '#<TextEncoder>', useless);
refuse('TextDecoder', () => new TextDecoder(), '#<TextDecoder>', useless);
refuse('Performance', () => performance, '#<Performance>', useless);
refuse('PerformanceMark', () => performance.mark('m'), '#<PerformanceMark>', useless);
refuse('Crypto', () => globalThis.crypto, '#<Crypto>', useless);
refuse('ReadableStream', () => new ReadableStream(), '#<ReadableStream>');
refuse('WritableStream', () => new WritableStream(), '#<WritableStream>');
refuse('TransformStream', () => new TransformStream(), '#<TransformStream>');
const theirs = 'Node carries its own, between threads';
refuse('Histogram', () => createHistogram(), '#<RecordableHistogram>', theirs);
refuse('Hash', () => crypto.createHash('sha1'), '#<Hash>', 'arrives as { _options: undefined }');
refuse('vm.Script', () => new vm.Script('1'), '#<Script>', major >= 24 && 'arrives as useless { sourceMapURL }');
refuse('SharedArrayBuffer', () => new SharedArrayBuffer(8), '#<SharedArrayBuffer>', 'shares it: it never leaves the process');
refuse('view on a SharedArrayBuffer', () => new Uint8Array(new SharedArrayBuffer(8)), '#<SharedArrayBuffer>', 'shares it: it never leaves the process');
refuse('WebAssembly.Module', () => new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])), '#<WebAssembly.Module>', 'shares it: it never leaves the process');
refuse('detached ArrayBuffer', () => detached(new ArrayBuffer(8)), '#<ArrayBuffer>');
refuse('view on a detached ArrayBuffer', () => { const v = bytes(8); detached(v.buffer); return v; }, '#<Uint8Array>');
refuse('DataView on a detached ArrayBuffer', () => { const v = new DataView(new ArrayBuffer(8)); detached(v.buffer); return v; }, '#<DataView>');
refuse('view outside its buffer', () => { const b = new ArrayBuffer(8, { maxByteLength: 16 }); const v = new Uint8Array(b, 4, 4); b.resize(4); return v; }, '#<Uint8Array>');
refuse('DataView outside its buffer', () => { const b = new ArrayBuffer(8, { maxByteLength: 16 }); const v = new DataView(b, 4, 4); b.resize(4); return v; }, '#<DataView>');

/** @param {any} buffer */
function detached(buffer) {
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

module.exports = { battery, refused };
