// npm run bench -- pools [rounds] [seconds]: what a pool costs over Node's threads, our threads, our processes, and `fork`, by turns.
'use strict';

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const [rounds = 5, seconds = 1] = process.argv.slice(2).map(Number);
const preload = path.join(__dirname, '../../worker-processes.js');

/** Node's arguments, and the pool. @type {Record<string, [string[], string]>} */
const KINDS = {
  "piscina, Node's threads": [[], 'piscina'],
  'piscina, threads of ours': [['--require', require.resolve('./threads.js')], 'piscina'],
  'piscina, processes of ours': [['--require', preload], 'piscina'],
  'tinypool, child_process': [[], 'tinypool'],
};

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** @type {Record<string, { start: number, perSecond: number, memory: number }[]>} */
const results = Object.fromEntries(Object.keys(KINDS).map((kind) => [kind, []]));
for (let round = 0; round < rounds; round++) {
  for (const [kind, [node, name]] of Object.entries(KINDS)) {
    const printed = execFileSync(process.execPath, [...node, path.join(__dirname, 'pool.js'), name, String(seconds)], { encoding: 'utf8' });
    results[kind].push(JSON.parse(printed));
  }
}
// On a busy machine the best of each says most: what disturbs only slows down.
console.log('| | tasks per second, median | best | first result, ms, median | best | memory, MiB |\n|---|---|---|---|---|---|');
for (const [kind, measured] of Object.entries(results)) {
  const [perSecond, start, memory] = (/** @type {const} */ (['perSecond', 'start', 'memory'])).map((key) => measured.map((one) => one[key]));
  const [most, least] = [Math.max(...perSecond), Math.min(...start)];
  console.log(`| ${kind} | ${Math.round(median(perSecond))} | ${Math.round(most)} | ${median(start).toFixed(0)} | ${least.toFixed(0)} | ${(median(memory) / 2 ** 20).toFixed(0)} |`);
}
