// Finds the links to the parent that started this thread or process with us, once.
'use strict';

const { isMainThread } = require('node:worker_threads');
const { native } = require('../native');
const { receive } = require('../port');
const { wrapMain } = require('../faces');
const { LINK_VARIABLE } = require('./traces.js');
const { claimOffer } = require('./worker-link.js');

/** @typedef {import('../port/endpoint.js').Carrier['sideCar']} SideCar */

const NO_LINK = { key: 0, ipc: 0, sideCar: null, ipcSideCar: null };

/** The link of ipcRenderer is parked until that is used. */
function takeDescriptors() {
  const value = process.env[LINK_VARIABLE];
  if (value === undefined) return NO_LINK;
  delete process.env[LINK_VARIABLE];
  const [key, ipc] = value.split(',').map((descriptor) => native.fromDescriptor(Number(descriptor)));
  return { ...NO_LINK, key, ipc: native.park(ipc) };
}

/**
 * `key` is that of parentPort's link and `ipc` the id under which ipcRenderer's is parked; 0 without a parent, and in a
 * worker, which meets its parent. `workerData` is undefined when none of it came through the link.
 * @returns {{ key: number, ipc: number, workerData?: { message: any }, sideCar: SideCar, ipcSideCar: SideCar }}
 */
function findLink() {
  if (isMainThread) return takeDescriptors();
  const offer = claimOffer();
  if (offer === null) return NO_LINK;
  const { key, hasWorkerData, sideCar, ipcSideCar } = offer;
  const carrier = { key, sideCar, face: { wrap: wrapMain } };
  return { key, ipc: 0, workerData: hasWorkerData ? receive(carrier) ?? undefined : undefined, sideCar, ipcSideCar };
}

module.exports = { parentLink: findLink() };
