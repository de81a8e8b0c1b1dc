// Random graphs, with shared parts and cycles, arrive as they were.
'use strict';

const test = require('ava').default;
const fc = require('fast-check');
const { difference } = require('./same.js');
const { roundTrip } = require('./rig.js');

const runs = Number(process.env.RUNS ?? 300);

const primitive = fc.oneof(
  fc.constant(undefined), fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.bigInt(), fc.constant(-0),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
);

const key = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('a', 'b', 'id', '__proto__', 'constructor', '0', '7', 'length', ''));

/** One node of a graph: its kind, primitives, keys, and edges to nodes by number. */
const node = fc.record({
  kind: fc.constantFrom('object', 'object', 'array', 'sparse', 'named', 'map', 'set', 'error', 'view', 'buffer', 'date', 'box', 'regexp', 'resizable'),
  values: fc.array(primitive, { maxLength: 6 }),
  keys: fc.array(key, { maxLength: 12 }),
  edges: fc.array(fc.nat(), { maxLength: 6 }),
  bytes: fc.uint8Array({ maxLength: 40 }),
  number: fc.nat(),
});

const graph = fc.array(node, { minLength: 1, maxLength: 40 });

/** @typedef {{ kind: string, values: any[], keys: string[], edges: number[], bytes: Uint8Array, number: number }} Node */

/** @param {Node} node */
function create({ kind, values, bytes, number }) {
  switch (kind) {
    case 'array': case 'sparse': case 'named': return [];
    case 'map': return new Map();
    case 'set': return new Set();
    case 'error': return Object.assign(new [Error, TypeError, RangeError][number % 3](`m${number}`), { stack: 'stack' });
    case 'buffer': return bytes.slice().buffer;
    case 'view': return new [Uint8Array, Int8Array, DataView, Uint8ClampedArray][number % 4](bytes.slice().buffer);
    case 'resizable': return new ArrayBuffer(bytes.length, { maxByteLength: bytes.length + (number % 9) });
    case 'date': return new Date(number);
    case 'box': return Object(values.find((value) => value !== null && value !== undefined) ?? 1);
    case 'regexp': return new RegExp(`a{${number % 9}}`, ['', 'g', 'iu', 'dsy'][number % 4]);
    default: return {};
  }
}

/**
 * @param {any} object
 * @param {string} name
 * @param {any} value
 */
function own(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/**
 * @param {any} object
 * @param {Node} node
 * @param {any[]} all
 */
function fill(object, { kind, values, keys, edges, number }, all) {
  const members = [...values, ...edges.map((edge) => all[edge % all.length])];
  const memory = all.find((other) => other instanceof ArrayBuffer && other.byteLength > 2);
  switch (kind) {
    case 'object': keys.forEach((name, i) => own(object, name, members[i % (members.length || 1)])); break;
    case 'array': object.push(...members); break;
    case 'sparse': members.forEach((member, i) => { object[i * (number % 300)] = member; }); break;
    case 'named': object.push(...members); keys.forEach((name) => { if (!/^(\d+|length)$/.test(name)) own(object, name, members[0]); }); break;
    case 'map': members.forEach((member, i) => object.set(members[(i * 7) % members.length], member)); break;
    case 'set': members.forEach((member) => object.add(member)); if (memory) object.add(new Uint8Array(memory, 1, 1)); break;
    case 'error': if (members.length > 0) Object.defineProperty(object, 'cause', { value: members.at(-1), writable: true, configurable: true }); break;
    default:
  }
}

/** @param {Node[]} nodes */
function build(nodes) {
  const all = nodes.map(create);
  nodes.forEach((node, i) => fill(all[i], node, all));
  return { root: all[0], all };
}

test('random graphs', (t) => {
  fc.assert(fc.property(graph, (nodes) => {
    const { root, all } = build(nodes);
    const value = { root, all };
    const found = difference(roundTrip(value), value);
    if (found !== undefined) throw new Error(found);
  }), { numRuns: runs });
  t.pass();
});

test('random JSON, again and again', (t) => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    for (let i = 0; i < 12; i++) {
      const found = difference(roundTrip([value, value]), [value, value]);
      if (found !== undefined) throw new Error(found);
    }
  }), { numRuns: runs });
  t.pass();
});
