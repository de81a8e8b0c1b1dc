// Streams leave by the Streams standard's transfer: what stays is piped to or from a port, the other end of which goes. One
// that has come over a port of ours, and of which nothing is in this thread, leaves with that very port.
'use strict';

const { ReadableStream, WritableStream, TransformStream } = require('node:stream/web');
const { CARRIED, OBJECT, answers, ownBySymbol } = require('../../clone');
const { defineValue, getter, uncurry } = require('../../native');
const { Exit, openOver } = require('../end.js');
const { holdWhileAwaited } = require('./awaited.js');
const { readableOver, readableSide } = require('./readable.js');
const { writableOver, writableSide } = require('./writable.js');

/** @typedef {import('../../port/endpoint.js').Endpoint} Endpoint */
/** @typedef {import('../end.js').End} End */
/** @typedef {import('../../port/carried.js').Bearer} Bearer */

const readableLocked = getter(ReadableStream.prototype, 'locked');
const writableLocked = getter(WritableStream.prototype, 'locked');
const readableOf = getter(TransformStream.prototype, 'readable');
const writableOf = getter(TransformStream.prototype, 'writable');
const getReader = uncurry(ReadableStream.prototype.getReader);
const getWriter = uncurry(WritableStream.prototype.getWriter);
const pipeTo = uncurry(ReadableStream.prototype.pipeTo);
const then = uncurry(Promise.prototype.then);

const ignore = () => {};

/** What the two kinds of sides have in common. */
class SideDeparture {
  /** @readonly */ name;
  isPort = false;
  isHanded = false;
  tag = OBJECT.CARRIED;
  /** @readonly */ parts;
  /** @readonly */ entries;
  #portable;
  /** @type {Exit | null} */ #exit = null;

  /**
   * @param {object} stream
   * @param {number} kind
   * @param {{ end: End, portable: number | undefined } | undefined} side  under it, if it has come over a port
   */
  constructor(stream, kind, side) {
    this.name = kind === CARRIED.READABLE ? 'ReadableStream' : 'WritableStream';
    this.stream = stream;
    this.side = side;
    this.parts = [stream];
    this.#portable = side?.portable;
    this.entries = [{ kind, state: this.#portable ?? 0 }];
  }

  /** @returns {boolean} */
  get locked() {
    return true;
  }

  /** Why it cannot leave. @returns {string | null} */
  get refusal() {
    if (this.locked) return 'is locked';
    return this.side?.portable === this.#portable ? null : 'was used by a getter of the message';
  }

  /** @returns {Endpoint[]} what takes it along */
  claim() {
    if (this.side !== undefined && this.#portable !== undefined) return [this.side.end.endpoint];
    this.#exit = new Exit();
    return [this.#exit.going];
  }

  depart() {
    if (this.#exit === null) this.lock();
    else this.pipe(this.#exit.here);
  }

  stay() {
    this.#exit?.close();
    this.#exit = null;
  }

  lock() {}

  /** @param {End} _here */
  pipe(_here) {}
}

class ReadableDeparture extends SideDeparture {
  /** @param {ReadableStream} stream */
  constructor(stream) {
    super(stream, CARRIED.READABLE, readableSide(stream));
  }

  get locked() {
    return readableLocked(this.stream);
  }

  lock() {
    getReader(this.stream);
  }

  /** @param {End} here */
  pipe(here) {
    const writable = writableOver(here, 0, isByteStream(this.stream), true);
    then(pipeTo(this.stream, writable), ignore, ignore);
    readableSide(this.stream)?.bequeath(writableSide(writable));
  }
}

class WritableDeparture extends SideDeparture {
  /** @param {WritableStream} stream */
  constructor(stream) {
    const side = writableSide(stream);
    super(stream, CARRIED.WRITABLE, side !== undefined && isUntouched(stream) ? side : undefined);
  }

  get locked() {
    return writableLocked(this.stream);
  }

  lock() {
    getWriter(this.stream);
  }

  /** @param {End} here */
  pipe(here) {
    then(pipeTo(readableOver(here, 0, true), this.stream), ignore, ignore);
  }
}

/** Both sides of a TransformStream. */
class TransformDeparture {
  name = 'TransformStream';
  isPort = false;
  isHanded = false;
  tag = OBJECT.TRANSFORM;
  /** @readonly */ parts;
  /** @readonly */ entries;
  #sides;

  /** @param {ReadableStream} readable  @param {WritableStream} writable */
  constructor(readable, writable) {
    const [out, into] = [new ReadableDeparture(readable), new WritableDeparture(writable)];
    this.#sides = { out, into };
    this.parts = [readable, writable];
    this.entries = [out.entries[0], into.entries[0]];
  }

  get refusal() {
    return this.#sides.out.refusal ?? this.#sides.into.refusal;
  }

  claim() {
    return [this.#sides.out.claim()[0], this.#sides.into.claim()[0]];
  }

  depart() {
    this.#sides.out.depart();
    this.#sides.into.depart();
  }

  stay() {
    this.#sides.out.stay();
    this.#sides.into.stay();
  }
}

/**
 * The memory of what a byte stream has given out belongs to the reader.
 * @param {object} stream  not locked
 */
function isByteStream(stream) {
  try {
    getReader(stream, { mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}

/**
 * Nothing that was written waits in it, nor its end: that counts nothing in the queue, and waits there in the moment in which the
 * stream has arrived.
 * @param {WritableStream} stream
 */
function isUntouched(stream) {
  if (writableLocked(stream) || ownBySymbol(stream, 'kState')?.closeRequest?.promise !== undefined) return false;
  const writer = getWriter(stream);
  const { desiredSize } = writer;
  writer.releaseLock();
  return desiredSize === 1;
}

/**
 * @param {any} object
 * @returns {ReadableDeparture | WritableDeparture | TransformDeparture | null} null: no stream
 */
function streamDeparture(object) {
  if (answers(readableLocked, object)) return new ReadableDeparture(object);
  if (answers(writableLocked, object)) return new WritableDeparture(object);
  if (!answers(readableOf, object)) return null;
  const { readable, writable } = joined.get(object) ?? { readable: readableOf(object), writable: writableOf(object) };
  return new TransformDeparture(readable, writable);
}

/** @param {object} object */
function isStream(object) {
  return answers(readableLocked, object) || answers(writableLocked, object) || answers(readableOf, object);
}

/** @param {Bearer} bearer */
function openReadable(bearer) {
  return openOver(bearer, (end) => {
    const stream = readableOver(end, bearer.state);
    holdWhileAwaited(stream, 'reader', end);
    return stream;
  });
}

/** @param {Bearer} bearer */
function openWritable(bearer) {
  return openOver(bearer, (end) => {
    const stream = writableOver(end, bearer.state, false);
    holdWhileAwaited(stream, 'writer', end);
    return stream;
  });
}

/** The sides of TransformStreams that have arrived. @type {WeakMap<object, { readable: ReadableStream, writable: WritableStream }>} */
const joined = new WeakMap();

/**
 * The class makes its sides itself, and shows what stands on the object before them.
 * @param {any} readable
 * @param {any} writable
 */
function joinSides(readable, writable) {
  const stream = new TransformStream();
  defineValue(stream, 'readable', readable);
  defineValue(stream, 'writable', writable);
  joined.set(stream, { readable, writable });
  return stream;
}

module.exports = { streamDeparture, isStream, openReadable, openWritable, joinSides };
