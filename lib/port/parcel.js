// Takes a message out of native together with what it brought along: ports, memory and descriptors.
'use strict';

const { native, LENGTH, NONE, SafeDataView, append } = require('../native');
const { carriedIn } = require('../clone');
const { Carried } = require('./carried.js');
const { arrived, publishArrived } = require('./diagnostics.js');
const { endpointOf, orphan } = require('./endpoint.js');
const { Handed } = require('./handed.js');
const { bytes, view } = require('./inbox.js');
const { collect } = require('./side-car.js');

/** @typedef {import('./endpoint.js').Carrier} Carrier */

const { isArray } = Array;
const { control } = native;

/** The ports of a message are made, whose bytes stand in the inbox. */
let opening = false;

const isOpening = () => opening;

/**
 * For who has read another meanwhile, and for who knows that none is opened.
 * @param {boolean} does  whether one still is
 */
function opensAgain(does) {
  opening = does;
}

/**
 * Takes the message that was announced. Null when it turned out malformed: a FAULT follows.
 * @param {Carrier} carrier
 */
function openParcel(carrier) {
  const taken = native.take();
  if (taken === null) return null;
  opening = true;
  try {
    return unpack(carrier, taken);
  } finally {
    opening = false;
  }
}

/**
 * @param {Carrier} carrier
 * @param {NonNullable<ReturnType<typeof native.take>>} taken
 */
function unpack(carrier, taken) {
  if (!isArray(taken)) return { from: bytes, over: view, start: 0, end: control[LENGTH], ports: [], memories: [taken], shared: NONE, carried: NONE };
  const { 0: body, 1: keys, 2: memories, 3: shared, 4: handed } = taken;
  const over = body === null ? view : new SafeDataView(body.buffer, body.byteOffset, body.byteLength);
  const end = body === null ? control[LENGTH] : body.byteLength;
  const from = body ?? bytes;
  const { ports, carried: borne } = shareOut(carrier, keys, carriedIn(from, 0, end));
  collect(carrier, shared, ports, borne);
  /** @type {(Carried | Handed)[]} */
  const carried = borne;
  for (let i = 0; i < handed.length; i += 4) append(carried, new Handed(handed[i], handed[i + 1], handed[i + 2], handed[i + 3]));
  if (arrived.hasSubscribers) announce(ports);
  return { from, over, start: 0, end, ports, memories, shared, carried };
}

/**
 * The first of the ports are those that the user sees, the last carry something.
 * @param {Carrier} carrier
 * @param {number[]} keys
 * @param {import('../clone/encode/graph-writer.js').CarriedEntry[]} entries
 */
function shareOut(carrier, keys, entries) {
  const own = entries.length > keys.length ? keys.length : keys.length - entries.length;
  /** @type {object[]} */
  const ports = [];
  /** @type {Carried[]} */
  const carried = [];
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] === 0 ? orphan() : keys[i];
    if (i < own) ports[i] = carrier.face.wrap(key);
    else carried[i - own] = new Carried(key, entries[i - own]);
  }
  return { ports, carried };
}

/**
 * Closes what nothing in the message refers to: nobody would ever get hold of it.
 * @param {(Carried | Handed)[]} carried
 * @param {boolean} all  the message is no good
 */
function abandon(carried, all) {
  for (let i = 0; i < carried.length; i++) carried[i].abandon(all);
}

/** @param {object[]} ports */
function announce(ports) {
  for (let i = 0; i < ports.length; i++) {
    const endpoint = endpointOf(ports[i]);
    if (endpoint !== undefined && endpoint.key !== 0) publishArrived(endpoint);
  }
}

/** @param {object[]} ports */
function closeAll(ports) {
  for (let i = 0; i < ports.length; i++) endpointOf(ports[i])?.close();
}

/** @param {(ArrayBuffer | string)[]} memories  a text counts by its characters */
function bytesOf(memories) {
  let bytes = 0;
  for (let i = 0; i < memories.length; i++) {
    const memory = memories[i];
    bytes += typeof memory === 'string' ? memory.length : memory.byteLength;
  }
  return bytes;
}

module.exports = { openParcel, isOpening, opensAgain, abandon, bytesOf, closeAll };
