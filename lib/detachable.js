// Which ArrayBuffers may be detached: not WebAssembly memory, not what is gone already, not what Node has marked.
'use strict';

const worker_threads = require('node:worker_threads');
const { syncBuiltinESMExports } = require('node:module');
const { native } = require('./native.js');
const { dataClone } = require('./errors.js');

/** Node 20 marks ArrayBuffers and does not tell which. @type {(buffer: ArrayBuffer) => boolean} */
const isMarked = /** @type {any} */ (worker_threads).isMarkedAsUntransferable ?? watchMarks();

/** Remembers what users mark. What Node itself marks, its Buffer pools, have a size that gives them away. */
function watchMarks() {
  const marked = new WeakSet();
  const { markAsUntransferable } = worker_threads;
  worker_threads.markAsUntransferable = (object) => {
    markAsUntransferable(object);
    marked.add(object);
  };
  syncBuiltinESMExports();
  return (/** @type {ArrayBuffer} */ buffer) => marked.has(buffer) || (mayBePool(buffer) && staysHere(buffer));
}

/** @param {ArrayBuffer} buffer */
const mayBePool = (buffer) => buffer.byteLength === Buffer.poolSize && !(/** @type {any} */ (buffer).resizable);

/** What moved in the attempt to find out, by what it was in. @type {WeakMap<ArrayBuffer, ArrayBuffer>} */
const moved = new WeakMap();

/**
 * Only the attempt shows it: Node leaves a marked buffer alone and moves every other one.
 * @param {ArrayBuffer} buffer
 */
function staysHere(buffer) {
  const copy = structuredClone(buffer, { transfer: [buffer] });
  if (buffer.byteLength !== 0) return true;
  moved.set(buffer, copy);
  return false;
}

/**
 * The buffers that hold the memory which the list names, all of them detachable.
 * @param {{ buffer: ArrayBuffer, index: number }[]} listed  with the place in the list
 * @returns {ArrayBuffer[]}
 */
function detachable(listed) {
  for (const { buffer, index } of listed) if (!native.detachable(buffer)) throw attached(index);
  for (const { buffer, index } of listed) if (isMarked(buffer)) throw attached(index);
  return listed.map(({ buffer }) => moved.get(buffer) ?? buffer);
}

/** @param {number} index */
const attached = (index) => dataClone(`ArrayBuffer at index ${index} cannot be detached.`);

module.exports = { detachable };
