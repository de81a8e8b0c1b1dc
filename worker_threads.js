// `message-channel-main/worker_threads`: the names of node:worker_threads, over our ports, with workers in threads or processes.
'use strict';

require('./lib/native/gathered.js').enter(module, 'worker_threads.js');

const { names } = require('./lib/core.js').workers;

const {
  BroadcastChannel, MessageChannel, MessagePort, SHARE_ENV, Worker, getEnvironmentData, isInternalThread, isMainThread,
  isMarkedAsUntransferable, locks, markAsUncloneable, markAsUntransferable, moveMessagePortToContext, parentPort,
  postMessageToThread, receiveMessageOnPort, resourceLimits, setEnvironmentData, threadId, threadName, workerData,
} = /** @type {any} */ (names);

// Written out, so that `import { … }` finds each in every version of Node.
module.exports = {
  BroadcastChannel, MessageChannel, MessagePort, SHARE_ENV, Worker, getEnvironmentData, isInternalThread, isMainThread,
  isMarkedAsUntransferable, locks, markAsUncloneable, markAsUntransferable, moveMessagePortToContext, parentPort,
  postMessageToThread, receiveMessageOnPort, resourceLimits, setEnvironmentData, threadId, threadName, workerData,
};

// Those of this version, in its order.
module.exports = { ...names };
