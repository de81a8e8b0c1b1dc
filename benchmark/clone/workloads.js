// What is cloned in the benchmark, and which contenders can carry it.
'use strict';

/** 2 KB as JSON: an order, as services send them. */
function record(/** @type {number} */ i) {
  return {
    id: 1000000 + i,
    type: 'order',
    created: '2024-05-17T12:34:56.789Z',
    active: true,
    score: 0.123456789 * i,
    customer: {
      id: 77 + i, name: 'Ada Lovelace', email: 'ada@example.org', phone: null,
      address: { street: '12 St James Square', city: 'London', zip: 'SW1Y 4JH', country: 'GB', geo: { lat: 51.507, lon: -0.135 } },
    },
    items: Array.from({ length: 12 }, (_, n) => ({
      sku: `SKU-${1000 + n * 7 + i}`, title: 'Analytical engine part', quantity: n + 1, price: 9.99 * (n + 1),
      tags: ['brass', 'gear', 'v2'], stock: { warehouse: 'north', level: 250 - n },
    })),
    totals: { net: 779.22, tax: 148.05, gross: 927.27, currency: 'EUR' },
    notes: 'Leave with the neighbour if nobody answers the door. '.repeat(2),
    history: [1715949296, 1715949300, 1715949400, 1715950000],
  };
}

