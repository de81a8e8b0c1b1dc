// What the engine says of objects, and what JavaScript finds out, lead to the same; and what a getter does to an object while
// that is written, whichever way it is written, shows as it does with structuredClone.
'use strict';

const { execFile } = require('node:child_process');
const { once } = require('node:events');
const { promisify } = require('node:util');
const { Worker } = require('node:worker_threads');
const test = require('ava').default;
const { engineTells, native } = require('../../lib/native');
const { SORT, SORT_MASK, hashedSortOf, sortOf } = require('../../lib/clone/kind/sort.js');
const { difference } = require('./same.js');
const { encode, roundTrip } = require('./rig.js');

const told = engineTells();
const sort = (/** @type {number} */ its) => (told ? its : SORT.UNTOLD);
const x64 = process.platform === 'linux' && process.arch === 'x64';

class Point { x = 1; get y() { return 2; } }

/** @type {Record<string, () => object>} */
const ordinary = {
  'empty': () => ({}),
  'literal': () => ({ a: 1 }),
  'instance': () => new Point(),
  'without a prototype': () => Object.create(null),
  'dictionary': () => { const object = /** @type {any} */ ({ a: 1, b: 2 }); delete object.a; return object; },
  'frozen': () => Object.freeze({ a: 1 }),
  'elements': () => ({ 7: 1, 100000: 2 }),
  'accessor': () => ({ get a() { return 1; } }),
  'very many': () => Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`k${i}`, i])),
  'with a tag': () => ({ [Symbol.toStringTag]: 'Map' }),
  'heir of a Map': () => Object.create(new Map()),
};

/** Of these, those whose properties the engine keeps in a table, or which have elements. */
const tables = new Set(['without a prototype', 'dictionary', 'accessor', 'very many', 'elements']);

/** @type {Record<string, () => object>} */
const others = {
  'array': () => [],
  'array with names and holes': () => Object.assign([, 1, , 2], { a: 1 }), // eslint-disable-line no-sparse-arrays
  'heir of the class of arrays': () => new (class extends Array {})(3),
  'proxy': () => new Proxy({}, {}),
  'proxy of an array': () => new Proxy([], {}),
  'proxy of an error': () => new Proxy(new Error(), {}),
  'Map': () => new Map(),
  'Map by Reflect.construct': () => Reflect.construct(Map, [], Object),
  'Set': () => new Set(),
  'Date': () => new Date(),
  'RegExp': () => /a/,
  'Error': () => new Error(),
  'TypeError with a cause': () => new TypeError('a', { cause: 1 }),
  'heir of the class of errors': () => new (class extends Error {})(),
  'boxed number': () => Object(1),
  'boxed symbol': () => Object(Symbol.iterator),
  'ArrayBuffer': () => new ArrayBuffer(1),
  'resizable ArrayBuffer': () => new ArrayBuffer(1, { maxByteLength: 2 }),
  'SharedArrayBuffer': () => new SharedArrayBuffer(1),
  'Buffer': () => Buffer.alloc(1),
  'DataView': () => new DataView(new ArrayBuffer(1)),
  'Promise': () => Promise.resolve(),
  'WeakMap': () => new WeakMap(),
  'WeakSet': () => new WeakSet(),
  'WeakRef': () => new WeakRef({}),
  'generator': () => (function* generate() { yield 1; })(),
  'async generator': () => (async function* generate() { yield 1; })(),
  'Map iterator': () => new Map().keys(),
  'Set iterator': () => new Set().keys(),
  'arguments': () => (function args() { return arguments; })(),
  'WebAssembly.Module': () => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])),
  'WebAssembly.Memory': () => new WebAssembly.Memory({ initial: 0 }),
  'module namespace': () => namespace,
};

