// The writable side of a stream over a port (the Streams standard's cross-realm transform writable): it sends as many
// chunks as the reader has asked for.
'use strict';

const { WritableStream } = require('node:stream/web');
const { SafeWeakMap, retold, uncurry } = require('../../native');
const { leadTo, malformed, peerGone } = require('../end.js');
const { MAX_IN_FLIGHT } = require('../limits.js');
const { BufferList, isWholeBuffer } = require('../memory.js');
const { CHUNK, CLOSE, CONTENT, isError, isRequest, fail, failWith, failUnread } = require('./protocol.js');

/** @typedef {import('../end.js').End} End */
/** @typedef {WritableStreamDefaultController} Controller */

const { EventTarget, Promise } = globalThis;
const addEventListener = uncurry(EventTarget.prototype.addEventListener);

/** @type {WeakMap<object, WritableSide>} by stream */
const sides = new SafeWeakMap();

/**
 * Invariants: a chunk is sent when the reader has room for it; until then its write waits, and holds the stream. Otherwise only its
 * user holds it, or the port, where it is piped to.
 */
class WritableSide {
  /** @readonly */ end;
  /** @type {Pick<WeakRef<Controller>, 'deref'> | null} */ #controller = null;
  /** @readonly */ #piped;
  /** The write that waits. @type {{ controller: Controller, chunk: unknown, resolve: () => void, reject: (reason: unknown) => void } | null} */
  #writing = null;
  /** Chunks that the reader would take. */
  #room;
  /** The chunks are nobody else's. @readonly */ #moves;

  /**
   * @param {End} end
   * @param {number} room  that the reader told a previous owner of
   * @param {boolean} moves  whether the memory of chunks goes along
   * @param {boolean} piped  see writableOver()
   */
  constructor(end, room, moves, piped) {
    if (room > MAX_IN_FLIGHT) throw malformed();
    this.end = end;
    this.#room = room;
    this.#moves = moves;
    this.#piped = piped;
  }

  /** @param {Controller} controller */
  start(controller) {
    this.#controller = leadTo(this.end, controller, this.#piped);
    addEventListener(/** @type {any} */ (controller).signal, 'abort', () => this.#settle());
    this.end.serve(this);
  }

  /**
   * @param {any} chunk
   * @param {Controller} controller
   * @returns {Promise<void> | undefined}
   */
  write(chunk, controller) {
    if (this.#room > 0) return this.#send(chunk);
    this.end.hold(true);
    return new Promise((resolve, reject) => {
      this.#writing = { controller, chunk, resolve, reject };
    });
  }

  /**
   * @param {any} chunk
   * @returns {undefined}
   */
  #send(chunk) {
    this.#room--;
    const message = [CHUNK, chunk];
    try {
      if (this.#moves && isWholeBuffer(chunk)) this.end.post(message, chunk.buffer, (buffer) => new BufferList(buffer));
      else this.end.post(message);
    } catch (error) {
      const told = retold(error, CONTENT, 'chunk');
      failWith(this.end, told);
      throw told;
    }
  }

  close() {
    this.end.post(CLOSE);
    this.end.close();
  }

  /** @param {unknown} reason */
  abort(reason) {
    if (!this.end.closed) fail(this.end, reason);
  }

  /** @param {any} message */
  message(message) {
    if (isRequest(message) && this.#room + message <= MAX_IN_FLIGHT) this.#request(message);
    else if (isError(message)) this.#stop(message[1]);
    else this.broken(malformed());
  }

  /** @param {number} count */
  #request(count) {
    this.#room += count;
    const writing = this.#writing;
    if (writing === null) return;
    try {
      this.#send(writing.chunk);
    } catch (error) {
      writing.reject(error);
    }
    this.#settle();
  }

  /** @param {Error} error */
  broken(error) {
    this.#stop(failUnread(this.end, error, 'A message'));
  }

  gone() {
    this.#stop(peerGone());
  }

  /**
   * The source of what is piped to it is dead. The pipe itself would say so only after the reader has asked for the chunk that the
   * pipe holds, and it may never ask.
   * @param {Error} reason
   */
  sourceGone(reason) {
    if (!this.end.closed) this.#stop(reason);
  }

  /** @param {unknown} reason */
  #stop(reason) {
    this.end.close();
    this.#controller?.deref()?.error(reason);
    this.#writing?.reject(reason);
    this.#settle();
  }

  /** Nobody waits any more; an aborted stream's chunk is dropped. */
  #settle() {
    this.end.hold(false);
    this.#writing?.resolve();
    this.#writing = null;
  }

  /** The room that its next owner has, if nothing is on its way and the stream is as it was. */
  get portable() {
    return this.end.closed || this.#writing !== null ? undefined : this.#room;
  }
}

/**
 * @param {End} end
 * @param {number} room  see WritableSide
 * @param {boolean} moves
 * @param {boolean} [piped]  from a source that stays here. Nobody else may hold the stream, so the port does: the source is to hear of
 *   the reader's end
 * @returns {WritableStream}
 */
function writableOver(end, room, moves, piped = false) {
  const side = new WritableSide(end, room, moves, piped);
  const stream = new WritableStream({
    start: (controller) => side.start(controller),
    write: (chunk, controller) => side.write(chunk, controller),
    close: () => side.close(),
    abort: (reason) => side.abort(reason),
  });
  sides.set(stream, side);
  return stream;
}

/**
 * The side under a stream that came over a port of ours.
 * @param {object} stream
 */
const writableSide = (stream) => sides.get(stream);

module.exports = { writableOver, writableSide };
