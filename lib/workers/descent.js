// Whether a process was started by another, or by one that was: as the system says, whoever tells of it.
'use strict';

const { readFileSync } = require('node:fs');
const { PIDS_IN_LINE } = require('./limits.js');

const { isInteger } = Number;

/** The process that started this one; 0 where there is none, or it has ended. @param {number} pid */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Its name stands in parentheses, and may have some itself; behind it stand its state and its parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/**
 * @param {number} pid  that somebody tells of
 * @param {number} root
 */
function descends(pid, root) {
  if (!isInteger(pid)) return false;
  let at = pid;
  for (let steps = 0; at > 1 && at !== root && steps < PIDS_IN_LINE; steps++) at = parentOf(at);
  return at === root && pid !== root;
}

module.exports = { descends };
