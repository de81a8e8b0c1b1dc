// Keeps one short text of each of many messages, and tells how many bytes each of those takes.
const { encode, decodeAlone } = require('../clone/rig.js');

const { body } = encode(Array.from({ length: 20_000 }, (_, i) => String(i).padStart(12, 'x')));
const kept = [];
const keep = (/** @type {number} */ i) => { kept[i] = decodeAlone(body)[i]; };
keep(0);
globalThis.Bun.gc(true);
const before = process.memoryUsage().heapUsed;
for (let i = 0; i < 300; i++) keep(i);
globalThis.Bun.gc(true);
console.log(JSON.stringify({ each: (process.memoryUsage().heapUsed - before) / kept.length, all: body.length }));