/** What the engine tells of those which it does not leave to JavaScript. @type {Record<string, number>} */
const sorts = {
  'array': SORT.ARRAY, 'array with names and holes': SORT.ARRAY, 'heir of the class of arrays': SORT.ARRAY,
  'Map': SORT.MAP, 'Map by Reflect.construct': SORT.MAP, 'Set': SORT.SET, 'Date': SORT.DATE, 'RegExp': SORT.REGEXP,
  'Error': SORT.ERROR, 'TypeError with a cause': SORT.ERROR, 'heir of the class of errors': SORT.ERROR,
};

/** @type {object} */
let namespace;
test.before(async () => {
  namespace = await import('node:fs');
});

(x64 ? test : test.skip)('the engine tells', (t) => {
  t.is(told, process.env.MESSAGE_PORTS_ENGINE !== 'none');
});

for (const [name, make] of Object.entries(ordinary)) {
  test(`ordinary: ${name}`, (t) => {
    const its = sort(tables.has(name) ? SORT.TABLE : SORT.ORDINARY);
    t.is(native.sortOf(make()), its);
    t.is(sortOf(make()), its);
    t.is(difference(roundTrip(make()), structuredClone(make())), undefined);
  });
}

for (const [name, make] of Object.entries(others)) {
  test(`not ordinary: ${name}, with whatever prototype`, (t) => {
    const its = sort(sorts[name] ?? SORT.UNTOLD);
    t.is(native.sortOf(make()), its);
    for (const prototype of [Object.prototype, null, Point.prototype]) {
      const object = make();
      if (Reflect.setPrototypeOf(object, prototype)) t.is(native.sortOf(object), its);
    }
  });
}

test('without Node-API in between it tells the same, of whatever it is asked', async (t) => {
  const things = [...Object.values(ordinary), ...Object.values(others)].map((make) => make());
  const noObjects = [undefined, null, true, 0, -1, 1.5, 2 ** 40, NaN, '', 'text', '\u0436', 1n, 2n ** 70n, Symbol('a'), () => {}, class {}];
  const full = [[1], [''], [1.5]];
  for (const thing of /** @type {any[]} */ ([...things, ...noObjects, [1, 2], ['a', {}], [1.5, 2]])) {
    t.is(sortOf(thing), native.sortOf(thing, ...full));
    t.is(hashedSortOf(thing), native.hashedSortOf(thing, ...full));
  }
  const direct = native.directSorts();
  t.is(direct !== undefined, told);
  for (const ask of /** @type {any[]} */ (direct ?? [])) {
    t.deepEqual([ask(), ask({}), ask({}, 1, 2), ask({}, ...full, 1)], [undefined, undefined, undefined, undefined]);
    t.is(Reflect.apply(ask, null, [{}, ...full]) & SORT_MASK, SORT.ORDINARY);
    t.throws(() => new ask({}, ...full), { instanceOf: TypeError });
  }
  const source = `const { look, sortOf } = require(${JSON.stringify(require.resolve('../../lib/clone/kind'))}); require('node:worker_threads').parentPort.postMessage([sortOf({}), look([1, {}])])`;
  for (let i = 0; i < 3; i++) {
    const [arrived] = await once(new Worker(source, { eval: true }), 'message');
    t.deepEqual(arrived, [sort(SORT.ORDINARY), told ? SORT.FULL_ARRAY : SORT.ARRAY]);
  }
});

