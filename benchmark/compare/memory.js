// How much memory this process and the kernel use, with the garbage collected first.
'use strict';

const fs = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

/** @type {any} */
const { Bun } = globalThis;

/** @returns {() => void} */
function collector() {
  if (Bun !== undefined) return () => Bun.gc(true);
  v8.setFlagsFromString('--expose-gc');
  return globalThis.gc ?? vm.runInNewContext('gc');
}

let collect = () => {
  collect = collector();
  collect();
};

/** Resident bytes of this process. */
function usedMemory() {
  collect();
  collect();
  return process.memoryUsage().rss;
}

/**
 * Bytes in the kernel's slabs, where it tells (to root): sockets and open files live there, those of all processes.
 * @returns {number | null}
 */
function kernelMemory() {
  try {
    const rows = fs.readFileSync('/proc/slabinfo', 'utf8').split('\n').slice(2, -1).map((row) => row.split(/\s+/));
    return rows.reduce((sum, [, objects, , size]) => sum + Number(objects) * Number(size), 0);
  } catch {
    return null;
  }
}

module.exports = { kernelMemory, usedMemory };
