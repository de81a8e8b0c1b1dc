// Where this program runs: in a main thread, or in a worker, in a thread or in a process. The names of node:worker_threads
// that say so.
'use strict';

const { nodeFace } = require('../faces');
const { parentLink, workerData: threadData } = require('../family');
const { dependants, endpointOf } = require('../port');
const { worker_threads } = require('../native');
const { birth } = require('./birth.js');
const { PROCESSES, THREADS } = require('./limits.js');

const { process } = globalThis;

/** Under this key the threads of a worker in a process inherit that their process is one. */
const INSIDE = 'message-channel-main:inside';

if (birth !== null) worker_threads.setEnvironmentData(INSIDE, true);

/** Node numbers the threads of each process from 0; those of one family must differ. */
const isInside = worker_threads.getEnvironmentData(INSIDE) === true;

/**
 * @param {number} pid  of a worker in a process
 * @param {number} [thread]  Node's number of a thread in there
 */
const threadIdOf = (pid, thread = 0) => PROCESSES + pid + thread * THREADS;

/** @param {number} thread  Node's number of a thread of this process */
const threadIdHere = (thread) => (isInside && thread >= 0 ? threadIdOf(process.pid, thread) : thread);

const isMainThread = worker_threads.isMainThread && birth === null;

function openParentPort() {
  const { key, manners, sideCar } = parentLink;
  if (key === 0 || manners !== 'node') return worker_threads.parentPort;
  const port = nodeFace().wrapNode(key);
  const endpoint = endpointOf(port);
  if (endpoint !== undefined) endpoint.sideCar = sideCar;
  // A thread's link never fails. Without it a process would go on for nobody, or end as if all were done.
  if (endpoint !== undefined && birth !== null) dependants.set(endpoint, (error) => { throw error; });
  return port;
}

/** @type {any} */
const parentPort = openParentPort();

module.exports = {
  isInside,
  threadIdOf,
  threadIdHere,
  isMainThread,
  parentPort,
  workerData: birth === null ? threadData : birth.workerData,
  threadId: threadIdHere(worker_threads.threadId),
  threadName: birth === null ? Reflect.get(worker_threads, 'threadName') : birth.name,
  resourceLimits: birth === null ? worker_threads.resourceLimits : birth.resourceLimits,
};
