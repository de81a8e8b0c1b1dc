// Objects whose list of keys has come often are written by a function of their own: nobody sees when that begins.
'use strict';

const { promisify } = require('node:util');
const test = require('ava').default;
const { COMPILE_AFTER, MAX_COMPILED, MAX_RECURSION } = require('../../lib/clone/limits.js');
const { OBJECT, EARLY } = require('../../lib/clone/tags.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

const execFile = promisify(require('node:child_process').execFile);

/** So often that there is a function by then, whatever it was tried at. */
const OFTEN = 4 * COMPILE_AFTER;

/** @param {import('ava').ExecutionContext} t @param {() => unknown} make */
function arrivesOften(t, make) {
  for (let times = 0; times < OFTEN; times++) {
    const { body, memories } = encode(make());
    t.is(difference(decodeAlone(body, { memories }), make()), undefined);
    t.is(difference(decodeByThePage(body, memories), make()), undefined);
  }
}

/** @type {Record<string, string[]>} */
const KEYS = {
  'one': ['a'],
  'what needs quotes': ['a b', "it's", '"', '\\', '\n', '\u2028', '${x}', '`', '*/', '//', ''],
  'half pairs and wide ones': ['\ud800', '\udc00x', '字', '\u{1f600}'],
  'what is a word of the language': ['if', 'this', 'writer', 'object', 'depth', 'v', 'i', 'hasOwn', 'failed', 'arguments', 'eval'],
  'what objects have': ['x', 'toString', 'constructor', 'valueOf', 'hasOwnProperty'],
  '__proto__': ['x', '__proto__', 'y'],
  'many': Array.from({ length: 127 }, (_, i) => `key ${i}`),
};

for (const [name, keys] of Object.entries(KEYS)) {
  test(`keys: ${name}`, (t) => {
    const make = (/** @type {(i: number) => unknown} */ valueOf) => () => {
      const object = {};
      keys.forEach((key, i) => Object.defineProperty(object, key, { value: valueOf(i), enumerable: true, writable: true, configurable: true }));
      return object;
    };
    arrivesOften(t, make((i) => i));
    arrivesOften(t, make((i) => [undefined, null, 'text', { i }, [i], i / 3][i % 6]));
    arrivesOften(t, make(() => undefined));
  });
}

/** With a getter in the midst, which does something to the object. @type {Record<string, (object: any) => unknown>} */
const DEEDS = {
  'deletes a later one': (object) => delete object.later,
  'deletes an earlier one': (object) => delete object.first,
  'hides a later one': (object) => Object.defineProperty(object, 'later', { enumerable: false }),
  'changes a later one': (object) => { object.later = 'changed'; },
  'makes it undefined': (object) => { object.later = undefined; },
  'puts a later one at the end': (object) => { delete object.later; object.later = 'again'; },
  'adds one': (object) => { object.added = 1; },
  'freezes it': (object) => Object.freeze(object),
  'takes its prototype': (object) => Object.setPrototypeOf(object, { later: 'inherited', last: 'inherited' }),
  'deletes all': (object) => { for (const key of Object.keys(object)) delete object[key]; },
};

for (const [name, deed] of Object.entries(DEEDS)) {
  test(`a getter ${name}`, (t) => {
    const make = () => ({ first: 1, get now() { deed(this); return 'got'; }, later: { a: 2 }, last: 'last' });
    for (let times = 0; times < OFTEN; times++) roundTrip({ first: times, now: 'plain', later: null, last: 'x' });
    for (let times = 0; times < 3; times++) {
      const expected = structuredClone(make());
      const { body } = encode(make());
      t.is(difference(decodeAlone(body), expected), undefined);
      t.is(difference(decodeByThePage(body, []), expected), undefined);
      const inside = () => { const object = make(); return [object, object, { object }]; };
      t.is(difference(roundTrip(inside()), structuredClone(inside())), undefined);
    }
  });
}

test('a member that is gone is a hole, and the object early', (t) => {
  const make = () => ({ get go() { delete (/** @type {any} */ (this).gone); return 1; }, gone: 2 });
  for (let times = 0; times < OFTEN; times++) roundTrip({ go: 1, gone: 2 });
  const { body } = encode(make());
  t.is(body[1], OBJECT.RECORD_NEW | EARLY);
  t.deepEqual(decodeAlone(body), { go: 1 });
});

test('an error names the member it is about', (t) => {
  const make = (/** @type {any} */ last) => ({ one: 1, two: { three: [0, { last }] } });
  for (let times = 0; times < OFTEN; times++) roundTrip(make(times));
  t.throws(() => encode(make(() => {})), { any: true, name: 'DataCloneError', message: /message\.two\.three\[1\]\.last/ });
  t.throws(() => encode({ one: Symbol('s'), two: 1 }), { any: true, name: 'DataCloneError', message: /message\.one/ });
  const thrown = new TypeError('of the getter');
  t.is(t.throws(() => encode({ get one() { throw thrown; }, two: 1 })), thrown);
  t.deepEqual(roundTrip(make('afterwards')), make('afterwards'));
});

test('deeper than the codec recurses, itself in itself, and one message in another', (t) => {
  const make = () => {
    /** @type {any} */
    let deep = { end: 1 };
    for (let i = 0; i < 2 * MAX_RECURSION; i++) deep = { deep, i };
    const self = /** @type {any} */ ({ deep, i: -1 });
    self.self = self;
    return self;
  };
  for (let times = 0; times < OFTEN; times++) t.is(difference(roundTrip(make()), make()), undefined);
  for (let times = 0; times < OFTEN; times++) {
    /** @type {unknown} */
    let inner;
    const outer = { a: 1, get b() { inner = roundTrip({ a: 'inner', b: times }); return 2; }, c: { a: 3, b: 4 } };
    t.deepEqual(roundTrip(outer), { a: 1, b: 2, c: { a: 3, b: 4 } });
    t.deepEqual(inner, { a: 'inner', b: times });
  }
});

test('more lists of keys than functions are made at once, and what they were made for goes on', (t) => {
  for (let list = 0; list < MAX_COMPILED + 20; list++) for (let times = 0; times <= COMPILE_AFTER; times++) roundTrip({ [`list${list}`]: times, other: 1 });
  t.deepEqual(roundTrip({ list0: 1, other: 2 }), { list0: 1, other: 2 });
  t.deepEqual(roundTrip({ [`list${MAX_COMPILED + 19}`]: 1, other: 2 }), { [`list${MAX_COMPILED + 19}`]: 1, other: 2 });
});

test('where nothing may be compiled, nothing is', async (t) => {
  const program = `
    const { roundTrip } = require('./rig.js');
    let last;
    for (let i = 0; i < 100; i++) last = roundTrip([{ id: i, op: 'x' }, { id: i, op: { id: 1, op: undefined } }]);
    console.log(JSON.stringify(last));`;
  const { stdout } = await execFile(process.execPath, ['--disallow-code-generation-from-strings', '-e', program], { cwd: __dirname });
  t.deepEqual(JSON.parse(stdout), [{ id: 99, op: 'x' }, { id: 99, op: { id: 1 } }]);
});
