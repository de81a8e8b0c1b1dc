// Buffers and views: which bytes of which buffer the message needs.
'use strict';

const { types } = require('node:util');
const { OBJECT, VIEW_NAMES } = require('./tags.js');
const { Refusal } = require('./refusal.js');

/** @typedef {import('./graph-writer.js').GraphWriter} GraphWriter */

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const typedArray = getPrototypeOf(Uint8Array.prototype);
const bufferPrototype = Buffer.prototype;
const { at } = typedArray;

/**
 * @param {object} prototype
 * @param {PropertyKey} key
 * @returns {(this: object) => any}
 */
const getter = (prototype, key) => /** @type {any} */ (getOwnPropertyDescriptor(prototype, key)?.get);

const kindName = getter(typedArray, Symbol.toStringTag);

/** @param {object} prototype */
const gettersOf = (prototype) => ({
  buffer: getter(prototype, 'buffer'),
  byteOffset: getter(prototype, 'byteOffset'),
  byteLength: getter(prototype, 'byteLength'),
});
const ofArray = gettersOf(typedArray);
const ofDataView = gettersOf(DataView.prototype);

/** @typedef {{ kind: number, buffer: any, offset: number, length: number }} View in bytes */

/**
 * @param {GraphWriter} writer
 * @param {ArrayBuffer} buffer
 */
function writeBuffer(writer, buffer) {
  if (buffer.byteLength === 0 && isDetached(buffer)) throw new Refusal(buffer, 'it is detached');
  writer.tagged(OBJECT.BUFFER, writer.memoryTable().claim(buffer, 0, buffer.byteLength, false));
  return null;
}

/**
 * @param {GraphWriter} writer
 * @param {any} shared a SharedArrayBuffer or a WebAssembly.Module
 */
function writeShared(writer, shared) {
  const share = shareHook(writer, shared);
  if (types.isSharedArrayBuffer(shared)) {
    writer.tagged(OBJECT.BUFFER, writer.memoryTable().claim(/** @type {any} */ (shared), 0, shared.byteLength, false));
  } else {
    writer.tagged(OBJECT.SHARED, share(shared));
  }
  return null;
}

/**
 * @param {GraphWriter} writer
 * @param {object} shared
 */
function shareHook(writer, shared) {
  const share = writer.context?.shared;
  if (share === undefined) throw new Refusal(shared, 'it can be shared between threads only');
  return share;
}

/**
 * @param {GraphWriter} writer
 * @param {ArrayBufferView} object
 */
function writeView(writer, object) {
  const view = lookAt(object);
  const { kind, buffer, offset, length } = view;
  if (types.isSharedArrayBuffer(buffer)) shareHook(writer, buffer);
  const tracking = isTracking(object, view);
  const index = claim(writer, object, view);
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
  const kind = VIEW_NAMES.indexOf(kindName.call(object) ?? 'DataView');
  const get = kind === 0 ? ofDataView : ofArray;
  if (kind < 0 || isOutside(object, kind, get.byteLength)) {
    throw new Refusal(object, kind < 0 ? undefined : 'its buffer is detached or does not reach so far any more');
  }
  return { kind, buffer: get.buffer.call(object), offset: get.byteOffset.call(object), length: get.byteLength.call(object) };
}

/**
 * @param {object} object
 * @param {number} kind
 * @param {(this: object) => number} byteLength
 */
function isOutside(object, kind, byteLength) {
  try {
    if (byteLength.call(object) === 0 && kind !== 0) at.call(object, 0);
    return false;
  } catch {
    return true;
  }
}

/**
 * @param {GraphWriter} writer
 * @param {object} object
 * @param {View} view
 */
function claim(writer, object, { buffer, offset, length }) {
  const whole = buffer.resizable || types.isSharedArrayBuffer(buffer) || writer.context?.buffers.has(buffer);
  if (whole) return writer.memoryTable().claim(buffer, 0, buffer.byteLength, false);
  return writer.memoryTable().claim(buffer, offset, offset + length, getPrototypeOf(object) === bufferPrototype);
}

/**
 * Does the view's length follow its buffer's? Nothing tells but the effect: shorten the buffer by a few bytes, look,
 * put them back.
 * @param {object} object
 * @param {View} view
 */
function isTracking(object, { kind, buffer, offset, length }) {
  const total = buffer.byteLength;
  if (types.isSharedArrayBuffer(buffer)) return buffer.growable && total - offset - length < 8;
  if (!buffer.resizable || total - offset - length >= 8) return false;
  if (length === 0) return growsWith(object, kind, buffer);
  const shorter = offset + length - 1;
  const tail = new Uint8Array(buffer, shorter).slice();
  buffer.resize(shorter);
  const outside = isOutside(object, kind, kind === 0 ? ofDataView.byteLength : ofArray.byteLength);
  buffer.resize(total);
  new Uint8Array(buffer, shorter).set(tail);
  return !outside;
}

/**
 * @param {object} object
 * @param {number} kind
 * @param {ArrayBuffer} buffer
 */
function growsWith(object, kind, buffer) {
  const total = buffer.byteLength;
  buffer.resize(Math.min(total + 8, buffer.maxByteLength));
  const grown = (kind === 0 ? ofDataView : ofArray).byteLength.call(object) > 0;
  buffer.resize(total);
  return grown;
}

/** @param {ArrayBuffer} buffer */
function isDetached(buffer) {
  try {
    new Uint8Array(buffer).at(0);
    return false;
  } catch {
    return true;
  }
}

module.exports = { writeBuffer, writeShared, writeView };
