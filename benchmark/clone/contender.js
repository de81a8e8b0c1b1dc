// One contender and one case in a process of their own: a round whenever it is told to, and the answer how long that took.
'use strict';

const { FLOOR, contenders } = require('./contenders.js');
const { workloads } = require('./workloads.js');

/** Microseconds of CPU time, so that the engine's compiler, whose threads count, is done before the first round. */
const WARM_UP = 500_000;

const [name, wanted] = process.argv.slice(2);
const workload = workloads.find((each) => each.name === wanted);
const clone = name === FLOOR ? workload?.floor?.() : contenders[name]?.();
if (clone === undefined || workload === undefined) throw new Error(`${name} does not clone ${wanted}`);

/** Of this process: what else the machine does meanwhile must not count. */
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/**
 * Microseconds per clone.
 * @param {(value: any) => unknown} clone
 * @param {import('./workloads.js').Workload} workload
 */
function time(clone, { values, repeat }) {
  const start = cpuTime();
  for (let i = 0; i < repeat; i++) clone(values[i % values.length]);
  return (cpuTime() - start) / repeat;
}

const warm = cpuTime() + WARM_UP;
do time(clone, workload); while (cpuTime() < warm);

process.on('message', () => process.send?.(time(clone, workload)));
