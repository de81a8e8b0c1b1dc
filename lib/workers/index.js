// The workers room: node:worker_threads over our ports, with workers in threads and in processes. It uses ipc, for errors,
// and family, faces, port and native.
// Invariant: a worker in a process finds what it would find in a thread; what it cannot have throws and says why.
'use strict';

const { nodeFace } = require('../faces');
const { worker_threads } = require('../native');
const { begin } = require('./begin.js');
const { BroadcastChannel } = require('./broadcast.js');
const { moveMessagePortToContext } = require('./contexts.js');
const { setEnvironmentData } = require('./environment-data.js');
const { replaceEverywhere } = require('./everywhere.js');
const locks = require('./locks/begin.js');
const { isInside, isMainThread, parentPort, resourceLimits, threadId, threadName, workerData } = require('./place.js');
const { postMessageToThread } = require('./thread-messages.js');
const { Worker, prefer } = require('./worker.js');

const { process } = globalThis;

const {
  MessageChannel, MessagePort, liken, isMarkedAsUntransferable, markAsUncloneable, markAsUntransferable, receiveMessageOnPort,
} = nodeFace();

if (isInside) locks.begin();

/** All that Node has under this name, in its version, and what of it is ours. */
const names = {
  ...worker_threads,
  BroadcastChannel,
  MessageChannel,
  MessagePort,
  Worker,
  isMainThread,
  ...(isMarkedAsUntransferable && { isMarkedAsUntransferable }),
  ...(markAsUncloneable && { markAsUncloneable }),
  markAsUntransferable,
  moveMessagePortToContext,
  parentPort,
  ...(postMessageToThread && { postMessageToThread }),
  receiveMessageOnPort,
  resourceLimits,
  setEnvironmentData,
  threadId,
  ...('threadName' in worker_threads && { threadName }),
  workerData,
};

liken(names, worker_threads);

/**
 * @param {boolean} [processes]  whether workers are processes unless they say otherwise, here and in threads of this process
 * @param {boolean} [first]  nothing else has run in this process
 */
function replace(processes, first = false) {
  if (processes !== undefined) prefer(processes);
  replaceEverywhere(names, first);
}

/** What is in NODE_OPTIONS comes before our preload. */
const beginAlone = () => begin((everywhere) => replace(everywhere, process.env.NODE_OPTIONS === undefined));

module.exports = { names, replace, begin: beginAlone, runScript: () => require('./script.js').runScript() };
