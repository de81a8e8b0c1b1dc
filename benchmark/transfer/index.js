// npm run bench -- transfer [suite]: what it costs to hand things over, beside what else there is. Contenders take turns.
'use strict';

const { measureShared } = require('./shared.js');
const { measureSockets } = require('./sockets.js');
const { measureStreams } = require('./streams.js');

/** Each gives the figures of one round by contender, more is better. @type {Record<string, { unit: string, round: () => Promise<Record<string, number>> }>} */
const suites = {
  streams: { unit: 'MB/s from a child, in chunks of 64 KiB', round: measureStreams },
  sockets: { unit: 'connections a second handed to a child, each answered and closed there', round: measureSockets },
  shared: { unit: 'times a second there and back between two processes', round: measureShared },
};

const ROUNDS = 5;

/** @param {number[]} figures */
const median = (figures) => [...figures].sort((a, b) => a - b)[figures.length >> 1];

/** @param {string} name */
async function run(name) {
  const { unit, round } = suites[name];
  /** @type {Record<string, number[]>} */
  const figures = {};
  await round(); // warms up
  for (let i = 0; i < ROUNDS; i++) {
    for (const [contender, figure] of Object.entries(await round())) (figures[contender] ??= []).push(figure);
  }
  const [ours] = Object.values(figures);
  console.log(`\n${name}: ${unit}, median of ${ROUNDS} rounds [least, greatest]; ours to theirs of the same round`);
  for (const [contender, all] of Object.entries(figures)) {
    const ratio = median(all.map((figure, i) => ours[i] / figure)).toFixed(2);
    const [middle, least, greatest] = [median(all), Math.min(...all), Math.max(...all)].map((figure) => figure.toFixed(0));
    console.log(`  ${contender.padEnd(28)} ${middle.padStart(8)} [${least}, ${greatest}]  ${ratio}×`);
  }
}

(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !Object.hasOwn(suites, name));
  if (unknown !== undefined) throw new Error(`There is no suite '${unknown}'; there are: ${Object.keys(suites).join(', ')}`);
  for (const name of names.length > 0 ? names : Object.keys(suites)) await run(name);
})().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
