// One end of a port that no user sees, under a stream, a signal or a port of Node's: what it is told goes to whom it serves.
'use strict';

const { Endpoint, NO_FACE, post } = require('../port');
const { KEY, SafeWeakMap, dataClone, native, withCode } = require('../native');

const { Error, WeakRef } = globalThis;

/**
 * @typedef {object} Served
 * @property {(message: any, ports: any[]) => void} message  whatever the peer has sent, which may be hostile
 * @property {(error: Error) => void} broken  something arrived that is no message
 * @property {() => void} gone  the peer has closed, or is dead
 */
/** @typedef {Pick<import('../port/endpoint.js').Carrier, 'key' | 'sideCar'>} Bearer */
/** @typedef {(transfer: any) => import('../port/clone-context.js').Transfer | null} ReadList */
/** @typedef {import('node:async_hooks').AsyncResource} AsyncResource */

/** @type {import('../port/endpoint.js').Face} */
const face = {
  kind: NO_FACE,
  wrap(key) {
    native.close(key); // nothing that we send under a stream takes ports along
    return {};
  },
  message: (/** @type {End} */ end, data, ports) => end.served?.message(data, ports),
  messageerror(/** @type {End} */ end, error) {
    end.served?.broken(error);
    return true;
  },
  close: (/** @type {End} */ end) => end.served?.gone(),
  drain() {},
};

/** Invariant: it holds the event loop only where somebody waits for the peer. */
class End {
  /** @type {Served | null} */ served = null;
  /** What lives as long as this is open, though nobody else may have it. @type {object | null} */ awaited = null;
  /** @readonly */ endpoint;

  /**
   * @param {Bearer} bearer
   * @param {((key: number) => object) | null} [wrap]  what ports in its messages become; null: it has none
   * @param {AsyncResource} [resource]  see Endpoint
   */
  constructor({ key, sideCar }, wrap = null, resource = undefined) {
    this.endpoint = new Endpoint(key, this, wrap === null ? face : { ...face, wrap }, resource);
    this.endpoint.sideCar = sideCar;
    this.endpoint.reference(false);
  }

  /** @param {Served} served  hears of everything from now on */
  serve(served) {
    this.served = served;
    this.endpoint.listen(true);
    this.endpoint.start();
  }

  get closed() {
    return this.endpoint.key === 0;
  }

  /** @param {boolean} on  whether it keeps the event loop alive */
  hold(on) {
    this.endpoint.reference(on);
  }

  /**
   * @param {unknown} message
   * @param {unknown} [transfer]
   * @param {ReadList} [read]
   */
  post(message, transfer, read = nothing) {
    post(this.endpoint, message, transfer, read, this.post);
  }

  /**
   * Tells of what a post has thrown. A getter throws whatever it likes, also what cannot be cloned: the peer is told all the same.
   * @param {unknown} error
   * @param {(reason: unknown) => unknown} wrap  makes a message of it
   */
  postThrown(error, wrap) {
    try {
      this.post(wrap(error));
    } catch {
      this.post(wrap(dataClone('A value could not be cloned, and neither could what a getter of it has thrown.')));
    }
  }

  close() {
    this.endpoint.close();
  }
}

const nothing = () => null;

/**
 * Nobody can reach a stream any more: its port closes, which the other side hears. The end of one that is closed leads to what was awaited,
 * and its endpoint does not lead there any more.
 * @type {FinalizationRegistry<Endpoint>}
 */
const unreachable = new FinalizationRegistry((endpoint) => endpoint.close());

/**
 * What leads an end to the controller of its stream. Where it does not hold that, the end closes when the stream is collected.
 * @template {object} C
 * @param {End} end
 * @param {C} controller
 * @param {boolean} holds
 * @returns {Pick<WeakRef<C>, 'deref'>}
 */
function leadTo(end, controller, holds) {
  if (holds) return { deref: () => controller };
  unreachable.register(controller, end.endpoint);
  return new WeakRef(controller);
}

/**
 * What is made over a port that has arrived: the port closes with it, and where nothing can be made of it. Nobody else may close
 * it by its key, which by then may be another's.
 * @param {Bearer} bearer
 * @param {(end: End) => object} make
 * @returns {import('../port/carried.js').Made}
 */
function openOver(bearer, make) {
  const end = new End(bearer);
  try {
    return { object: make(end), close: () => end.close() };
  } catch (error) {
    end.close();
    throw error;
  }
}

/** A channel for something that is to leave: one end is served here, the other goes. Until then nobody knows of it. */
class Exit {
  /** @readonly */ here;
  /** @readonly */ going;

  /**
   * @param {((key: number) => object) | null} [wrap]  see End
   * @param {AsyncResource} [resource]  of the end that stays
   */
  constructor(wrap = null, resource = undefined) {
    const key = native.createChannel();
    this.going = new End({ key: native.control[KEY], sideCar: null }).endpoint;
    this.here = new End({ key, sideCar: null }, wrap, resource);
  }

  /** It does not leave after all. */
  close() {
    this.here.close();
    this.going.close();
  }
}

/** The peer has said what it may not say. */
const malformed = () => withCode(new Error('the other end of a stream does not keep to the protocol'), 'ERR_MESSAGE_MALFORMED');

/** What has been said of peers that are gone. @type {WeakMap<object, true>} */
const obituaries = new SafeWeakMap();

function peerGone() {
  const error = withCode(new Error('the other end of the stream is gone: its process or thread has ended, or nobody has it any more'), 'ERR_PEER_GONE');
  obituaries.set(error, true);
  return error;
}

/**
 * Whether it is what peerGone() has made in this thread.
 * @param {any} reason
 */
const isPeerGone = (reason) => obituaries.has(reason);

module.exports = { End, Exit, leadTo, openOver, malformed, peerGone, isPeerGone };