/** As a database gives them: what has been read is a text in one piece, where one that was put together may not be yet. */
function row(/** @type {number} */ i) {
  const hash = (Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return JSON.parse(JSON.stringify({
    id: `${hash}-aaaa-4bbb-8ccc-${hash}${hash.slice(4)}`, name: `Ada Lovelace ${i}`, email: `ada${i}@example.org`,
    created: `2026-11-29T20:${10 + (i % 50)}:00.000Z`, active: i % 2 === 0, score: i * 0.5,
  }));
}

function circular() {
  const root = { name: 'root', children: /** @type {unknown[]} */ ([]) };
  for (let i = 0; i < 20; i++) root.children.push({ name: `child ${i}`, parent: root, data: { value: i } });
  return root;
}

/** Objects within objects, none of which stands in an array. @returns {object} */
const tree = (/** @type {number} */ depth) => (depth === 0 ? { leaf: true } : { left: tree(depth - 1), right: tree(depth - 1), depth });

/** @type {{ next: unknown } | null} */
let list = null;
for (let i = 0; i < 200; i++) list = { next: list };

const places = {
  type: 'FeatureCollection',
  features: Array.from({ length: 50 }, (_, i) => ({
    type: 'Feature', geometry: { type: 'Point', coordinates: [i / 7, i / 9] }, properties: { name: `place ${i}` },
  })),
};

class Point { constructor(/** @type {number} */ i) { this.x = i; this.y = i / 2; this.z = -i; } }

const error = new TypeError('something went wrong', { cause: new Error('the reason') });

/**
 * The values are cloned by turns, so that nothing can be cached by identity. So often that a round takes the codec about ten
 * milliseconds: one of less than a millisecond would show whether a collection of garbage happens to fall into it.
 * @typedef {{ name: string, repeat: number, values: unknown[], lossy: string[], floor?: () => (value: any) => unknown }} Workload
 *   `floor` is what the engine and Node take for the content alone, copied into memory that is there and out of it
 */

/** @returns {(value: string) => string} */
function wideText() {
  /** @type {any} */
  const kept = Buffer.allocUnsafeSlow(1 << 16);
  return (value) => kept.ucs2Slice(0, kept.ucs2Write(value, 0));
}

/** @returns {(value: Uint8Array) => Uint8Array} */
function bytes() {
  const kept = new Uint8Array(1 << 20);
  return (value) => {
    kept.set(value);
    const copy = Buffer.allocUnsafeSlow(value.length);
    copy.set(kept);
    return copy;
  };
}

/** A call for all texts of a list, and a part of what that gives for each. @returns {(value: string[]) => string[]} */
function shortTexts() {
  /** @type {any} */
  const kept = Buffer.allocUnsafeSlow(1 << 16);
  return (value) => {
    const all = kept.latin1Slice(0, kept.latin1Write(value.join(''), 0));
    let end = 0;
    return value.map(({ length }) => all.slice(end, end += length));
  };
}

/** @type {Workload[]} */
const workloads = [
  { name: 'number', repeat: 200000, values: Array.from({ length: 16 }, (_, i) => i * 1000), lossy: [] },
  { name: '100-char string', repeat: 80000, values: Array.from({ length: 16 }, (_, i) => `${i}`.padEnd(100, 'abcdefghij')), lossy: [] },
  { name: '{id,op}', repeat: 60000, values: Array.from({ length: 16 }, (_, i) => ({ id: 5000 + i, op: 'open' })), lossy: [] },
  { name: '2 KB record', repeat: 1000, values: Array.from({ length: 16 }, (_, i) => record(i)), lossy: [] },
  { name: 'Map of 1000', repeat: 500, values: [new Map(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, i * 3]))], lossy: ['JSON'] },
  { name: 'cyclic graph', repeat: 1000, values: [circular()], lossy: ['JSON', 'msgpackr', 'cbor-x'] },
  { name: 'Error with cause', repeat: 10000, values: [error], lossy: ['JSON', 'msgpackr', 'cbor-x'] },
  { name: '1 MB of bytes', repeat: 300, values: [new Uint8Array(1 << 20).map((_, i) => i)], lossy: ['JSON'], floor: bytes },
  { name: '1 KB of bytes', repeat: 10000, values: [new Uint8Array(1 << 10).map((_, i) => i)], lossy: ['JSON'] },
  { name: 'array of 1000 integers', repeat: 1000, values: [Array.from({ length: 1000 }, (_, i) => i * 97)], lossy: [] },
  { name: 'array of 200 {id,op}', repeat: 200, values: [Array.from({ length: 200 }, (_, i) => ({ id: i, op: 'open' }))], lossy: [] },
  { name: 'class instance', repeat: 40000, values: [new (class Point { x = 1; y = 2; })()], lossy: [] },
  { name: 'objects of unlike keys', repeat: 5000, values: Array.from({ length: 5000 }, (_, i) => ({ [`user${i}`]: { [`k${i % 977}`]: i } })), lossy: [] },
  { name: 'Date, BigInt, Set', repeat: 20000, values: [{ d: new Date(5), b: 12345678901234567890n, s: new Set(['a', 'b', 'c']) }], lossy: ['JSON'] },
  { name: 'array of 1000 fractions', repeat: 2000, values: [Array.from({ length: 1000 }, (_, i) => i / 7)], lossy: [] },
  { name: '1000 points [x, y]', repeat: 80, values: [Array.from({ length: 1000 }, (_, i) => [i / 3, i / 7])], lossy: [] },
  { name: '1000 points {x, y}', repeat: 80, values: Array.from({ length: 8 }, () => Array.from({ length: 1000 }, (_, i) => ({ x: i, y: i / 2 }))), lossy: [] },
  { name: '1000 short strings', repeat: 200, values: Array.from({ length: 8 }, (_, list) => Array.from({ length: 1000 }, (_, i) => `item ${1000 * list + i}`)), lossy: [], floor: shortTexts },
  { name: '1000 UUIDs', repeat: 200, values: Array.from({ length: 8 }, (_, list) => Array.from({ length: 1000 }, (_, i) => row(1000 * list + i).id)), lossy: [], floor: shortTexts },
  { name: '200 rows', repeat: 100, values: Array.from({ length: 8 }, (_, list) => Array.from({ length: 200 }, (_, i) => row(200 * list + i))), lossy: [] },
  { name: '1 row', repeat: 10000, values: Array.from({ length: 16 }, (_, i) => row(i)), lossy: [] },
  { name: '100 Dates', repeat: 1000, values: [Array.from({ length: 100 }, (_, i) => new Date(1_700_000_000_000 + i))], lossy: ['JSON'] },
  { name: 'object of 100 keys', repeat: 3000, values: [Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key ${i}`, i]))], lossy: [] },
  { name: 'object of 1000 keys', repeat: 100, values: [Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, i]))], lossy: [] },
  { name: 'object of 1000 keys, from JSON', repeat: 100, values: [JSON.parse(JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, i]))))], lossy: [] },
  { name: 'object of 500 numbers for keys', repeat: 200, values: [Object.fromEntries(Array.from({ length: 500 }, (_, i) => [1000 + 3 * i, i]))], lossy: [] },
  { name: 'tree of 511 objects', repeat: 200, values: [tree(8)], lossy: [] },
  { name: 'linked list of 200', repeat: 300, values: [list], lossy: [] },
  { name: 'GeoJSON of 50 points', repeat: 300, values: [places], lossy: [] },
  { name: '200 rows with Dates', repeat: 200, values: [Array.from({ length: 200 }, (_, i) => ({ id: i, at: new Date(1_700_000_000_000 + i), name: `n${i}` }))], lossy: ['JSON'] },
  { name: '200 class instances', repeat: 200, values: [Array.from({ length: 200 }, (_, i) => new Point(i))], lossy: [] },
  { name: '16 KB string, wide', repeat: 8000, values: ['文字とasciiの'.repeat(1800)], lossy: [], floor: wideText },
];

module.exports = { workloads };
