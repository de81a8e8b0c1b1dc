// One side of the channel between a parent and its worker or child: it delivers while somebody listens.
'use strict';

const { wrapMain } = require('../faces');
const { Endpoint } = require('../port');
const { native } = require('../native');

const { setImmediate } = globalThis;

/** @typedef {import('node:events').EventEmitter} EventEmitter */

class Link extends Endpoint {
  /** @type {(() => void) | null} */
  #whenFinished = null;

  /** @override @param {boolean} on */
  listen(on) {
    super.listen(on);
    if (on) return this.start();
    this.pause();
    this.#checkFinished();
  }

  /** @override */
  ended() {
    super.ended();
    this.#finish();
  }

  /** The other side does not keep to the protocol: it is not heard any more, as if it had ended. */
  fail() {
    const { owner } = this;
    if (!this.close()) return;
    if (owner !== undefined) this.run(this.face.close, owner);
    this.#finish();
  }

  /** The process on the other side is dead: nothing more comes, whoever inherited its descriptor. */
  conclude() {
    if (this.key !== 0) native.conclude(this.key);
  }

  /** Whether the other side is gone, and nothing of it is left to deliver, whether or not that has been told. */
  get isOver() {
    const { 0: peer, 1: waiting } = native.stats(this.key);
    return peer === 'gone' && waiting === 0;
  }

  /**
   * The other side has ended. Calls back once everything it posted was delivered, or when nobody listens.
   * @param {() => void} callback
   */
  finish(callback) {
    if (!this.receiving) return this.run(callback, undefined);
    this.#whenFinished = callback;
    this.reference(true);
  }

  /** A listener for one message makes room for the next one: only who is gone after this turn is gone. */
  #checkFinished() {
    if (this.#whenFinished === null) return;
    setImmediate(() => {
      if (!this.receiving) this.#finish();
    });
  }

  #finish() {
    const callback = this.#whenFinished;
    this.#whenFinished = null;
    if (callback !== null) this.run(callback, undefined);
  }
}

/**
 * How a parent sees what it has started, of this kind: the data come first, then the event. When the other side is gone,
 * 'exit' says so.
 * @type {(kind: number) => import('../port/endpoint.js').Face}
 */
const childFace = (/** @type {number} */ kind) => ({
  kind,
  wrap: wrapMain,
  message: (/** @type {EventEmitter} */ child, data, ports) => { child.emit('message', data, { data, ports }); },
  messageerror: (/** @type {EventEmitter} */ child, error, ports) => child.emit('messageerror', error, { error, ports }),
  close: () => {},
  drain: () => {},
});

module.exports = { Link, childFace };
