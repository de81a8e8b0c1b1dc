// Encode and decode, the codec against its rivals: interleaved rounds in one run, medians, ratios to the codec.
'use strict';

const v8 = require('node:v8');
const vm = require('node:vm');
const { contenders } = require('./clone/contenders.js');
const { workloads } = require('./clone/workloads.js');

const ROUNDS = Number(process.env.ROUNDS ?? 9);
/** Milliseconds before the first round for each contender, so that the engine's compiler, whose threads count as CPU time of
 * the process, is done with it. */
const WARM_UP = 300;
const only = process.argv[2];

/** What one contender leaves behind, the next must not pay for. */
v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

/**
 * Microseconds per clone.
 * @param {(value: any) => unknown} clone
 * @param {unknown[]} values
 * @param {number} repeat
 */
function time(clone, values, repeat) {
  const start = cpuTime();
  for (let i = 0; i < repeat; i++) clone(values[i % values.length]);
  return (cpuTime() - start) / repeat;
}

/** Of this process: what else the machine does meanwhile must not count. */
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * @param {(value: any) => unknown} clone
 * @param {unknown[]} values
 * @param {number} repeat
 */
function warmUp(clone, values, repeat) {
  const end = Date.now() + WARM_UP;
  do time(clone, values, repeat); while (Date.now() < end);
}

/** @param {number[]} times */
function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

const rivals = contenders();
console.log(`Node ${process.version}, ${ROUNDS} rounds, µs of CPU time per encode + decode (times the codec's)\n`);
console.log(['', ...rivals.map(({ name }) => name)].map((text, i) => (i === 0 ? text.padEnd(24) : text.padStart(18))).join(''));

for (const { name, values, repeat, lossy } of workloads) {
  if (only !== undefined && !name.includes(only)) continue;
  const able = rivals.filter((rival) => !lossy.includes(rival.name));
  /** @type {Map<string, number[]>} */
  const times = new Map(able.map((rival) => [rival.name, []]));
  for (const { clone } of able) warmUp(clone, values, repeat);
  for (let round = 0; round < ROUNDS; round++) {
    for (const rival of able) {
      collectGarbage();
      times.get(rival.name)?.push(time(rival.clone, values, repeat));
    }
  }
  const medians = new Map([...times].map(([rival, list]) => [rival, median(list)]));
  const ours = medians.get('codec') ?? NaN;
  const cells = rivals.map((rival) => {
    const its = medians.get(rival.name);
    return (its === undefined ? '–' : `${its.toFixed(its < 10 ? 3 : 1)} (${(its / ours).toFixed(1)})`).padStart(18);
  });
  console.log(name.padEnd(24) + cells.join(''));
}
