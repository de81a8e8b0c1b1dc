// Messages between threads and between processes, ours against Node's own: interleaved rounds in one run, medians, ratios.
'use strict';

const { contenders } = require('./ports/contenders.js');

/** @typedef {import('./ports/contenders.js').Line} Line */

const ROUNDS = Number(process.env.ROUNDS ?? 5);
const BURST = 1000;

const text = 'x'.repeat(100);
const records = Array.from({ length: 20 }, (_, id) => ({ id, name: `record ${id}`, tags: ['a', 'b'], at: { x: id, y: -id } }));
const bytes = new Uint8Array(1 << 20);
const [kilobyte, part] = [bytes.slice(0, 1 << 10), bytes.slice(0, 64 << 10)];

/** Each with how many go to a thread and how many to a process, where the slowest contender sets the pace. */
const workloads = [
  { name: 'numbers', make: (/** @type {number} */ i) => i, threads: 200_000, processes: 50_000 },
  { name: '100-char strings', make: () => text, threads: 200_000, processes: 50_000 },
  { name: '{ id, op }', make: (/** @type {number} */ id) => ({ id, op: 'get' }), threads: 200_000, processes: 50_000 },
  { name: '2 KB of records', make: () => records, threads: 10_000, processes: 5_000 },
  { name: '1 KB of bytes', make: () => kilobyte, threads: 50_000, processes: 10_000 },
  { name: '64 KB of bytes', make: () => part, threads: 2_000, processes: 200 },
  { name: '1 MB of bytes', make: () => bytes, threads: 100, processes: 10 },
];

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const microseconds = () => Number(process.hrtime.bigint()) / 1e3;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * Microseconds per message, when they are sent in bursts and counted at the other side.
 * @param {Line} line
 * @param {(i: number) => unknown} make
 * @param {number} count
 */
async function stream(line, make, count) {
  const counted = new Promise((resolve) => line.listen(resolve));
  const start = microseconds();
  for (let i = 0; i < count; i++) {
    line.send(make(i));
    if (i % BURST === BURST - 1) await turn();
  }
  line.send('end');
  if (await counted !== count) throw new Error('messages were lost');
  return (microseconds() - start) / count;
}

/**
 * The median of many round trips in microseconds.
 * @param {Line} line
 */
async function roundTrip(line) {
  /** @type {() => void} */
  let arrived = () => {};
  line.listen(() => arrived());
  const times = [];
  for (let i = 0; i < 2000; i++) {
    const start = microseconds();
    await new Promise((resolve) => {
      arrived = () => resolve(undefined);
      line.send('ping');
    });
    times.push(microseconds() - start);
  }
  return median(times);
}

/** @param {string} title @param {Record<string, number[]>} figures */
function report(title, figures) {
  const medians = Object.entries(figures).map(([name, values]) => /** @type {const} */ ([name, median(values)]));
  const [[, ours]] = medians;
  const cells = medians.map(([name, value], i) => `${name} ${value.toFixed(2)} µs${i === 0 ? '' : ` (${(value / ours).toFixed(1)}×)`}`);
  console.log(`  ${title.padEnd(18)} ${cells.join('   ')}`);
}

async function main() {
  console.log(`Node ${process.version}, medians of ${ROUNDS} interleaved rounds; (n×) = ours is n times as fast`);
  for (const between of /** @type {const} */ (['threads', 'processes'])) {
    const lines = Object.entries(contenders[between]).map(([name, open]) => ({ name, line: open() }));
    console.log(`\nbetween two ${between}`);
    for (const { name, make, [between]: count } of workloads) {
      for (const { line } of lines) await stream(line, make, Math.ceil(count / 10));
      const figures = await rounds(lines, (line) => stream(line, make, count));
      report(name, figures);
    }
    report('round trip, p50', await rounds(lines, roundTrip));
    for (const { line } of lines) line.end();
  }
}

/**
 * @param {{ name: string, line: Line }[]} lines
 * @param {(line: Line) => Promise<number>} measure
 */
async function rounds(lines, measure) {
  /** @type {Record<string, number[]>} */
  const figures = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, line } of lines) (figures[name] ??= []).push(await measure(line));
  }
  return figures;
}

main().then(() => process.exit(), (error) => {
  console.error(error);
  process.exit(1);
});
