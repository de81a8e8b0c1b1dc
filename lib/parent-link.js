// Finds the link to the parent that started this thread or process with us, once.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { native } = require('./native.js');
const { receive } = require('./delivery.js');
const { wrapMain } = require('./message-port-main.js');
const { claimOffer } = require('./worker-link.js');

/** Names the descriptor of the link in the environment of a child, until the child has taken it. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/** @returns {number} the key of our end, 0 without a parent */
function takeDescriptor() {
  const value = process.env[LINK_VARIABLE];
  if (value === undefined) return 0;
  delete process.env[LINK_VARIABLE];
  return native.fromDescriptor(Number(value));
}

/**
 * `workerData` is undefined when none of it came through the link.
 * @returns {{ key: number, workerData?: { message: any } }}
 */
function findLink() {
  if (isMainThread) return { key: takeDescriptor() };
  const offer = claimOffer();
  if (offer === null) return { key: 0 };
  return { key: offer.key, workerData: offer.hasWorkerData ? receive(offer.key, wrapMain) : undefined };
}

module.exports = { LINK_VARIABLE, parentLink: findLink() };
