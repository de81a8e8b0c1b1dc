// A MessagePort of Node's leaves as a port of ours: in this thread, where its peer can reach it, a pump carries what the one
// receives to the other, and what waited in it first.
'use strict';

const { NONE, SafeMap, isMovable, worker_threads } = require('../native');
const { post, receive } = require('../port');
const { End, Exit } = require('./end.js');

const { EventTarget, process } = globalThis;

const { isMainThread, MessageChannel, MessagePort, receiveMessageOnPort } = worker_threads;
/** @typedef {import('node:worker_threads').MessagePort} NodePort */

const { close, postMessage, start, unref } = MessagePort.prototype;
const { addEventListener } = EventTarget.prototype;
const { apply } = Reflect;

/** @param {object} object  no proxy */
const isNodePort = (object) => object instanceof MessagePort;

/** A {@link Departure}. */
class NodePortDeparture {
  name = 'Port';
  isPort = true;
  isHanded = false;
  tag = 0;
  parts = NONE;
  entries = NONE;
  #port;
  /** @type {Exit | null} */ #exit = null;

  /** @param {NodePort} port */
  constructor(port) {
    this.#port = port;
  }

  get refusal() {
    return isMovable(this.#port) ? null : 'is already neutered';
  }

  claim() {
    this.#exit = new Exit(nodePortFor);
    return [this.#exit.going];
  }

  depart() {
    if (this.#exit !== null) pump(takenOver(this.#port), this.#exit.here);
  }

  stay() {
    this.#exit?.close();
    this.#exit = null;
  }
}

/**
 * A new object for a port, with its queue; the old one is detached, as Node does it.
 * @param {NodePort} port
 * @returns {NodePort}
 */
function takenOver(port) {
  const { port1, port2 } = new MessageChannel();
  apply(postMessage, port1, [port, [port]]);
  const taken = /** @type {{ message: NodePort }} */ (receiveMessageOnPort(port2)).message;
  apply(close, port1, []);
  return taken;
}

/**
 * Serves one of Node's and one of ours until either closes. In the main thread it holds nothing: whoever waits there for the
 * port's peer does. A worker has to stay, since the peer may be in another thread.
 * @param {NodePort} port
 * @param {End} end
 * @param {boolean} [holds]
 */
function pump(port, end, holds = !isMainThread) {
  apply(addEventListener, port, ['message', (/** @type {MessageEvent} */ { data, ports }) => {
    attempt(() => end.post(data, ports, (list) => new NodePortList(list)), ports);
  }]);
  apply(addEventListener, port, ['messageerror', () => lost(new Error('it could not be read'))]);
  apply(addEventListener, port, ['close', () => end.close()]);
  end.serve({
    message: (data, ports) => attempt(() => apply(postMessage, port, [data, ports]), ports),
    broken: (error) => lost(error),
    gone: () => apply(close, port, []),
  });
  apply(start, port, []);
  if (holds) end.hold(true);
  else apply(unref, port, []);
}

/**
 * @param {() => void} carry
 * @param {readonly any[]} ports  that close where the message is lost
 */
function attempt(carry, ports) {
  try {
    carry();
  } catch (error) {
    for (let i = 0; i < ports.length; i++) apply(close, ports[i], []);
    lost(/** @type {Error} */ (error));
  }
}

/** @param {Error} error */
function lost({ message }) {
  process.emitWarning(`A message between a port of Node's and one of ours is lost: ${message}`, { code: 'MESSAGE_PORT_LOST' });
}

/**
 * What a port of ours in a message becomes on the side of Node's.
 * @param {number} key
 * @param {boolean} [holds]  see pump()
 */
function nodePortFor(key, holds) {
  const { port1, port2 } = new MessageChannel();
  pump(port1, new End({ key, sideCar: null }, nodePortFor), holds);
  return port2;
}

/**
 * What a function of Node's that hands something to another thread can take in place of that: a clone, with ports of Node's that
 * reach the peers of ours. They hold nothing here, whatever thread this is: that thread is no worker that is waited for.
 * @param {unknown} value
 * @param {unknown} transfer
 * @param {import('./end.js').ReadList} read
 */
function forNode(value, transfer, read) {
  const { here, going } = new Exit((key) => nodePortFor(key, false));
  try {
    post(going, value, transfer, read, forNode);
    const { message, ports } = /** @type {{ message: any, ports: object[] }} */ (receive(here.endpoint));
    return { value: message, ports };
  } finally {
    here.close();
    going.close();
  }
}

/** The ports that came out of one of Node's messages, as a checked transfer list. */
class NodePortList {
  buffers = NOTHING;
  things = NOTHING;
  carried = NONE;
  descriptors = 0;
  /** @type {Map<object, number>} @readonly */ ports = new SafeMap();
  /** @type {NodePortDeparture[]} */ #departures = [];

  /** @param {NodePort[]} ports */
  constructor(ports) {
    for (let i = 0; i < ports.length; i++) {
      this.ports.set(ports[i], i);
      this.#departures[i] = new NodePortDeparture(ports[i]);
    }
  }

  claim() {
    /** @type {import('../port/endpoint.js').Endpoint[]} */
    const moving = [];
    for (let i = 0; i < this.#departures.length; i++) moving[i] = this.#departures[i].claim()[0];
    return { moving, memory: NONE, handed: NONE };
  }

  depart() {
    for (let i = 0; i < this.#departures.length; i++) this.#departures[i].depart();
  }

  stay() {
    for (let i = 0; i < this.#departures.length; i++) this.#departures[i].stay();
  }
}

/** @type {Map<any, any>} */
const NOTHING = new SafeMap();

module.exports = { isNodePort, NodePortDeparture, forNode };
