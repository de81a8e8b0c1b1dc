// Finds the links to the parent that started this thread or process with us, once.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { native } = require('./native.js');
const { receive } = require('./delivery.js');
const { wrapMain } = require('./message-port-main.js');
const { claimOffer } = require('./worker-link.js');

/** Names the descriptors of the links in the environment of a child, until the child has taken them. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/** The link of ipcRenderer is parked until that is used. */
function takeDescriptors() {
  const value = process.env[LINK_VARIABLE];
  if (value === undefined) return { key: 0, ipc: 0 };
  delete process.env[LINK_VARIABLE];
  const [key, ipc] = value.split(',').map((descriptor) => native.fromDescriptor(Number(descriptor)));
  return { key, ipc: native.park(ipc) };
}

/**
 * `key` is that of parentPort's link and `ipc` the id under which ipcRenderer's is parked; 0 without a parent, and in a
 * worker, which meets its parent. `workerData` is undefined when none of it came through the link.
 * @returns {{ key: number, ipc: number, workerData?: { message: any } }}
 */
function findLink() {
  if (isMainThread) return takeDescriptors();
  const offer = claimOffer();
  if (offer === null) return { key: 0, ipc: 0 };
  return { key: offer.key, ipc: 0, workerData: offer.hasWorkerData ? receive(offer.key, wrapMain) ?? undefined : undefined };
}

module.exports = { LINK_VARIABLE, parentLink: findLink() };
