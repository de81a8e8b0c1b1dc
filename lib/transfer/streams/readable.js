// The readable side of a stream over a port (the Streams standard's cross-realm transform readable), with a window: who
// waits for chunks asks for twice as many the next time.
'use strict';

const { ReadableStream } = require('node:stream/web');
const { isArrayBuffer } = require('node:util/types');
const { NONE, SafeWeakMap, append, arraySlice } = require('../../native');
const { leadTo, malformed, peerGone } = require('../end.js');
const { WINDOW, WINDOW_BYTES, MAX_IN_FLIGHT } = require('../limits.js');
const { CLOSE, isChunk, isError, fail, failUnread } = require('./protocol.js');

/** @typedef {import('../end.js').End} End */
/** @typedef {ReadableStreamDefaultController<any>} Controller */

const { max, min, floor } = Math;
const { isView } = ArrayBuffer;
const { Promise } = globalThis;

/**
 * What is known of a chunk without looking into it.
 * @param {any} chunk
 * @returns {number} bytes
 */
function sizeOf(chunk) {
  if (typeof chunk === 'string') return chunk.length;
  return isView(chunk) || isArrayBuffer(chunk) ? chunk.byteLength : 0;
}

/** @type {WeakMap<object, ReadableSide>} by stream */
const sides = new SafeWeakMap();

/**
 * Invariants: chunks that are on their way and those that wait here are never more than MAX_IN_FLIGHT; the stream is held
 * while a read waits, otherwise only its user holds it, or the port, where it is piped.
 */
class ReadableSide {
  /** @readonly */ end;
  /** @type {Pick<WeakRef<Controller>, 'deref'> | null} */ #controller = null;
  /** @readonly */ #piped;
  /** While a read waits. @type {{ controller: Controller, resolve: () => void } | null} */ #reading = null;
  /** Arrived and not read: those from `#first` on. @type {unknown[]} */ #chunks = [];
  #first = 0;
  /** Chunks asked for that have not arrived. */
  #asked;
  #window = 0;
  #largest = 1;
  #closing = false;
  /** The sink by which it goes on to another thread: that hears of the source's death at once. */
  /** @type {{ sourceGone: (reason: Error) => void } | null} */ #heir = null;

  /**
   * @param {End} end
   * @param {number} asked  by a previous owner
   * @param {boolean} piped  see readableOver()
   */
  constructor(end, asked, piped) {
    if (asked > MAX_IN_FLIGHT) throw malformed();
    this.end = end;
    this.#asked = asked;
    this.#piped = piped;
  }

  /** @param {Controller} controller */
  start(controller) {
    this.#controller = leadTo(this.end, controller, this.#piped);
    this.end.serve(this);
  }

  get #waiting() {
    return this.#chunks.length - this.#first;
  }

  /**
   * Called when somebody reads and there is nothing in the stream itself.
   * @param {Controller} controller
   * @returns {Promise<void> | undefined}
   */
  pull(controller) {
    if (this.#waiting > 0) {
      controller.enqueue(this.#shift());
      if (this.#closing && this.#waiting === 0) controller.close();
      else this.#ask();
      return undefined;
    }
    this.#window = max(1, min(this.#window * 2, WINDOW));
    this.end.hold(true);
    this.#ask();
    return new Promise((resolve) => {
      this.#reading = { controller, resolve };
    });
  }

  /** @param {unknown} reason */
  cancel(reason) {
    this.#chunks = NONE;
    this.#settle();
    if (!this.end.closed) fail(this.end, reason);
  }

  #shift() {
    const chunk = this.#chunks[this.#first];
    this.#chunks[this.#first++] = undefined;
    if (this.#first === this.#chunks.length || this.#first === MAX_IN_FLIGHT) {
      this.#chunks = arraySlice(this.#chunks, this.#first);
      this.#first = 0;
    }
    return chunk;
  }

  /** Fills the window up once half of it is empty. */
  #ask() {
    if (this.end.closed) return;
    const window = min(this.#window, max(2, floor(WINDOW_BYTES / this.#largest)));
    const coming = this.#asked + this.#waiting;
    if (coming * 2 > window || coming >= window) return;
    this.#asked += window - coming;
    this.end.post(window - coming);
  }

  /** @param {any} message */
  message(message) {
    if (isChunk(message)) this.#chunk(message[1]);
    else if (isError(message)) this.#stop(message[1]);
    else if (message === CLOSE) this.#close();
    else this.broken(malformed());
  }

  /** @param {any} chunk */
  #chunk(chunk) {
    if (this.#asked === 0) return this.broken(malformed());
    this.#asked--;
    this.#largest = max(this.#largest, sizeOf(chunk));
    if (this.#reading === null) return append(this.#chunks, chunk);
    this.#reading.controller.enqueue(chunk);
    this.#settle();
  }

  #close() {
    this.end.close();
    this.#closing = true;
    if (this.#waiting === 0) this.#controller?.deref()?.close();
    this.#settle();
  }

  /** @param {Error} error */
  broken(error) {
    this.#stop(failUnread(this.end, error, 'A chunk'));
  }

  gone() {
    const reason = peerGone();
    this.#heir?.sourceGone(reason);
    this.#stop(reason);
  }

  /** @param {{ sourceGone: (reason: Error) => void } | undefined} heir */
  bequeath(heir) {
    this.#heir = heir ?? null;
  }

  /** @param {unknown} reason  what arrived and was not read is lost, as the source's queue is */
  #stop(reason) {
    this.end.close();
    this.#chunks = NONE;
    this.#first = 0;
    this.#controller?.deref()?.error(reason);
    this.#settle();
  }

  /** Nobody waits any more. */
  #settle() {
    this.end.hold(false);
    this.#reading?.resolve();
    this.#reading = null;
  }

  /** Chunks that its next owner is to expect; undefined where some of them are in this thread already. */
  get portable() {
    const idle = !this.end.closed && this.#reading === null && this.#waiting === 0;
    return idle && this.#controller?.deref()?.desiredSize === 0 ? this.#asked : undefined;
  }
}

/**
 * @param {End} end
 * @param {number} [asked]
 * @param {boolean} [piped]  to a sink that stays here. Nobody else may hold the stream, so the port does: the sink is to hear of the
 *   writer's end
 * @returns {ReadableStream}
 */
function readableOver(end, asked = 0, piped = false) {
  const side = new ReadableSide(end, asked, piped);
  const stream = new ReadableStream({
    start: (controller) => side.start(controller),
    pull: (controller) => side.pull(controller),
    cancel: (reason) => side.cancel(reason),
  }, { highWaterMark: 0 });
  sides.set(stream, side);
  return stream;
}

/**
 * The side under a stream that came over a port of ours.
 * @param {object} stream
 */
const readableSide = (stream) => sides.get(stream);

module.exports = { readableOver, readableSide };
