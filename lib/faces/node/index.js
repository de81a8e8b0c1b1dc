// Node's face of a port, and the functions of node:worker_threads that take one.
'use strict';

const clone = require('../../clone');
const { endpointOf, receive } = require('../../port');
const { native, withCode, KEY, worker_threads } = require('../../native');
const { forNode } = require('../../transfer');
const { liken } = require('./liken.js');
const { MessagePort, wrapNode, retell, missingMessage } = require('./port.js');
const { readNodeTransfer, marked } = require('./transfer.js');

const { TypeError } = globalThis;
const { isArray } = Array;

/** As Node's: an object without methods, whose ports are its own properties. @this {any} */
function MessageChannel() {
  if (new.target === undefined) throw withCode(new TypeError('Cannot call constructor without `new`'), 'ERR_CONSTRUCT_CALL_REQUIRED');
  const key = native.createChannel();
  const peer = native.control[KEY];
  this.port1 = wrapNode(key);
  this.port2 = wrapNode(peer);
}

/**
 * Takes Node's own ports, too.
 * @param {any} port
 * @returns {{ message: any } | undefined}
 */
function receiveMessageOnPort(port) {
  const endpoint = endpointOf(port);
  if (endpoint !== undefined) {
    const received = endpoint.key === 0 ? undefined : receive(endpoint);
    return received ? { message: received.message } : undefined;
  }
  return worker_threads.receiveMessageOnPort(port); // which throws if it is neither that nor a BroadcastChannel
}

/**
 * The options of module.register(), whose hooks are in a thread of Node's: as they are, unless ports of ours are to go there.
 * @param {any} options
 */
function withNodePorts(options) {
  const transferList = options?.transferList;
  if (!isArray(transferList) || !transferList.some((element) => endpointOf(element) !== undefined)) return options;
  const { value, ports } = forNode(options.data, transferList, (list) => readNodeTransfer(list, null));
  return { ...options, data: value, transferList: ports };
}

/** @param {any} object */
function markAsUntransferable(object) {
  if ((typeof object === 'object' && object !== null) || typeof object === 'function') marked.add(object);
  if (endpointOf(object) === undefined) worker_threads.markAsUntransferable(object);
}

/** Missing on Node 20. @type {((object: any) => boolean) | undefined} */
const isMarked = Reflect.get(worker_threads, 'isMarkedAsUntransferable');

/** @param {any} object */
const isMarkedAsUntransferable = isMarked && function isMarkedAsUntransferable(/** @type {any} */ object) {
  return marked.has(object) || isMarked(object);
};

/** Missing on Node 20. @type {((object: any) => void) | undefined} */
const mark = Reflect.get(worker_threads, 'markAsUncloneable');

/** @param {any} object */
const markAsUncloneable = mark && function markAsUncloneable(/** @type {any} */ object) {
  mark(object);
  if ((typeof object === 'object' && object !== null) || typeof object === 'function') clone.markAsUncloneable(object);
};

module.exports = {
  MessageChannel, MessagePort, liken, retell, wrapNode, missingMessage, readNodeTransfer, receiveMessageOnPort, withNodePorts,
  markAsUntransferable, isMarkedAsUntransferable, markAsUncloneable,
};
