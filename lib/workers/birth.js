// What a process that stands for a worker is told by its parent before anything else of it runs.
'use strict';

const { nodeFace } = require('../faces');
const { parentLink } = require('../family');
const { receive } = require('../port');
const { native, worker_threads: { isMainThread } } = require('../native');

const { process } = globalThis;

/**
 * @typedef {object} Birth
 * @property {number} parent  the id of its process
 * @property {unknown} workerData
 * @property {Map<unknown, unknown>} environmentData
 * @property {string[]} argv  as process.argv is to be, from its second element on
 * @property {string[]} execArgv
 * @property {{ source?: string, href?: string }} script  empty: a file, which Node runs by itself
 * @property {Record<string, number>} resourceLimits
 * @property {string} name
 * @property {boolean} everywhere  whether its own workers are processes unless they say otherwise
 */

/**
 * As it is told: in a list, for a process that has read nothing yet takes longer for names. What the program has given is the
 * first, and so what errors tell of.
 * @param {Birth} birth
 */
const packed = ({ workerData, parent, environmentData, argv, execArgv, script, resourceLimits, name, everywhere }) => [
  workerData, parent, environmentData, argv, execArgv, script, Object.entries(resourceLimits), name, everywhere,
];

/**
 * @param {any} message
 * @returns {Birth}
 */
function unpacked([workerData, parent, environmentData, argv, execArgv, script, limits, name, everywhere]) {
  return { workerData, parent, environmentData, argv, execArgv, script, resourceLimits: Object.fromEntries(limits), name, everywhere };
}

/** How long to sleep at most before looking again. */
const PATIENCE = 1000;

/** @returns {Birth | null} null in a process that is no worker, and in every thread */
function takeBirth() {
  const { key, manners } = parentLink;
  if (!isMainThread || manners !== 'node' || key === 0) return null;
  const carrier = { key, sideCar: null, face: { wrap: nodeFace().wrapNode } };
  for (;;) {
    const received = receive(carrier);
    if (received === null) return process.exit(1); // nobody is there any more
    if (received !== undefined) return unpacked(received.message);
    native.wait(key, PATIENCE);
  }
}

module.exports = { birth: takeBirth(), packed };
