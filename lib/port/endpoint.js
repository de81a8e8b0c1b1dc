// The JS side of one native port: its key, whether it delivers, what it keeps alive, and who may collect it.
'use strict';

const { AsyncResource } = require('node:async_hooks');
const { uncurry, native, KEY, TRACING, whereFrom } = require('../native');
const { born, forget, wane } = require('./ages.js');
const { closed, describe, publishClosed } = require('./diagnostics.js');
const { scheduleFlush, submit, onFull, exit, settle } = require('./flush.js');
const { LISTENING, EXPECTING_CLOSE, REFERENCED, FULL: OVERFULL, NO_FACE, YOUNG, note } = require('./notes.js');

const { process, WeakRef } = globalThis;

/**
 * How a class of ports shows what happens to one of its objects.
 * @typedef {object} Face
 * @property {number} kind  see notes.js
 * @property {(key: number) => object} wrap  gives a port that arrives here the face of this place
 * @property {(owner: any, data: any, ports: object[]) => void} message
 * @property {(owner: any, error: Error, ports: object[]) => boolean} messageerror  false: nobody was told
 * @property {(owner: any) => void} close
 * @property {(owner: any) => void} drain
 * @property {string} [loopWarning]  what is said, without a code, of a port that was posted into itself
 * @property {(error: any) => any} [retell]  says in words of its own what was wrong with a post
 * @property {true} [holdsUnheard]  a reference holds the event loop also while nobody listens
 */

/**
 * What messages are received through.
 * @typedef {{ key: number, face: Pick<Face, 'wrap'>, sideCar: import('node:worker_threads').MessagePort | null }} Carrier
 */

const { create, hasOwn } = Object;
const runInAsyncScope = uncurry(AsyncResource.prototype.runInAsyncScope);

/** Whether a copy or an heir of an AsyncResource can be entered in its place: not where it has private fields. */
const HAS_HEIRS = (() => {
  try {
    const resource = new AsyncResource('MESSAGEPORT');
    return runInAsyncScope({ ...resource }, () => true) && runInAsyncScope(create(resource), () => true);
  } catch {
    return false; // where it has those, nothing that is entered writes to it either
  }
})();

/** Flags of a post. */
const FLUSH = 1;
const FULL = 2;
const LOOP = 4;

const LOOP_WARNING = 'A message port was posted into itself, or into a port that waits inside of it: the message is lost, and what is in it closes';

/** A `loopWarning` on Object.prototype is none of the face's. @param {Face} face */
function warnOfLoop(face) {
  if (hasOwn(face, 'loopWarning')) process.emitWarning(/** @type {string} */ (face.loopWarning));
  else process.emitWarning(LOOP_WARNING, { code: 'MESSAGE_PORT_LOOP' });
}

/** By key, which native uses again as soon as it is free; 0 is none. @type {(Endpoint | undefined)[]} */
const endpoints = [undefined];

/**
 * What the registry holds until an owner is collected. It lets go of an endpoint that has ended: that has the async context of its
 * making, which may lead to the owner, and then neither would ever be collected.
 * @typedef {{ endpoint: Endpoint | null }} Last
 */

/** @type {FinalizationRegistry<Last>} */
const unreachable = new FinalizationRegistry(({ endpoint }) => endpoint?.close('garbage'));

let holders = 0;

/** @param {boolean} on */
function hold(on) {
  holders += on ? 1 : -1;
  if (holders === (on ? 1 : 0)) native.hold(on);
}

/** How many want this thread to look for messages before it sleeps: ports, and the environment. */
let hurried = 0;

/** @param {boolean} on */
function hurry(on) {
  hurried += on ? 1 : -1;
  if (hurried === (on ? 1 : 0)) native.hurry(on);
}

if (process.env.MESSAGE_PORTS_LOW_LATENCY === '1') hurry(true);

/** The async context of a port's making; to async hooks it says whether the port holds the event loop. */
class PortResource extends AsyncResource {
  #endpoint;

  /** @param {Endpoint} endpoint */
  constructor(endpoint) {
    super('MESSAGEPORT');
    this.#endpoint = endpoint;
  }

  hasRef() {
    return #endpoint in this && this.#endpoint.holding; // a hook may ask before it is made
  }
}

/**
 * Invariants: `key` is 0 once this object will never send or deliver again. The owner (the object that users see) is
 * held strongly only while it is young, receiving, owed a 'drain', or has somebody waiting for 'close'. A moment later it may be
 * collected, which closes the port; not where its face gives the endpoint a callback that leads to the owner (`onDetached` of
 * Node's). After the end nothing of ours holds the endpoint for the sake of its owner.
 */
