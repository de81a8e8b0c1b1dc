// Objects that have been tampered with (prototypes, descriptors, holes) arrive as Node's own structuredClone makes them.
'use strict';

const test = require('ava').default;
const fc = require('fast-check');
const { difference } = require('./same.js');
const { roundTrip } = require('./rig.js');

const runs = Number(process.env.RUNS ?? 3000);

/** What is tampered with; some kinds cannot be cloned, and must not pass for something that can. */
const kinds = {
  'object': () => ({ a: 1, b: 'two' }),
  'empty object': () => ({}),
  'dictionary': () => ({ 5: 'five', a: 1 }),
  'array': () => [1, undefined, 'three'],
  'array of objects': () => [{ id: 1 }, { id: 2 }],
  'empty array': () => [],
  'long array': () => Array.from({ length: 130 }, (_, i) => i * 3),
  'holes': () => [, 1, , 2, ,], // eslint-disable-line no-sparse-arrays
  'long holes': () => Object.assign(new Array(300), { 7: 'seven', 250: 'far' }),
  'instance': () => new (class Point { x = 1; get y() { return 2; } })(),
  'Map': () => new Map([['k', 1], [{ a: 1 }, 'v']]),
  'Set': () => new Set([1, 'x']),
  'Date': () => new Date(12345),
  'RegExp': () => /a+/gi,
  'Number': () => Object(7),
  'String': () => Object('text'),
  'Boolean': () => Object(false),
  'BigInt': () => Object(7n),
  'Symbol': () => Object(Symbol('s')),
  'ArrayBuffer': () => new ArrayBuffer(4),
  'Uint8Array': () => new Uint8Array([1, 2, 3]),
  'Float64Array': () => new Float64Array([0.5]),
  'DataView': () => new DataView(new ArrayBuffer(3)),
  'Promise': () => Promise.resolve(1),
  'WeakMap': () => new WeakMap(),
  'WeakSet': () => new WeakSet(),
  'WeakRef': () => new WeakRef(Object),
  'FinalizationRegistry': () => new FinalizationRegistry(() => {}),
  'generator': () => (function* generate() { yield 1; })(),
  'array iterator': () => [1][Symbol.iterator](),
  'Map iterator': () => new Map([[1, 2]]).keys(),
  'Set iterator': () => new Set([1]).values(),
  'arguments': () => (function args() { return arguments; })(1, 2),  
  'NumberFormat': () => new Intl.NumberFormat('en'),
  'Memory': () => new WebAssembly.Memory({ initial: 0 }),
  'proxy': () => new Proxy({ a: 1 }, {}),
  'proxy of an array': () => new Proxy([1], {}),
};

/** Nothing tells these apart but their prototype: with another one they pass for ordinary objects. */
const KNOWN_BY_PROTOTYPE = ['WeakRef', 'FinalizationRegistry', 'array iterator', 'NumberFormat', 'Memory'];

/** @type {Record<string, () => object | null>} */
const prototypes = {
  'null': () => null,
  'Object': () => Object.prototype,
  'Array': () => Array.prototype,
  'Map': () => Map.prototype,
  'Date': () => Date.prototype,
  'Uint8Array': () => Uint8Array.prototype,
  'elements': () => ({ 0: 'inherited', 1: 'too', 200: 'far', a: 'inherited', __proto__: Array.prototype }),
  'a class': () => (class Custom { method() {} }).prototype,
  'an object of its own': () => ({ a: 'inherited', z: 9 }),
  'bound methods': () => ({ constructor: function named() {}.bind(null), next: function next() {}.bind(null) }),
};

const KEYS = ['a', 'b', 'z', '0', '1', '2', '5', '-1', '01', '1.5', '129', '4294967294', '4294967295', '', '__proto__', 'constructor', 'toString', 'length', 'next', 'size'];

