// Which ArrayBuffers may be detached: not WebAssembly memory, not what is gone already, not what Node has marked.
'use strict';

const worker_threads = require('node:worker_threads');
const { native, isMovable } = require('../native');

/** Missing on Node 20, which marks ArrayBuffers and does not tell which. @type {((buffer: ArrayBuffer) => boolean) | undefined} */
const isMarked = /** @type {any} */ (worker_threads).isMarkedAsUntransferable;

/** What `native.detachable` says where the engine does not tell. */
const UNKNOWN = -1;

/** One that nobody has marked. */
const plain = new ArrayBuffer(1);

/** A mark is a hidden property, and changes the shape; asking Node takes as long as throwing an error. */
const shapesTell = (() => {
  const marked = new ArrayBuffer(1);
  worker_threads.markAsUntransferable(marked);
  return native.isAlike(new ArrayBuffer(8), plain) && !native.isAlike(marked, plain);
})();

/** @param {ArrayBuffer} buffer */
function isDetachable(buffer) {
  const known = native.detachable(buffer);
  if (known === 0) return false;
  if (known === 1 && shapesTell && native.isAlike(buffer, plain)) return true;
  if (known === UNKNOWN || isMarked === undefined) return isMovable(buffer);
  return !isMarked(buffer);
}

module.exports = { isDetachable };