class Endpoint {
  key;
  /** @readonly */ face;
  /** Transferred away. */
  neutered = false;
  /** By close(), not from the other end. */
  closedHere = false;
  started = false;
  /** Started, and somebody listens: messages are decoded and handed out, otherwise they are discarded. */
  receiving = false;
  /** Somebody waits for 'close'. */
  expectingClose = false;
  /** It was above the high-water mark, and a DRAIN follows. */
  full = false;
  /** The turn in which it posted last. */
  turn = 0;
  /** See side-car.js. @type {import('node:worker_threads').MessagePort | null} */
  sideCar = null;
  /** Called when the port is transferred away, unless it was closed before. @type {(() => void) | null} */
  onDetached = null;
  /** The async context of the port's making. */
  #resource;
  /** A message has been handed out. */
  #heard = false;
  /** @type {object | null} */ #strong;
  /** @type {WeakRef<object> | null} */ #weak = null;
  /** @type {Last | null} */ #last = null;
  #listening = false;
  #heedingDrain = false;
  /** See {@link Face}. @readonly */ #holdsUnheard;
  #referenced;
  #young = true;
  #kept = true;
  /** See ages.js. */ place = -1;
  holding = false;
  #hurried = false;

  /**
   * @param {number} key
   * @param {object} owner
   * @param {Face} face
   * @param {AsyncResource} [resource]  another async context than the present one
   */
  constructor(key, owner, face, resource) {
    this.key = key;
    this.face = face;
    this.#resource = resource ?? new PortResource(this);
    this.#strong = owner;
    this.#holdsUnheard = hasOwn(face, 'holdsUnheard');
    this.#referenced = !this.#holdsUnheard;
    endpoints[key] = this;
    born(this);
    this.#note();
    if (TRACING) native.noteStack(key, whereFrom());
  }