const tampering = fc.oneof(
  fc.record({ act: fc.constant('prototype'), name: fc.constantFrom(...Object.keys(prototypes)) }),
  fc.record({
    act: fc.constant('define'), key: fc.constantFrom(...KEYS), enumerable: fc.boolean(), writable: fc.boolean(),
    configurable: fc.boolean(), accessor: fc.boolean(), inner: fc.boolean(),
  }),
  fc.record({ act: fc.constant('delete'), key: fc.constantFrom(...KEYS) }),
  fc.record({ act: fc.constant('length'), length: fc.constantFrom(0, 1, 2, 5, 120, 400) }),
  fc.record({ act: fc.constantFrom('freeze', 'seal', 'symbol', 'nothing') }),
);

const recipe = fc.record({
  kind: fc.constantFrom(...Object.keys(kinds)),
  tamperings: fc.array(tampering, { maxLength: 4 }),
  place: fc.constantFrom('itself', 'member', 'element', 'key', 'twice'),
});

/** @param {any} object @param {any} how @param {unknown[]} log what getters have said, in order */
function tamper(object, how, log) {
  const { act, key } = how;
  if (act === 'prototype') Object.setPrototypeOf(object, prototypes[how.name]());
  if (act === 'define') {
    const { enumerable, writable, configurable, accessor, inner } = how;
    const value = inner ? { inner: key } : `value of ${key}`;
    Object.defineProperty(object, key, accessor
      ? { enumerable, configurable, get() { log.push(key); return value; } } : { enumerable, writable, configurable, value });
  }
  if (act === 'delete') delete object[key];
  if (act === 'length' && Array.isArray(object)) object.length = how.length;
  if (act === 'freeze') Object.freeze(object);
  if (act === 'seal') Object.seal(object);
  if (act === 'symbol') object[Symbol('key')] = 1;
}

/** @param {any} recipe @param {unknown[]} log */
function make({ kind, tamperings, place }, log) {
  const object = /** @type {Record<string, () => any>} */ (kinds)[kind]();
  for (const how of tamperings) {
    try {
      tamper(object, how, log);
    } catch {
      // It cannot be tampered with in this way.
    }
  }
  switch (place) {
    case 'member': return { before: 1, object, after: 2 };
    case 'element': return [0, object];
    case 'key': return new Map([[object, object]]);
    case 'twice': return [object, object];
    default: return object;
  }
}

/**
 * @param {(value: any) => unknown} clone
 * @param {any} recipe
 */
function outcome(clone, recipe) {
  /** @type {unknown[]} */
  const log = [];
  const value = make(recipe, log);
  log.length = 0; // what setting up has read
  try {
    return { cloned: clone(value), log };
  } catch (error) {
    return { refused: /** @type {Error} */ (error).name };
  }
}

/** @param {any} recipe */
function compare(recipe) {
  const [ours, nodes] = [outcome(roundTrip, recipe), outcome(structuredClone, recipe)];
  const disguised = recipe.tamperings.some(({ act }) => act === 'prototype') && KNOWN_BY_PROTOTYPE.includes(recipe.kind);
  if (disguised && nodes.refused) return undefined;
  if (ours.refused !== nodes.refused) return `ours: ${ours.refused ?? 'cloned'}, Node's: ${nodes.refused ?? 'cloned'}`;
  if (ours.refused !== undefined) return undefined;
  return difference(ours.cloned, nodes.cloned) ?? difference(ours.log, nodes.log);
}

test('whatever was done to an object, it arrives as it does with structuredClone', (t) => {
  fc.assert(fc.property(recipe, (each) => {
    const found = compare(each);
    if (found !== undefined) throw new Error(found);
  }), { numRuns: runs, examples: [] });
  t.pass();
});

for (const kind of Object.keys(kinds)) {
  for (const name of Object.keys(prototypes)) {
    test(`${kind}, with the prototype of: ${name}`, (t) => {
      for (const more of [[], [{ act: 'define', key: 'z', enumerable: true, writable: true, configurable: true }]]) {
        for (const place of ['itself', 'twice']) {
          t.is(compare({ kind, tamperings: [{ act: 'prototype', name }, ...more], place }), undefined);
        }
      }
    });
  }
}
