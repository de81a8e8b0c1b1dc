// Arrays of many objects, which are asked for what they are many at once: each arrives as what it is, once, and as it was when its turn came.
'use strict';

const { promisify } = require('node:util');
const test = require('ava').default;
const fc = require('fast-check');
const { LINEAR_SEARCH, MANY_ALIKE, MAX_RECURSION, RETAINED_OBJECTS, TOLD_AT_ONCE } = require('../../lib/clone/limits.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

const execFile = promisify(require('node:child_process').execFile);

/** Lengths at which another way begins, and some around them. */
const LENGTHS = [1, MANY_ALIKE - 1, MANY_ALIKE, LINEAR_SEARCH / 2, LINEAR_SEARCH / 2 + 1, LINEAR_SEARCH - 1, LINEAR_SEARCH, LINEAR_SEARCH + 1, TOLD_AT_ONCE - 1, TOLD_AT_ONCE, TOLD_AT_ONCE + 1, 300];

/** One of each kind. @type {Record<string, (i: number) => any>} */
const KINDS = {
  'ordinary objects': (i) => ({ i, text: `text number ${i}` }),
  'empty objects': () => ({}),
  'instances of a class': (i) => new (class { i = i; })(),
  'objects with a getter': (i) => ({ get i() { return i; } }),
  'points': (i) => [i / 3, i],
  'arrays of texts': (i) => Array.from({ length: 9 }, (_, n) => `text ${i} ${n}`),
  'arrays with holes': (i) => [i, , i], // eslint-disable-line no-sparse-arrays
  'arrays with names': (i) => Object.assign([i], { name: i }),
  'arrays of objects': (i) => Array.from({ length: MANY_ALIKE }, (_, n) => ({ n: n + i })),
  'Dates': (i) => new Date(i),
  'Maps': (i) => new Map([[i, { i }]]),
  'Sets': (i) => new Set([i]),
  'regular expressions': (i) => new RegExp(`a${i}`, 'g'),
  'errors': (i) => new RangeError(`${i}`),
  'boxes': (i) => Object(i),
  'bytes': (i) => new Uint8Array([i]),
  'DataViews': () => new DataView(new ArrayBuffer(2)),
};

/** @param {import('ava').ExecutionContext} t @param {unknown} message */
function arrives(t, message) {
  const { body, memories } = encode(message);
  const expected = structuredClone(message);
  t.is(difference(decodeAlone(body, { memories }), expected), undefined);
  t.is(difference(decodeByThePage(body, memories), expected), undefined);
}

for (const [kind, make] of Object.entries(KINDS)) {
  test(`many ${kind}, some of them twice`, (t) => {
    for (const length of LENGTHS) {
      const some = Array.from({ length }, (_, i) => make(i));
      arrives(t, some);
      arrives(t, [...some]);
      arrives(t, { first: some[0], some, again: some, last: some.at(-1) });
      const twice = [...some, some[0], some[length >> 1], ...some.slice(length >> 1)];
      arrives(t, twice);
      arrives(t, [twice, some, [some]]);
      const arrived = /** @type {any} */ (roundTrip(twice));
      for (const [i, each] of twice.entries()) t.is(arrived.indexOf(arrived[i]), twice.indexOf(each));
    }
  });
}

test('all kinds in one array, and what is no object', (t) => {
  const makes = Object.values(KINDS);
  const some = Array.from({ length: 40 * makes.length }, (_, i) => (i % 11 === 10 ? [null, undefined, 1, 'text', 5n, false][i % 6] : makes[i % makes.length](i)));
  arrives(t, some);
  arrives(t, [{}, ...some, ...some]);
  arrives(t, some.map((each) => ({ each, again: [each] })));
});

test('more than are remembered, and few and many by turns', (t) => {
  for (const length of [RETAINED_OBJECTS, 3, RETAINED_OBJECTS + 1, LINEAR_SEARCH + 2, 5, 4 * RETAINED_OBJECTS, 1, LINEAR_SEARCH + 2]) {
    const some = Array.from({ length }, (_, i) => ({ i }));
    const arrived = /** @type {any} */ (roundTrip([some, [...some].reverse()]));
    t.true(arrived[0].every((/** @type {any} */ each, /** @type {number} */ i) => each.i === i && arrived[1][length - 1 - i] === each));
  }
});

test('as deep as the codec recurses, and deeper', (t) => {
  for (const depth of [MAX_RECURSION - 3, MAX_RECURSION - 2, MAX_RECURSION - 1, MAX_RECURSION, MAX_RECURSION + 1]) {
    /** @type {any} */
    let deep = Array.from({ length: 2 * MANY_ALIKE }, (_, i) => [i, { i }]);
    for (let i = 0; i < depth; i++) deep = [deep];
    arrives(t, deep);
  }
});

test('what a getter does to those whose turn comes later', (t) => {
  /** @type {Record<string, (later: any[], i: number) => unknown>} */
  const deeds = {
    'a name': (later, i) => { later[i].name = 'a name'; },
    'an element more': (later, i) => later[i].push({ more: 1 }),
    'an element less': (later, i) => { delete later[i][0]; },
    'a getter': (later, i) => Object.defineProperty(later[i], 1, { enumerable: true, get: () => 'got' }),
    'another': (later, i) => { later[i] = { another: true }; },
    'a text': (later, i) => { later[i] = 'text'; },
    'a prototype': (later, i) => Object.setPrototypeOf(later[i], { inherited: 1 }),
    'none': (later, i) => { delete later[i]; },
    'fewer': (later, i) => { later.length = i; },
  };
  /** Where a getter may be. @type {Record<string, (get: () => unknown) => any>} */
  const places = {
    'a member': (get) => Object.defineProperty({}, 'now', { enumerable: true, get }),
    'a member of an element': (get) => [Object.defineProperty({}, 'now', { enumerable: true, get })],
    'an element': (get) => Object.defineProperty([1, 2], 1, { enumerable: true, get }),
    'one of many elements': (get) => Object.defineProperty(Array(2 * MANY_ALIKE).fill(1), 1, { enumerable: true, get }),
    'a member of an instance': (get) => Object.defineProperty(new (class {})(), 'now', { enumerable: true, get }),
    'the name of an error': (get) => Object.defineProperty(Object.assign(new Error('text'), { stack: 'text' }), 'name', { get }),
    'in a Map': (get) => new Map([[1, Object.defineProperty({}, 'now', { enumerable: true, get })]]),
  };
  for (const [name, deed] of Object.entries(deeds)) {
    for (const [where, make] of Object.entries(places)) {
      for (const at of [1, 5, TOLD_AT_ONCE, TOLD_AT_ONCE + 3]) {
        const message = () => {
          /** @type {any[]} */
          const later = Array.from({ length: 2 * TOLD_AT_ONCE }, (_, i) => [i, i + 1]);
          later[0] = make(() => {
            deed(later, at);
            return 'text';
          });
          return later;
        };
        t.is(difference(roundTrip(message()), structuredClone(message())), undefined, `${name} at ${at}, of a getter that is ${where}`);
      }
    }
  }
});

test('the path of one that cannot be cloned', (t) => {
  for (const at of [0, 5, TOLD_AT_ONCE, TOLD_AT_ONCE + 3]) {
    for (const [one, path] of /** @type {[any, string][]} */ ([[() => {}, ''], [{ a: () => {} }, '.a'], [[1, () => {}], '[1]'], [new Proxy([], {}), '']])) {
      const list = /** @type {any[]} */ (Array.from({ length: 2 * TOLD_AT_ONCE }, (_, i) => ({ i })));
      list[at] = one;
      t.throws(() => encode({ list }), { name: 'DataCloneError', any: true, message: new RegExp(`\\.list\\[${at}\\]${path.replace(/[[\].]/g, '\\$&')}(?![.[])`) });
      t.deepEqual(roundTrip([list.length]), [list.length]);
    }
  }
});

test('any graph of many', (t) => {
  const makes = Object.values(KINDS);
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(makes.length - 1), fc.array(fc.nat(), { maxLength: 3 })), { minLength: 1, maxLength: 200 }), (plan) => {
    const nodes = plan.map(([kind], i) => makes[kind](i));
    for (const [i, [, ends]] of plan.entries()) {
      if (Array.isArray(nodes[i])) for (const end of ends) nodes[i].push(nodes[end % nodes.length]);
      else if (nodes[i] instanceof Map) for (const end of ends) nodes[i].set(nodes[end % nodes.length], end);
    }
    arrives(t, nodes);
  }), { numRuns: 200 });
});

test('without the engine it is the same', async (t) => {
  const { stdout } = await execFile(process.execPath, ['-e', `
    const { roundTrip } = require('./rig.js');
    const some = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? new Date(i) : i % 3 === 1 ? [i] : { i }));
    const arrived = roundTrip([...some, ...some]);
    console.log(some.every((_, i) => arrived[i] === arrived[300 + i]), new Set(arrived).size);
  `], { cwd: __dirname, env: { ...process.env, MESSAGE_PORTS_ENGINE: 'none' } });
  t.is(stdout, 'true 300\n');
});