test('a process takes what another has seen of the same engine, and of no other', async (t) => {
  const lesson = native.lesson();
  t.is(lesson !== undefined, told);
  const [build, ...words] = (lesson ?? '1.1.2.3.4.5.6.7.8').split('.');
  const wrong = ['', '.', 'x', `${Number(build) + 4096}.${words.join('.')}`, `${build}.${words.slice(1).join('.')}`, `${build}.${words.join('.')}.1`, `${build}.${words.join('.x')}`, `${build}.70000.${words.slice(1).join('.')}`];
  const source = `
    const { native } = require('../../lib/native');
    const told = (lesson) => [native.takeLesson(lesson), native.sortOf({}), native.lesson() ?? null];
    console.log(JSON.stringify(JSON.parse(process.argv[1]).map(told)));
    const { roundTrip } = require('./rig.js');
    console.log(JSON.stringify(roundTrip([{ a: [1, new Map([[1, {}]]).size] }])));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source, JSON.stringify([...wrong, `${lesson}`, `${lesson}`])], { cwd: __dirname });
  const [answers, clone] = stdout.trim().split('\n').map((line) => JSON.parse(line));
  t.deepEqual(answers, [...wrong.map(() => [false, 0, null]), ...Array.from({ length: 2 }, () => (told ? [true, 1, lesson] : [false, 0, null]))]);
  t.deepEqual(clone, [{ a: [1, 1] }]);
});

test('where another program has taken the language apart before, JavaScript asks', async (t) => {
  const source = `
    globalThis.WeakRef = undefined;
    const { native } = require('../../lib/native');
    const { roundTrip } = require('./rig.js');
    const disguised = Object.setPrototypeOf(new Map([[1, { a: 1 }]]), Object.prototype);
    console.log(native.sortOf({}), roundTrip([disguised])[0] instanceof Map, roundTrip({ a: [1] }).a[0]);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', source], { cwd: __dirname });
  t.is(stdout, '0 true 1\n');
});

/** Each getter does its worst to what has not been read yet. @param {(self: any) => void} deed */
const instance = (deed) => {
  class Base { get last() { return 'inherited'; } }
  class Sly extends Base {
    first = 1;
    last = 'own';
  }
  const object = new Sly();
  Object.defineProperty(object, 'first', { get() { deed(object); return 1; }, enumerable: true, configurable: true });
  Object.defineProperty(object, 'last', { value: 'own', writable: true, enumerable: true, configurable: true });
  return object;
};

/** @type {Record<string, (self: any) => void>} */
const deeds = {
  'deletes': (self) => { delete self.last; },
  'hides': (self) => { Object.defineProperty(self, 'last', { enumerable: false }); },
  'adds': (self) => { self.more = 1; },
  'changes the prototype': (self) => { Object.setPrototypeOf(self, { last: 'of another' }); delete self.last; },
  'deletes and adds': (self) => { delete self.last; Object.defineProperty(self, 'last', { value: 'again', enumerable: true }); },
};

for (const [name, deed] of Object.entries(deeds)) {
  test(`a getter of an instance ${name}`, (t) => {
    const make = () => Object.setPrototypeOf({ inner: instance(deed) }, Point.prototype);
    t.is(difference(roundTrip(make()), structuredClone(make())), undefined);
    t.is(difference(roundTrip([instance(deed), 1]), structuredClone([instance(deed), 1])), undefined);
  });
}

test('a getter inside changes the Map and the Set around it, which are written as they were', (t) => {
  const make = () => {
    const map = /** @type {Map<unknown, unknown>} */ (new Map());
    const set = /** @type {Set<unknown>} */ (new Set());
    map.set('a', { get it() { map.delete('b'); map.set('c', 3); set.clear(); return 1; } }).set('b', 2).set('set', set);
    set.add('kept').add({ get it() { set.clear(); set.add('late'); return 2; } }).add(3);
    return [set, map];
  };
  t.is(difference(roundTrip(make()), structuredClone(make())), undefined);
});

test('a Map that holds itself, a Set that holds itself, an instance that holds itself', (t) => {
  const map = new Map();
  const set = new Set();
  const point = /** @type {any} */ (new Point());
  map.set(map, set).set('point', point);
  set.add(set).add(map);
  Object.assign(point, { map, set, point });
  t.is(difference(roundTrip([point]), structuredClone([point])), undefined);
});

test('a culprit in an instance in a Set in a Map is named', (t) => {
  const culprit = Object.assign(new Point(), { of: () => {} });
  const error = t.throws(() => encode(new Map([['key', new Set([0, culprit])]])), { any: true });
  t.true(error?.message.endsWith(' at message.get("key").values()[1].of'), error?.message);
});
