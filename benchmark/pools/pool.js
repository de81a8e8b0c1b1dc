// One pool, in a program of its own: the time to its first result, the memory of all its processes, tasks per second.
'use strict';

const { readFileSync, readdirSync } = require('node:fs');

const [name, seconds] = process.argv.slice(2);
const filename = require.resolve('./task.js');
const WORKERS = 2;
const AT_ONCE = 32;

async function open() {
  if (name === 'tinypool') {
    const { Tinypool } = await import('tinypool');
    return new Tinypool({ filename, runtime: 'child_process', minThreads: WORKERS, maxThreads: WORKERS });
  }
  const { Piscina } = require('piscina');
  return new Piscina({ filename, atomics: 'disabled', minThreads: WORKERS, maxThreads: WORKERS });
}

/** What this process and its children share of the memory, in bytes. */
function memory() {
  const children = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && parentOf(pid) === process.pid);
  const sizes = ['self', ...children].map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]));
  return sizes.reduce((sum, size) => sum + size * 1024, 0);
}

/** @param {string} pid */
function parentOf(pid) {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return 0; // it has just ended
  }
}

/**
 * @param {any} pool
 * @param {number} duration  in ms
 */
async function count(pool, duration) {
  const begin = performance.now();
  let done = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (; performance.now() - begin < duration; done++) {
      const result = await pool.run({ id: done, text: 'a task' });
      if (result.text !== 'a task') throw new Error('this is not what was sent');
    }
  }));
  return done / (performance.now() - begin) * 1000;
}

async function main() {
  const begin = performance.now();
  const pool = await open();
  await pool.run({ text: 'first' });
  const start = performance.now() - begin;
  await count(pool, 300); // the engine's compiler
  const perSecond = await count(pool, Number(seconds) * 1000);
  console.log(JSON.stringify({ start, perSecond, memory: memory() }));
  await pool.destroy();
}

main();
