// A MessagePort of Node's leaves as a port of ours: in this thread, where its peer can reach it, a pump carries what the one
// receives to the other, and what waited in it first.
'use strict';

const util = require('node:util');
const { isClonedByNode } = require('../clone');
const { NONE, arrayFilter, getter, isMovable, worker_threads } = require('../native');
const { post, receive } = require('../port');
const { isHanded } = require('./descriptors/index.js');
const { End, Exit } = require('./end.js');
const { listFor, readList } = require('./passed-on.js');

const { AbortSignal, Error, EventTarget, process } = globalThis;

const { isMainThread, MessageChannel, MessagePort, receiveMessageOnPort } = worker_threads;
/** @typedef {import('node:worker_threads').MessagePort} NodePort */

const { close, postMessage, start, unref } = MessagePort.prototype;
const { addEventListener } = EventTarget.prototype;
const listenerOf = getter(MessagePort.prototype, 'onmessage');
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
    const list = listFor(data, arrayFilter(ports, isNobodys));
    attempt(() => end.post(data, list, readList), list);
  }]);
  apply(addEventListener, port, ['messageerror', () => lost(new Error('it could not be read'))]);
  apply(addEventListener, port, ['close', () => end.close()]);
  end.serve({
    message(data, ports) {
      const list = listFor(data, ports);
      attempt(() => apply(postMessage, port, [data, asNodeWants(list)]), list);
    },
    broken: (error) => lost(error),
    gone: () => apply(close, port, []),
  });
  apply(start, port, []);
  if (holds) end.hold(true);
  else apply(unref, port, []);
}

/** Node tells also of the ports that streams and signals of the message have arrived by, and which these use. @param {NodePort} port */
const isNobodys = (port) => typeof listenerOf(port) !== 'function';

/**
 * Node hands a signal over only if it is marked for that, and takes what it does not hand over for any object, which stays open.
 * @param {any[]} list
 */
function asNodeWants(list) {
  for (let i = 0; i < list.length; i++) {
    const thing = list[i];
    if (thing instanceof AbortSignal) util.transferableAbortSignal(thing);
    else if (isHanded(thing) && !isClonedByNode(thing)) throw new Error("Node's ports do not carry it");
  }
  return list;
}

/**
 * @param {() => void} carry
 * @param {readonly any[]} things  that close where the message is lost
 */
function attempt(carry, things) {
  try {
    carry();
  } catch (error) {
    for (let i = 0; i < things.length; i++) drop(things[i]);
    lost(/** @type {Error} */ (error));
  }
}

/** Nobody gets it; a stream or a signal goes by itself. @param {any} thing */
function drop(thing) {
  if (isNodePort(thing)) apply(close, thing, []);
  else if (!isHanded(thing)) return;
  else if (typeof thing.destroy === 'function') thing.destroy();
  else thing.close();
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

module.exports = { isNodePort, NodePortDeparture, forNode };
