// BroadcastChannel across a family: Node's reaches the threads of one process, and from there messages go on along the links
// between the threads that made process workers and those. Processes are a tree, so that nothing goes round in circles.
'use strict';

const { Encoder, decode } = require('../clone');
const { nodeFace } = require('../faces');
const { worker_threads } = require('../native');

const { process, setImmediate, structuredClone, EventTarget } = globalThis;

const { liken, retell } = nodeFace();
const { BroadcastChannel: NodeChannel, isMainThread } = worker_threads;

/** @typedef {{ name: string, message: unknown }} Broadcast */
/** @typedef {(broadcast: Broadcast) => void} Send */
/** @typedef {{ name: string, body: Uint8Array, beside: (string | Uint8Array)[] }} Packed */
/** @typedef {{ channel: InstanceType<typeof NodeChannel> | null, behind: Broadcast[] }} Relay */

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
  house.onmessage = (event) => fromHouse(/** @type {{ data: Broadcast | Packed }} */ (event).data);
}

/**
 * To the other threads here, of which any may have links. What of a message Node makes of a class of its own, a Blob or a key, its
 * channels carry to one other only: to several it goes as bytes of ours.
 * @param {Broadcast} broadcast
 */
function toHouse(broadcast) {
  openHouse();
  const to = house;
  if (to === null) return;
  try {
    to.postMessage(broadcast);
  } catch {
    attempt(broadcast, () => to.postMessage(packed(broadcast)));
  }
}

/** @param {Broadcast} broadcast @returns {Packed} */
function packed({ name, message }) {
  const encoder = new Encoder(() => {});
  const length = encoder.encode(message, null);
  return { name, body: new Uint8Array(encoder.buffer, 0, length).slice(), beside: encoder.clones };
}

/** @param {Broadcast | Packed} broadcast */
function fromHouse(broadcast) {
  if (links.size === 0) return;
  if ('body' in broadcast) attempt(broadcast, () => toLinks(unpacked(broadcast), null));
  else toLinks(broadcast, null);
}

/** @param {Packed} packed @returns {Broadcast} */
function unpacked({ name, body, beside }) {
  const memories = beside.map((each) => (typeof each === 'string' ? each : /** @type {ArrayBuffer} */ (each.slice().buffer)));
  return { name, message: decode(body, new DataView(body.buffer), 0, body.length, [], memories) };
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
 * @param {{ name: string }} broadcast
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
  toHouse(broadcast);
}

/**
 * By these is posted here what came from elsewhere. One that is closed counts as one more that listens until the loop has turned, so
 * that there is one of a name at a time: to several Node's channels carry no Blob and no key.
 * @type {Map<string, Relay>}
 */
const relays = new Map();

/** @param {Broadcast} broadcast */
function relay(broadcast) {
  const { name, message } = broadcast;
  /** @type {Relay | undefined} */
  let at = relays.get(name);
  if (at === undefined) {
    relays.set(name, at = { channel: new NodeChannel(name), behind: [] });
    setImmediate(shut, name, at);
  }
  const { channel, behind } = at;
  if (channel === null) behind.push(broadcast);
  else attempt(broadcast, () => channel.postMessage(message));
}

/**
 * The handle closes at the end of this turn.
 * @param {string} name
 * @param {Relay} at
 */
function shut(name, at) {
  at.channel?.close();
  at.channel = null;
  setImmediate(() => {
    relays.delete(name);
    at.behind.forEach(relay);
  });
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
      relay({ name, message });
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