  /**
   * Calls what calls listeners, in the async context of the port's making. What they enter ends with them: up to Node 22
   * `enterWith` writes to the resource, hence a copy of it for every call.
   * @template A, R
   * @param {(a: A, b: any, c: any) => R} callback
   * @param {A} a
   * @param {unknown} [b]
   * @param {unknown} [c]
   * @returns {R}
   */
  run(callback, a, b, c) {
    return runInAsyncScope(HAS_HEIRS ? { ...this.#resource } : this.#resource, callback, undefined, a, b, c);
  }

  /**
   * The same for what comes often. An heir takes a third of the time of a copy, but to have its first costs the resource a
   * microsecond, and memory for good: the engine makes a prototype of it. Many ports never hear more than one message.
   * @param {object} owner
   * @param {unknown} data
   * @param {object[]} ports
   */
  hear(owner, data, ports) {
    if (this.#heard && HAS_HEIRS) runInAsyncScope(create(this.#resource), this.face.message, undefined, owner, data, ports);
    else {
      this.#heard = true;
      this.run(this.face.message, owner, data, ports);
    }
  }

  /** The object that users see, unless it was collected. */
  get owner() {
    return this.#strong ?? this.#weak?.deref();
  }

  start() {
    if (this.key === 0 || this.started) return;
    this.started = true;
    native.start(this.key);
    this.#update();
  }

  pause() {
    if (this.key === 0 || !this.started) return;
    this.started = false;
    native.pause(this.key);
    this.#update();
  }

  /** @param {boolean} on  whether there is a 'message' listener */
  listen(on) {
    if (this.#listening === on) return;
    this.#listening = on;
    this.#update();
  }

  /** @param {boolean} on  whether there is a 'close' listener */
  expectClose(on) {
    if (this.expectingClose === on) return;
    this.expectingClose = on;
    this.#update();
  }

  /** @param {boolean} on  whether it may hold the event loop */
  reference(on) {
    this.#referenced = on;
    this.#update();
  }

  /** @param {boolean} on  whether its thread is to look for messages before it sleeps */
  hurry(on) {
    if (this.#hurried === on || this.key === 0) return;
    this.#hurried = on;
    hurry(on);
  }

  /** Whether a 'drain' is to follow, with all that was posted. */
  get needsDrain() {
    if (this.key !== 0) submit();
    this.heedDrain();
    return this.full;
  }

  /** Somebody waits for 'drain': until then this thread is not woken for it. */
  heedDrain() {
    if (this.#heedingDrain || this.key === 0) return;
    this.#heedingDrain = true;
    if (native.heedDrain(this.key)) this.awaitDrain();
  }

  get bufferedAmount() {
    return this.key === 0 ? 0 : native.bufferedAmount(this.key);
  }

  /**
   * @param {'close' | 'garbage'} [reason]
   * @returns {boolean} whether it was open
   */
  close(reason = 'close') {
    if (this.key === 0) return false;
    this.closedHere = true;
    const told = closed.hasSubscribers && this.face.kind !== NO_FACE ? describe(this, this.key) : null;
    this.onDetached = null;
    native.close(this.#leave());
    if (told !== null) publishClosed(told, reason);
    return true;
  }

  /** Native has given the port away: with a message, to a descriptor, another thread, another face. `onDetached` is the caller's. */
  detached() {
    this.neutered = true;
    this.#leave();
  }

  /**
   * Gives the native port away, paused and with its queue, to another endpoint of this thread.
   * @returns {Pick<Carrier, 'key' | 'sideCar'>} the key is 0 if it is closed
   */
  release() {
    this.pause();
    const { key, sideCar } = this;
    this.sideCar = null;
    this.detached();
    this.onDetached?.();
    return { key, sideCar };
  }

  /** The peer is gone and everything was delivered. */
  ended() {
    const { owner } = this;
    const told = closed.hasSubscribers && this.face.kind !== NO_FACE ? describe(this, this.key) : null;
    this.onDetached = null;
    this.#leave();
    if (told !== null) publishClosed(told, 'peer');
    if (owner !== undefined) this.run(this.face.close, owner);
  }

  drained() {
    const { owner } = this;
    this.full = false;
    this.#update();
    if (owner !== undefined) this.run(this.face.drain, owner);
  }

  /** @param {number} flags */
  posted(flags) {
    if (flags & FLUSH) scheduleFlush();
    if (flags & FULL) this.awaitDrain();
    if (flags & LOOP) warnOfLoop(this.face);
    if (exit.begun) settle();
  }

  /** It is above the high-water mark. */
  awaitDrain() {
    if (this.full || !this.#heedingDrain) return;
    this.full = true;
    this.#update();
  }

  /** Its first tick is over. */
  settle() {
    this.#young = false;
    this.#update();
  }

  #leave() {
    const { key } = this;
    this.hurry(false);
    endpoints[key] = undefined;
    this.key = 0;
    this.full = false;
    this.#young = false;
    this.sideCar?.close();
    this.sideCar = null;
    this.#update();
    this.#strong = null;
    if (this.#last !== null) this.#last.endpoint = null;
    forget(this);
    return key;
  }

  #update() {
    const open = this.key !== 0;
    this.receiving = open && this.started && this.#listening;
    const holding = (this.receiving || (open && this.#holdsUnheard)) && this.#referenced;
    if (holding !== this.holding) {
      this.holding = holding;
      hold(holding);
    }
    if (!open) return;
    if (!this.#young) this.#keep(this.receiving || this.full || this.expectingClose);
    this.#note();
  }

  /** For those who look. */
  #note() {
    note(this.key, this.face.kind | (this.#listening ? LISTENING : 0) | (this.expectingClose ? EXPECTING_CLOSE : 0)
      | (this.#referenced ? REFERENCED : 0) | (this.full ? OVERFULL : 0) | (this.#young ? YOUNG : 0));
  }

  /** @param {boolean} strongly */
  #keep(strongly) {
    this.#kept = strongly;
    if (strongly) this.#strong ??= this.#weak?.deref() ?? null;
    else if (this.#weak === null) wane(this);
    else this.#strong = null;
  }

  /** A moment has passed: holds its owner weakly, unless that has to be kept. */
  weaken() {
    if (this.#kept || this.#strong === null) return;
    this.#weak = new WeakRef(this.#strong);
    this.#last = { endpoint: this };
    unreachable.register(this.#strong, this.#last);
    this.#strong = null;
  }
}

onFull((keys) => {
  for (let i = 0; i < keys.length; i++) endpoints[keys[i]]?.awaitDrain();
});

/**
 * A key whose peer is gone: what a closed port arrives as, so that it emits 'close' like any other.
 * @returns {number}
 */
function orphan() {
  const key = native.createChannel();
  native.close(native.control[KEY]);
  return key;
}

/** One lookup per class of transferable ports. @type {((object: object) => Endpoint | undefined)[]} */
const lookups = [];

/**
 * The endpoint of a port that can be transferred, of either face; undefined for everything else.
 * @param {unknown} object
 */
function endpointOf(object) {
  if (typeof object !== 'object' || object === null) return undefined;
  for (let i = 0; i < lookups.length; i++) {
    const endpoint = lookups[i](object);
    if (endpoint !== undefined) return endpoint;
  }
  return undefined;
}

/** @param {(object: object) => Endpoint | undefined} lookup */
function registerTransferable(lookup) {
  lookups[lookups.length] = lookup;
}

module.exports = { Endpoint, endpoints, endpointOf, orphan, registerTransferable };
