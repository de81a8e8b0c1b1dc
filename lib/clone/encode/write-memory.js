// Buffers and views: which bytes of which buffer the message needs.
'use strict';

const types = require('node:util/types');
const { FOREIGN, RUNTIME, arrayIndexOf, bytesAt, getter, typedArray } = require('../../native');
const { extentOf } = require('../extent.js');
const { OBJECT, VIEW_NAMES } = require('../tags.js');
const { Refusal } = require('./refusal.js');
const { follows } = require('../tracking.js');

const { Buffer, Uint8Array } = globalThis;

/** @typedef {import('./graph-writer.js').GraphWriter} GraphWriter */
/** @typedef {import('../extent.js').Extent} Extent */

const { getPrototypeOf } = Object;
const { isSharedArrayBuffer } = types;
const bufferPrototype = Buffer.prototype;

const UINT8 = arrayIndexOf(VIEW_NAMES, 'Uint8Array');
const kindName = getter(typedArray, Symbol.toStringTag);

/** One constant each: V8 inlines a call of what can be nothing else. */
const bufferOf = getter(typedArray, 'buffer');
const offsetOf = getter(typedArray, 'byteOffset');
const lengthOf = getter(typedArray, 'byteLength');
const bufferOfDataView = getter(DataView.prototype, 'buffer');
const offsetOfDataView = getter(DataView.prototype, 'byteOffset');
const lengthOfDataView = getter(DataView.prototype, 'byteLength');

/** @typedef {{ kind: number, buffer: any, offset: number, length: number }} View in bytes */

/**
 * @param {GraphWriter} writer
 * @param {ArrayBuffer} buffer
 */
function writeBuffer(writer, buffer) {
  const { length } = extentOf(buffer);
  if (length === 0 && isDetached(buffer)) throw new Refusal(buffer, 'it is detached');
  writer.tagged(OBJECT.BUFFER, writer.memoryTable().claim(buffer, 0, length, false));
  return null;
}

/**
 * @param {GraphWriter} writer
 * @param {any} shared a SharedArrayBuffer or a WebAssembly.Module
 */
function writeShared(writer, shared) {
  const share = shareHook(writer, shared);
  if (isSharedArrayBuffer(shared)) {
    const { length } = extentOf(shared);
    writer.tagged(OBJECT.BUFFER, writer.memoryTable().claim(/** @type {any} */ (shared), 0, length, false));
  } else {
    writer.tagged(OBJECT.SHARED, share(shared));
  }
  return null;
}

/**
 * @param {import('./graph-writer.js').Context | null} context
 * @param {object} shared
 */
function shareIn(context, shared) {
  return context?.shared ?? (isSharedArrayBuffer(shared) ? context?.sharing?.(shared) : undefined);
}

/**
 * @param {GraphWriter} writer
 * @param {object} shared
 */
function shareHook(writer, shared) {
  const share = shareIn(writer.context, shared);
  if (share !== undefined) return share;
  if (FOREIGN) throw new Refusal(shared, `${RUNTIME} lets no addon share it between threads`);
  const instead = isSharedArrayBuffer(shared) ? '; sharedMemory.create() makes one for processes' : '';
  throw new Refusal(shared, `it can be shared between threads only${instead}`);
}

/**
 * @param {GraphWriter} writer
 * @param {ArrayBufferView} object
 */
function writeView(writer, object) {
  const view = lookAt(object);
  const { kind, buffer, offset, length } = view;
  const extent = extentOf(buffer);
  if (extent.shared) shareHook(writer, buffer);
  const tracking = isTracking(object, view, extent);
  const index = claim(writer, object, view, extent);
  writer.byte(tracking ? OBJECT.TRACKING_VIEW : OBJECT.VIEW);
  writer.byte(kind);
  writer.varint(index);
  writer.varint(offset);
  if (!tracking) writer.varint(length);
  return null;
}

/**
 * @param {ArrayBufferView} object
 * @returns {View}
 */
function lookAt(object) {
  const kind = arrayIndexOf(VIEW_NAMES, kindName(object) ?? 'DataView');
  if (kind < 0 || isOutside(object, kind)) {
    throw new Refusal(object, kind < 0 ? undefined : 'its buffer is detached or does not reach so far any more');
  }
  if (kind === 0) {
    return { kind, buffer: bufferOfDataView(object), offset: offsetOfDataView(object), length: lengthOfDataView(object) };
  }
  return { kind, buffer: bufferOf(object), offset: offsetOf(object), length: lengthOf(object) };
}

/**
 * @param {object} object
 * @param {number} kind
 */
function isOutside(object, kind) {
  try {
    if (kind === 0) lengthOfDataView(object);
    else if (lengthOf(object) === 0) bytesAt(object, 0);
    return false;
  } catch {
    return true;
  }
}

/**
 * @param {GraphWriter} writer
 * @param {object} object
 * @param {View} view
 * @param {Extent} extent
 */
function claim(writer, object, { kind, buffer, offset, length }, extent) {
  const whole = extent.shared || extent.maximum >= 0 || writer.context?.buffers.has(buffer);
  if (whole) return writer.memoryTable().claim(buffer, 0, extent.length, false);
  const bytes = kind === UINT8 ? /** @type {Uint8Array} */ (object) : null;
  return writer.memoryTable().claim(buffer, offset, offset + length, getPrototypeOf(object) === bufferPrototype, bytes);
}

/**
 * Does the view's length follow its buffer's? Only a view that reaches to the end can.
 * @param {object} object
 * @param {View} view
 * @param {Extent} extent
 */
function isTracking(object, view, extent) {
  return extent.maximum >= 0 && extent.length - view.offset - view.length < 8 && follows(object, view.buffer, view.offset, extent.shared);
}

/** @param {ArrayBuffer} buffer */
function isDetached(buffer) {
  try {
    bytesAt(new Uint8Array(buffer), 0);
    return false;
  } catch {
    return true;
  }
}

module.exports = { writeBuffer, writeShared, writeView, shareIn };
