// How busy a worker in a process is, as its parent sees it without asking: the processor's time of its main thread. (In a thread
// Node knows how long the loop has waited; nobody outside a process knows that.)
'use strict';

const { readFileSync } = require('node:fs');
const { now } = require('../native');

/** @typedef {import('node:perf_hooks').EventLoopUtilization} EventLoopUtilization */

const NANOSECONDS = 1e6;

/** Milliseconds for which a process's main thread has run. Zero where the system does not tell. @param {number} pid */
function busy(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / NANOSECONDS;
  } catch {
    return 0;
  }
}

const NOTHING = Object.freeze({ idle: 0, active: 0, utilization: 0 });

class Utilization {
  #pid = 0;
  #since = 0;
  #before = 0;

  /** Its loop begins. @param {number | undefined} pid */
  begin(pid = 0) {
    this.#pid = pid;
    this.#since = now();
    this.#before = busy(pid);
  }

  end() {
    this.#pid = 0;
  }

  /**
   * As `performance.eventLoopUtilization()`: the difference to an earlier one, or of two.
   * @param {EventLoopUtilization} [later]
   * @param {EventLoopUtilization} [earlier]
   */
  measure = (later, earlier) => {
    if (this.#pid === 0) return { ...NOTHING };
    if (later === undefined) return this.#now();
    const { eventLoopUtilization } = require('node:perf_hooks').performance; // takes a while to load, and nobody else asks for it
    return earlier === undefined ? eventLoopUtilization(this.#now(), later) : eventLoopUtilization(later, earlier);
  };

  /** @returns {EventLoopUtilization} */
  #now() {
    const elapsed = now() - this.#since;
    const active = Math.min(busy(this.#pid) - this.#before, elapsed);
    return { idle: elapsed - active, active, utilization: active / elapsed };
  }
}

module.exports = { Utilization };
