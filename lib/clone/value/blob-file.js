// A Blob of a file goes by the file's descriptor and arrives as a Blob of that file, whatever has become of its name. It
// can be read as long as the file is as it was, as everywhere: Node.js compares sizes and times.
'use strict';

const { Blob } = require('node:buffer');
const fs = require('node:fs');
const {
  HANDED, SafeDataView, SafeWeakMap, bare, bytesAlloc, defineProperty, defineValue, deleteProperty, isInteger, latin1Slice, latin1Write, native, subarray, uncurry,
} = require('../../native');

const { Error } = globalThis;

const { prototype } = Blob;
const sliceOf = uncurry(prototype.slice);
const streamOf = uncurry(prototype.stream);

/** What goes along: size and time of the last change, and behind them the type. */
const SIZE = 0;
const CHANGED = 8;
const TYPE = 16;

/** @typedef {{ kind: number, fd: number, body: Uint8Array }} Leaving  what leaves as a descriptor and stands in no list */

/**
 * @param {number} fd
 * @param {number} size  that the file had when the Blob was made
 * @param {string} type
 * @returns {Leaving | null} null: it has changed
 */
function leavingFile(fd, size, type) {
  const stat = fs.fstatSync(fd);
  if (stat.size !== size) return null;
  const body = bytesAlloc(TYPE + type.length);
  const view = new SafeDataView(body.buffer, body.byteOffset, body.length);
  view.setFloat64(SIZE, size, true);
  view.setFloat64(CHANGED, stat.mtimeMs, true);
  latin1Write(body, type, TYPE);
  return { kind: HANDED.CONTENT, fd, body };
}

/**
 * @param {number} fd  becomes the Blob's
 * @param {Uint8Array} body
 * @param {number} number  by which native owns it
 * @param {(type: string, size: number) => Blob} unreadable  what stands for one whose file has changed
 */
function openFile(fd, body, number, unreadable) {
  const close = () => native.closeOwned(number);
  try {
    if (body.length < TYPE) throw new Error('a file of which too little is said');
    const view = new SafeDataView(body.buffer, body.byteOffset, body.length);
    const size = view.getFloat64(SIZE, true);
    if (!isInteger(size) || size < 0) throw new Error('a file of no size');
    const stat = fs.fstatSync(fd);
    const isAsItWas = stat.size === size && stat.mtimeMs === view.getFloat64(CHANGED, true);
    const { type } = new Blob([], bare({ type: latin1Slice(subarray(body, TYPE)) }));
    const blob = isAsItWas ? blobOf(`/proc/self/fd/${fd}`, type) : undefined;
    if (blob === undefined) {
      close();
      return { object: unreadable(type, size), close() {} };
    }
    registry.register(blob, number);
    return { object: keeping(blob), close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Closes a file's descriptor once nobody has the Blob any more. */
const registry = new FinalizationRegistry((/** @type {number} */ number) => native.closeOwned(number));

/** Parts and streams of Blobs, and the Blobs whose descriptors they are read by. @type {WeakMap<object, Blob>} */
const wholes = new SafeWeakMap();

/**
 * @param {Blob} blob
 * @returns {Blob}
 */
function keeping(blob) {
  const slice = (/** @type {number} */ start, /** @type {number} */ end, /** @type {string} */ type) => {
    const part = keeping(sliceOf(blob, start, end, type));
    wholes.set(part, blob);
    return part;
  };
  // Its file is opened when somebody begins to read.
  const stream = () => {
    const made = streamOf(blob);
    wholes.set(made, blob);
    return made;
  };
  return defineValue(defineValue(blob, 'stream', stream), 'slice', slice);
}

/**
 * Node makes such a Blob at once, but may hand it out in a promise only. Whoever resolves a promise asks the value whether it is
 * one itself, by the name of `then`: there we see it.
 * @param {string} path
 * @param {string} type
 * @returns {Blob | undefined}
 */
function blobOf(path, type) {
  const { openAsBlobSync } = /** @type {any} */ (fs);
  if (openAsBlobSync !== undefined) return asBlob(openAsBlobSync(path, bare({ type })));
  /** @type {unknown} */
  let seen;
  defineProperty(prototype, 'then', /** @type {PropertyDescriptor & ThisType<unknown>} */ ({ __proto__: null, get() { seen = this; return undefined; }, configurable: true }));
  try {
    fs.openAsBlob(path, bare({ type }));
  } finally {
    deleteProperty(prototype, 'then');
  }
  return asBlob(seen);
}

/** @param {any} made  an error where the file cannot be opened by that way */
const asBlob = (made) => (made instanceof Blob ? made : undefined);

module.exports = { leavingFile, openFile };
