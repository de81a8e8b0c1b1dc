// On which processor cores a process is to run; its threads and children stay on them.
'use strict';

const fs = require('node:fs');
const { spawnSync } = require('node:child_process');

/** The first two cores that this process may use. */
function allowed() {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }).slice(0, 2);
}

/**
 * The command that puts a process there, or why that is not possible.
 * @param {'same' | 'split' | undefined} cores @returns {{ prefix: string[], problem?: string }}
 */
function placed(cores) {
  if (cores === undefined) return { prefix: [] };
  if (process.platform !== 'linux' || spawnSync('taskset', ['-V']).error) return { prefix: [], problem: 'cores are chosen with taskset, which is not here' };
  const [first, second] = allowed();
  if (cores === 'same') return { prefix: ['taskset', '-c', String(first)] };
  if (second === undefined) return { prefix: [], problem: 'it takes two cores' };
  return { prefix: ['taskset', '-c', `${first},${second}`] };
}

module.exports = { placed };
