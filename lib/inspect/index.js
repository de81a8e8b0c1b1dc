// The inspect room: looking at all ports of a process at once. It uses native only: what it tells is known there, for
// every thread, also for one that is busy.
// Invariant: looking changes nothing and keeps nothing alive.
'use strict';

const { native } = require('../native');

const { parse } = JSON;

/** @typedef {import('../../index.d.ts').PortReport} PortReport */

/** @returns {PortReport[]} */
function inspectPorts() {
  return parse(native.report()).ports;
}

module.exports = { inspectPorts };
