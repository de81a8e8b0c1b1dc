// What can stand in a transfer list beside ports and buffers, and how each kind leaves.
'use strict';

const { isAnyArrayBuffer, isProxy } = require('node:util/types');
const { handedDeparture } = require('./descriptors/index.js');
const { isNodePort, NodePortDeparture } = require('./node-port.js');
const { isSignal, SignalDeparture } = require('./signal.js');

/**
 * Something that is about to leave as ports. Until `depart` nobody notices.
 * @typedef {object} Departure
 * @property {string} name  of its kind, for errors
 * @property {boolean} isPort  it arrives as one of the message's ports
 * @property {boolean} isHanded  it leaves as a descriptor
 * @property {() => [kind: number, fd: number, body: Uint8Array]} [hand]  which one, after a claim: of what is handed
 * @property {number} tag  how the message refers to it
 * @property {unknown} [reason]  of a signal that has aborted
 * @property {object[]} parts  what leaves with it
 * @property {import('../clone/encode/graph-writer.js').CarriedEntry[]} entries  what its ports carry
 * @property {string | null} refusal  why it cannot leave now
 * @property {() => import('../port/endpoint.js').Endpoint[]} claim  the ports that go
 * @property {() => void} depart  it has left
 * @property {() => void} stay  it does not leave after all
 */

/** Loaded when it is asked for: with them Node loads its own. */
const streams = () => require('./streams/index.js');

/**
 * @param {any} element  neither a port of ours nor an ArrayBuffer
 * @returns {Departure | null} null: it cannot be handed over
 */
function departureOf(element) {
  if (typeof element !== 'object' || element === null || isProxy(element)) return null;
  if (isNodePort(element)) return new NodePortDeparture(element);
  if (isSignal(element)) return new SignalDeparture(element);
  const handed = handedDeparture(element);
  if (handed !== null) return handed;
  return isAnyArrayBuffer(element) ? null : streams().streamDeparture(element);
}

/**
 * Neither a port of ours nor what Node itself hands over between threads.
 * @param {any} element
 */
const isOursAlone = (element) => isSignal(element)
  || (typeof element === 'object' && element !== null && !isProxy(element) && handedDeparture(element) !== null);

/** @param {object} object  that cannot be cloned */
const isTransferable = (object) => isNodePort(object) || isSignal(object) || handedDeparture(object) !== null || streams().isStream(object);

module.exports = { departureOf, isOursAlone, isTransferable };
