// BroadcastChannel across a family: Node's reaches the threads of one process, and from there messages go on along the links
// between the threads that made process workers and those. Processes are a tree, so that nothing goes round in circles.
'use strict';

const { nodeFace } = require('../faces');
const { worker_threads } = require('../native');

const { process, structuredClone, EventTarget } = globalThis;

const { liken, retell } = nodeFace();
const { BroadcastChannel: NodeChannel, isMainThread } = worker_threads;

/** @typedef {{ name: string, message: unknown }} Broadcast */
/** @typedef {(broadcast: Broadcast) => void} Send */

/** By this channel of Node's the threads of a process pass on to each other what leaves it. */
const HOUSE = 'message-channel-main:broadcast';

/** From this thread to process workers of its, and to a parent. @type {Set<Send>} */
const links = new Set();

/** Whether this process has other threads that may broadcast. */
let crowded = !isMainThread;

/** @type {InstanceType<typeof NodeChannel> | null} */
let house = null;

function openHouse() {
  if (house !== null || !crowded) return;
  house = new NodeChannel(HOUSE);
  house.unref();
  house.onmessage = (event) => toLinks(/** @type {{ data: Broadcast }} */ (event).data, null);
}

/** Whether this process has, or had, more threads than its main one, as far as we know. */
const hasThreads = () => crowded;

/** A thread is made here. */
function makeRoom() {
  crowded = true;
  if (links.size > 0) openHouse();
}

/**
 * @param {Broadcast} broadcast
 * @param {Send | null} from
 */
function toLinks(broadcast, from) {
  for (const send of links) if (send !== from) attempt(broadcast, () => send(broadcast));
}

/**
 * What cannot go everywhere goes where it can, and a peer may say what it likes.
 * @param {Broadcast} broadcast
 * @param {() => void} carry
 */
function attempt({ name }, carry) {
  try {
    carry();
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    process.emitWarning(`A message on the BroadcastChannel '${name}' does not reach another process: ${message}`, { code: 'MESSAGE_PORT_LOST' });
  }
}

/**
 * Each link would clone it by itself, and run its getters again: what goes further than Node's own channels is cloned beforehand.
 * @param {unknown} message
 */
function cloned(message) {
  if (typeof message !== 'object' || (links.size === 0 && !crowded)) return message;
  try {
    return structuredClone(message);
  } catch {
    return message; // of which Node says what is wrong, in its order
  }
}

/**
 * To the other processes.
 * @param {Broadcast} broadcast
 * @param {Send | null} from
 */
function publish(broadcast, from) {
  toLinks(broadcast, from);
  openHouse();
  house?.postMessage(broadcast);
}

/**
 * A link to another process.
 * @param {Send} send
 */
function join(send) {
  links.add(send);
  openHouse();
  return {
    /** @param {Broadcast} broadcast  from there */
    receive(broadcast) {
      const { name, message } = broadcast;
      if (typeof name !== 'string' || name === HOUSE) return; // that is for the threads of one process
      const channel = new NodeChannel(name);
      attempt(broadcast, () => channel.postMessage(message));
      channel.close();
      publish({ name, message }, send);
    },
    leave: () => links.delete(send),
  };
}

const nodes = NodeChannel.prototype;
const postHere = nodes.postMessage;
const { get: nameOf } = /** @type {{ get: () => string }} */ (Object.getOwnPropertyDescriptor(nodes, 'name'));

/** What is made of it are Node's channels, whose class nobody meets. */
class BroadcastChannel extends EventTarget {
  /** @param {string} name */
  // @ts-expect-error -- which makes what super() would
  constructor(name) { // eslint-disable-line no-unused-vars -- its length is Node's
    return Reflect.construct(NodeChannel, arguments, new.target);
  }

  /** @param {any} message */
  postMessage(message) {
    const given = arguments.length === 0 ? [] : [cloned(message)];
    try {
      Reflect.apply(postHere, this, given);
    } catch (error) {
      throw retell(error);
    }
    publish({ name: Reflect.apply(nameOf, this, []), message: given[0] }, null);
  }

  static {
    const { postMessage: value } = this.prototype;
    Reflect.deleteProperty(this.prototype, 'postMessage'); // whose place is among Node's
    const descriptors = Object.getOwnPropertyDescriptors(nodes);
    Object.defineProperties(this.prototype, { ...descriptors, constructor: { value: this }, postMessage: { ...descriptors.postMessage, value } });
    liken(this.prototype, nodes);
  }
}

module.exports = { BroadcastChannel, join, makeRoom, hasThreads };
