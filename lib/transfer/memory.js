// Which ArrayBuffers may be detached: not WebAssembly memory, not what is gone already, not what Node has marked.
'use strict';

const worker_threads = require('node:worker_threads');
const { arrayMap } = require('../native/builtins.js');
const { native } = require('../native/addon.js');
const { dataClone } = require('../native/errors.js');
const { isMovable } = require('../native/movable.js');

/** Missing on Node 20, which marks ArrayBuffers and does not tell which. @type {((buffer: ArrayBuffer) => boolean) | undefined} */
const isMarked = /** @type {any} */ (worker_threads).isMarkedAsUntransferable;

/** What `native.detachable` says where the engine does not tell. */
const UNKNOWN = -1;

/** @param {ArrayBuffer} buffer */
function isDetachable(buffer) {
  const known = native.detachable(buffer);
  if (known === 0) return false;
  if (known === UNKNOWN || isMarked === undefined) return isMovable(buffer);
  return !isMarked(buffer);
}

/**
 * The buffers that hold the memory which the list names, all of them detachable.
 * @param {{ buffer: ArrayBuffer, index: number }[]} listed  with the place in the list
 * @returns {ArrayBuffer[]}
 */
function detachable(listed) {
  return arrayMap(listed, (/** @type {{ buffer: ArrayBuffer, index: number }} */ { buffer, index }) => {
    if (!isDetachable(buffer)) throw dataClone(`ArrayBuffer at index ${index} cannot be detached.`);
    return buffer;
  });
}

module.exports = { detachable };
