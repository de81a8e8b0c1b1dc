// Encode and decode, the codec against its rivals: each case of each in a process of its own, by turns and on one core; medians, and
// ratios within a round.
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { FLOOR, contenders } = require('./clone/contenders.js');
const { workloads } = require('./clone/workloads.js');
const { placed } = require('./compare/cores.js');
const { ratios, summary } = require('./compare/statistics.js');

const ROUNDS = Number(process.env.ROUNDS ?? 9);
const only = process.argv[2];

/** All on the same core: the other may have a neighbour just then. */
const [command, ...before] = placed('same').prefix;
const place = command === undefined ? {} : { execPath: command, execArgv: [...before, process.execPath] };

/**
 * Microseconds per clone, round by round.
 * @param {string[]} able  contenders
 * @param {string} workload
 */
async function timed(able, workload) {
  const processes = able.map((name) => ({
    name, child: fork(path.join(__dirname, 'clone', 'contender.js'), [name, workload], place), times: /** @type {number[]} */ ([]),
  }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { child, times } of processes) {
      child.send('once more');
      times.push((await once(child, 'message'))[0]);
    }
  }
  for (const { child } of processes) child.disconnect();
  return new Map(processes.map(({ name, times }) => [name, times]));
}

async function main() {
  const rivals = [...Object.keys(contenders), FLOOR];
  console.log(`Node ${process.version}, ${ROUNDS} rounds, µs of CPU time per encode + decode (times the codec's)\n`);
  console.log(['', ...rivals].map((text, i) => (i === 0 ? text.padEnd(24) : text.padStart(18))).join(''));
  for (const { name, lossy, floor } of workloads) {
    if (only !== undefined && !name.includes(only)) continue;
    const times = await timed(rivals.filter((rival) => (rival === FLOOR ? floor !== undefined : !lossy.includes(rival))), name);
    const codec = times.get('codec') ?? [];
    const cells = rivals.map((rival) => {
      const its = times.get(rival);
      if (its === undefined) return '–'.padStart(18);
      const figure = summary(its).median;
      return `${figure.toFixed(figure < 10 ? 3 : 1)} (${ratios(its, codec).median.toFixed(2)})`.padStart(18);
    });
    console.log(name.padEnd(24) + cells.join(''));
  }
}

void main();
