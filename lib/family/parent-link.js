// Finds the links to the parent that started this thread or process with us, once.
'use strict';

const { native, agree, worker_threads: { isMainThread } } = require('../native');
const { receive } = require('../port');
const faces = require('../faces');
const { LINK_VARIABLE } = require('./traces.js');
const { claimOffer } = require('./worker-link.js');

const { process } = globalThis;

/** @typedef {import('../port/endpoint.js').Carrier} Carrier */
/** @typedef {Carrier['sideCar']} SideCar */

const NO_LINK = { key: 0, ipc: 0, control: 0, manners: 'electron', isFromDataUrl: false, sideCar: null, ipcSideCar: null };

/** What came, or why it cannot be opened. @typedef {{ message: any, failure: unknown }} Opened */

/** The link of ipcRenderer is parked until that is used. */
function takeDescriptors() {
  const value = process.env[LINK_VARIABLE];
  if (value === undefined) return NO_LINK;
  delete process.env[LINK_VARIABLE];
  const [protocol, link, other, manners, front, lesson] = value.split(',');
  agree(Number(protocol));
  if (lesson) native.takeLesson(lesson);
  if (Number(front) > 0) process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS}`.slice(Number(front));
  const [key, ipc] = [link, other].map((descriptor) => native.fromDescriptor(Number(descriptor)));
  const id = native.park(ipc);
  return { ...NO_LINK, key, ...(manners === 'node' ? { control: id } : { ipc: id }), manners };
}

/**
 * What a worker or child is told of its parent. In a thread or process without one, every number is 0.
 * @typedef {object} ParentLink
 * @property {number} key  of the link that parentPort is to be
 * @property {string} manners  the face of that link: 'electron' or 'node'
 * @property {number} ipc  the id under which ipcRenderer's link is parked; 0 in a thread, which meets its parent
 * @property {number} control  the same, of the link on which a process that stands for a worker tells of itself; 0 in a thread
 * @property {boolean} isFromDataUrl  the thread is made from a data: URL
 * @property {Opened} [workerData]  undefined when none of it came through the link
 * @property {SideCar} sideCar
 * @property {SideCar} ipcSideCar
 */

/**
 * It is taken once, while whoever hears that it cannot be opened may ask again.
 * @param {Carrier} carrier
 * @returns {Opened | undefined}
 */
function open(carrier) {
  try {
    const received = receive(carrier);
    return received ? { message: received.message, failure: null } : undefined;
  } catch (failure) {
    return { message: undefined, failure };
  }
}

/** @returns {ParentLink} */
function findLink() {
  if (isMainThread) return takeDescriptors();
  const offer = claimOffer();
  if (offer === null) return NO_LINK;
  const { key, hasWorkerData, manners, isFromDataUrl, sideCar, ipcSideCar } = offer;
  const face = () => ({ wrap: manners === 'node' ? faces.nodeFace().wrapNode : faces.wrapMain });
  const workerData = hasWorkerData ? open({ key, sideCar, face: face() }) : undefined;
  return { ...NO_LINK, key, manners, isFromDataUrl, workerData, sideCar, ipcSideCar };
}

module.exports = { parentLink: findLink() };
