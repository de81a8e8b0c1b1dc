// Which ArrayBuffers may be detached: not WebAssembly memory, nor what cannot change, nor what is gone already or marked for Node.
'use strict';

const { isArrayBuffer, isTypedArray } = require('node:util/types');
const { NONE, SafeMap, dataClone, engineTells, getter, isImmutable, native, isMovable, tellsMovable, typedArray, worker_threads } = require('../native');

const { ArrayBuffer } = globalThis;

/** Missing on Node 20, which marks ArrayBuffers and does not tell which. @type {((buffer: ArrayBuffer) => boolean) | undefined} */
const isMarked = /** @type {any} */ (worker_threads).isMarkedAsUntransferable;
const { markAsUntransferable } = worker_threads;

/** What `native.detachable` says where the engine does not tell. */
const UNKNOWN = -1;

/** What it says of one that can be detached, and has the shape that nobody has marked. */
const PLAIN = 2;

/** Where a culprit stands that is in no message. */
const IN_LIST = '';

/** One that nobody has marked. */
const plain = new ArrayBuffer(1);

/** A mark is a hidden property, and changes the shape; asking Node takes as long as throwing an error. */
const compare = () => {
  const marked = new ArrayBuffer(1);
  markAsUntransferable(marked);
  return engineTells() && native.isAlike(new ArrayBuffer(8), plain) && !native.isAlike(marked, plain);
};

/** Found out when there is one to be handed over. @type {boolean | undefined} */
let shapesTell;

/** @param {ArrayBuffer} buffer */
function isDetachable(buffer) {
  if (isImmutable(buffer)) return false; // the engine says otherwise, and aborts
  shapesTell ??= compare();
  const known = native.detachable(buffer, plain);
  if (known === PLAIN && shapesTell) return true;
  if (known === 0) return false;
  if ((known === UNKNOWN || isMarked === undefined) && tellsMovable()) return isMovable(buffer);
  return isMarked === undefined || !isMarked(buffer);
}

const bufferOf = getter(typedArray, 'buffer');
const lengthOf = getter(typedArray, 'byteLength');

/**
 * Whether it is a typed array that shows all of a buffer which may be detached.
 * @param {any} value
 */
function isWholeBuffer(value) {
  if (!isTypedArray(value)) return false;
  const buffer = bufferOf(value);
  return isArrayBuffer(buffer) && buffer.byteLength === lengthOf(value) && isDetachable(buffer);
}

/**
 * @param {ArrayBuffer} buffer
 * @param {number} index
 */
function detachable(buffer, index) {
  if (isDetachable(buffer)) return buffer;
  const about = { culprit: buffer, where: IN_LIST, reason: undefined, isUnlisted: false };
  throw dataClone(`ArrayBuffer at index ${index} cannot be detached.`, about);
}

/** A map with one key, whose value is 0. */
class OnlyBuffer {
  size = 1;
  #buffer;

  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    this.#buffer = buffer;
  }

  /** @param {ArrayBuffer} buffer */
  has(buffer) {
    return buffer === this.#buffer;
  }

  /** @param {ArrayBuffer} buffer */
  get(buffer) {
    return buffer === this.#buffer ? 0 : undefined;
  }
}

/** A list of one buffer, which is most of all. */
class BufferList {
  ports = NOTHING;
  things = NOTHING;
  carried = NONE;
  descriptors = 0;
  /** @readonly */ buffers;
  #buffer;

  /** @param {ArrayBuffer} buffer */
  constructor(buffer) {
    this.#buffer = buffer;
    this.buffers = new OnlyBuffer(buffer);
  }

  claim() {
    return { moving: NONE, memory: [detachable(this.#buffer, 0)], handed: NONE };
  }

  depart() {}

  stay() {}
}

/** @type {Map<any, any>} */
const NOTHING = new SafeMap();

module.exports = { IN_LIST, detachable, isDetachable, isWholeBuffer, BufferList };
