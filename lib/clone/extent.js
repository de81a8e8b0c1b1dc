// How large a buffer is and may become, whatever its own properties say.
'use strict';

const { isSharedArrayBuffer } = require('node:util/types');
const { SharedArrayBuffer, getter, isImmutable } = require('../native');

/**
 * In bytes; `maximum` is what a resizable or growable buffer may become, -1 for any other.
 * @typedef {{ shared: boolean, length: number, maximum: number, immutable: boolean }} Extent
 */

/** One constant each: V8 inlines a call of what can be nothing else. */
const lengthOf = getter(ArrayBuffer.prototype, 'byteLength');
const maximumOf = getter(ArrayBuffer.prototype, 'maxByteLength');
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const lengthOfShared = getter(SharedArrayBuffer.prototype, 'byteLength');
const maximumOfShared = getter(SharedArrayBuffer.prototype, 'maxByteLength');
const isGrowable = getter(SharedArrayBuffer.prototype, 'growable');

/**
 * @param {ArrayBufferLike} buffer
 * @returns {Extent}
 */
function extentOf(buffer) {
  if (isSharedArrayBuffer(buffer)) {
    return { shared: true, length: lengthOfShared(buffer), maximum: isGrowable(buffer) ? maximumOfShared(buffer) : -1, immutable: false };
  }
  return { shared: false, length: lengthOf(buffer), maximum: isResizable(buffer) ? maximumOf(buffer) : -1, immutable: isImmutable(buffer) };
}

module.exports = { extentOf };
