// The inspect room: looking at all ports of a process at once, of this one or of another. It uses native only: what it
// tells is known there, for every thread, also for one that is busy.
// Invariant: looking changes nothing and keeps nothing alive.
'use strict';

const { native, withCode } = require('../native');

const { tree } = require('./tree.js');

const { parse } = JSON;

/** How long another process may take to begin with its answer, in milliseconds. */
const PATIENCE = 3000;

/** @typedef {import('../../index.d.ts').PortReport} PortReport */

/** @returns {PortReport[]} */
function inspectPorts() {
  return parse(native.report()).ports;
}

/**
 * The report of another process of this user. Waits for it: nothing else happens meanwhile.
 * @param {number} pid
 * @returns {{ pid: number, ports: PortReport[] }}
 */
function inspectProcess(pid) {
  const text = native.ask(pid, PATIENCE);
  try {
    const report = parse(text);
    if (Array.isArray(report.ports)) return report;
  } catch {
    // It ended, or was stopped, in the middle of a word.
  }
  throw withCode(new Error('its report is not whole'), 'ERR_PROCESS_SILENT');
}

module.exports = { inspectPorts, inspectProcess, tree };
