// Finds the links to the parent that started this thread or process with us, once.
'use strict';

const { native, agree, worker_threads: { isMainThread } } = require('../native');
const { receive } = require('../port');
const faces = require('../faces');
const { LINK_VARIABLE } = require('./traces.js');
const { claimOffer } = require('./worker-link.js');

const { process } = globalThis;

/** @typedef {import('../port/endpoint.js').Carrier['sideCar']} SideCar */

const NO_LINK = { key: 0, ipc: 0, control: 0, manners: 'electron', isData: false, sideCar: null, ipcSideCar: null };

/** The link of ipcRenderer is parked until that is used. */
function takeDescriptors() {
  const value = process.env[LINK_VARIABLE];
  if (value === undefined) return NO_LINK;
  delete process.env[LINK_VARIABLE];
  const [protocol, link, other, manners, front] = value.split(',');
  agree(Number(protocol));
  if (Number(front) > 0) process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS}`.slice(Number(front));
  const [key, ipc] = [link, other].map((descriptor) => native.fromDescriptor(Number(descriptor)));
  const id = native.park(ipc);
  return { ...NO_LINK, key, ...(manners === 'node' ? { control: id } : { ipc: id }), manners };
}

/**
 * `key` is that of the link that parentPort is to be, with the face that `manners` names; `ipc` the id under which that of
 * ipcRenderer is parked, and `control` of that on which a process that stands for a worker of Node's tells of itself. All are
 * 0 without a parent, and the latter two in a thread, which meets its parent. `workerData` is undefined when none of it came
 * through the link, and `isData` that the thread is made from a data: URL.
 * @returns {{ key: number, ipc: number, control: number, manners: string, isData: boolean, workerData?: { message: any }, sideCar: SideCar, ipcSideCar: SideCar }}
 */
function findLink() {
  if (isMainThread) return takeDescriptors();
  const offer = claimOffer();
  if (offer === null) return NO_LINK;
  const { key, hasWorkerData, manners, isData, sideCar, ipcSideCar } = offer;
  const face = () => ({ wrap: manners === 'node' ? faces.nodeFace().wrapNode : faces.wrapMain });
  const workerData = hasWorkerData ? receive({ key, sideCar, face: face() }) ?? undefined : undefined;
  return { ...NO_LINK, key, manners, isData, workerData, sideCar, ipcSideCar };
}

module.exports = { parentLink: findLink() };
