// Where the engine does not let us hand shared memory and modules to other threads, one of Node's own ports rides beside
// ours and carries them.
'use strict';

const { endpoints, endpointOf } = require('./endpoint.js');
const { FOREIGN, arrayFilter, arrayMap, isMovable, native, worker_threads } = require('../native');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */
/** @typedef {import('./endpoint.js').Carrier} Carrier */
/** @typedef {import('node:worker_threads').MessagePort} NodePort */

const { MessageChannel, receiveMessageOnPort } = worker_threads;
const { postMessage } = worker_threads.MessagePort.prototype;
const { apply } = Reflect;

/** What one message leaves to the side-car: values, and the side-cars of the ports that it takes along. */
/** @typedef {{ number: number, values: object[], passengers: (NodePort | null)[] }} Load */

/**
 * Asked for only when something is to be shared or a port to leave: to try the engine out takes a moment. Other runtimes' ports
 * could not follow ours wherever they go: a new worker is given none of them.
 */
let isNeeded = () => {
  const needed = !FOREIGN && !native.engine();
  isNeeded = () => needed;
  return needed;
};

/**
 * The side-car of a port: there from the moment when it or its peer first leaves this thread, or first shares something.
 * @param {Carrier} carrier
 * @returns {NodePort | null} null where no port of Node's could follow
 */
function sideCarOf(carrier) {
  if (carrier.sideCar !== null) return carrier.sideCar;
  const peer = endpoints[native.peer(carrier.key)];
  if (peer === undefined) return null;
  ({ port1: carrier.sideCar, port2: peer.sideCar } = new MessageChannel());
  return carrier.sideCar;
}

/** @param {Endpoint | null} endpoint  null: a new thread's, which gets one */
function canRide(endpoint) {
  return endpoint === null || sideCarOf(endpoint) !== null;
}

/**
 * Sends ahead what a message to the same process leaves to the side-car. When it throws, nothing has changed.
 * @param {Endpoint} carrier
 * @param {object[]} values
 * @param {Endpoint[]} moving  the ports that the message takes along
 * @returns {(object | number)[]} what the message takes along in place of the values
 */
function sendAhead(carrier, values, moving) {
  if ((values.length === 0 && moving.length === 0) || !isNeeded()) return values;
  const sideCar = native.local(carrier.key) ? sideCarOf(carrier) : null;
  const peer = native.peer(carrier.key);
  if (sideCar === null || hasKey(moving, peer)) return values;
  const passengers = arrayMap(moving, passengerOf);
  const present = arrayFilter(passengers, (/** @type {NodePort | null} */ passenger) => passenger !== null);
  const riding = arrayFilter(values, ridesAlong);
  if (riding.length === 0 && present.length === 0) return values;
  const number = native.number();
  apply(postMessage, sideCar, [{ number, values, passengers }, present]);
  for (let i = 0; i < moving.length; i++) moving[i].sideCar = null;
  const places = arrayMap(values, (/** @type {object} */ value) => (ridesAlong(value) ? number : value));
  if (riding.length === 0) places[places.length] = number; // for the side-cars of ports
  return places;
}

/**
 * What processes can share needs no side-car.
 * @param {object} value
 */
const ridesAlong = (value) => !native.isSharedMemory(/** @type {any} */ (value));

/**
 * @param {Endpoint[]} moving
 * @param {number} wanted  0: none
 */
function hasKey(moving, wanted) {
  for (let i = 0; i < moving.length; i++) if (wanted !== 0 && moving[i].key === wanted) return true;
  return false;
}

/**
 * The side-car of a port that is about to leave, unless it has closed, as it does by itself once its peer is gone.
 * @param {Endpoint} endpoint
 */
function passengerOf(endpoint) {
  const sideCar = endpoint.key === 0 ? null : sideCarOf(endpoint);
  return sideCar !== null && isMovable(sideCar) ? sideCar : null;
}

/**
 * Puts into a message that has arrived what came by the side-car.
 * @param {Carrier} carrier
 * @param {unknown[]} shared  numbers are replaced by values
 * @param {object[]} ports
 * @param {{ sideCar: NodePort | null }[]} carried  by further ports
 */
function collect(carrier, shared, ports, carried) {
  const number = numberIn(shared);
  if (number === 0) return;
  const load = find(carrier, number);
  for (let i = 0; i < shared.length; i++) if (shared[i] === number) shared[i] = load?.values[i];
  if (load === null) return;
  for (let i = 0; i < load.passengers.length; i++) {
    const endpoint = i < ports.length ? endpointOf(ports[i]) : undefined;
    if (i >= ports.length) carried[i - ports.length].sideCar = load.passengers[i];
    else if (endpoint !== undefined && endpoint.key !== 0) endpoint.sideCar = load.passengers[i];
    else load.passengers[i]?.close();
  }
}

/** @param {unknown[]} shared  @returns {number} 0: nothing is in the side-car */
function numberIn(shared) {
  for (let i = 0; i < shared.length; i++) {
    const place = shared[i];
    if (typeof place === 'number') return place;
  }
  return 0;
}

/**
 * Drops the message that was announced, for nobody listens, and what came for it by the side-car: that would wait there for as long as
 * nobody does.
 * @param {Carrier} carrier
 */
function discard(carrier) {
  const number = native.discard();
  if (number !== 0) dismiss(find(carrier, number));
}

/** @param {Load | null} load */
function dismiss(load) {
  if (load === null) return;
  for (let i = 0; i < load.passengers.length; i++) load.passengers[i]?.close();
}

/**
 * Loads whose message was lost stand in front of it.
 * @param {Carrier} carrier
 * @param {number} number
 * @returns {Load | null}
 */
function find({ sideCar }, number) {
  if (sideCar === null) return null;
  for (;;) {
    const received = receiveMessageOnPort(sideCar);
    if (received === undefined) return null;
    /** @type {Load} */
    const load = received.message;
    if (load.number === number) return load;
    dismiss(load);
  }
}

/** Two ends for a worker that is about to start; null where none is needed. */
function pairForWorker() {
  return isNeeded() ? new MessageChannel() : null;
}

module.exports = { isNeeded: () => isNeeded(), canRide, sendAhead, collect, discard, pairForWorker };
