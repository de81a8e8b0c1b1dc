// Where this program runs: in a main thread, or in a worker, in a thread or in a process. The names of node:worker_threads
// that say so.
'use strict';

const { nodeFace } = require('../faces');
const { parentLink, workerData: threadData } = require('../family');
const { endpointOf } = require('../port');
const { worker_threads } = require('../native');
const { birth } = require('./birth.js');

/** Above every process id: Node numbers the threads of a process from 0, and those who talk to each other must differ. */
const PROCESSES = 2 ** 22;

/** @param {number} pid */
const threadIdOf = (pid) => PROCESSES + pid;

const isMainThread = worker_threads.isMainThread && birth === null;

function openParentPort() {
  const { key, manners, sideCar } = parentLink;
  if (key === 0 || manners !== 'node') return worker_threads.parentPort;
  const port = nodeFace().wrapNode(key);
  const endpoint = endpointOf(port);
  if (endpoint !== undefined) endpoint.sideCar = sideCar;
  return port;
}

/** @type {any} */
const parentPort = openParentPort();

module.exports = {
  threadIdOf,
  isMainThread,
  parentPort,
  workerData: birth === null ? threadData : birth.workerData,
  threadId: birth === null ? worker_threads.threadId : threadIdOf(process.pid),
  threadName: birth === null ? Reflect.get(worker_threads, 'threadName') : birth.name,
  resourceLimits: birth === null ? worker_threads.resourceLimits : birth.resourceLimits,
};
