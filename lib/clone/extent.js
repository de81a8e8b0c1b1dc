// How large a buffer is and may become, whatever its own properties say.
'use strict';

const { isSharedArrayBuffer } = require('node:util').types;
const { getter } = require('../native');

/**
 * In bytes; `maximum` is what a resizable or growable buffer may become, -1 for any other.
 * @typedef {{ shared: boolean, length: number, maximum: number }} Extent
 */

/** @param {object} prototype @param {string} flexible */
const gettersOfBuffer = (prototype, flexible) => ({
  byteLength: getter(prototype, 'byteLength'),
  maxByteLength: getter(prototype, 'maxByteLength'),
  flexible: getter(prototype, flexible),
});
const ofBuffer = gettersOfBuffer(ArrayBuffer.prototype, 'resizable');
const ofShared = gettersOfBuffer(SharedArrayBuffer.prototype, 'growable');

/**
 * @param {ArrayBufferLike} buffer
 * @returns {Extent}
 */
function extentOf(buffer) {
  const shared = isSharedArrayBuffer(buffer);
  const { byteLength, maxByteLength, flexible } = shared ? ofShared : ofBuffer;
  return { shared, length: byteLength(buffer), maximum: flexible(buffer) ? maxByteLength(buffer) : -1 };
}

module.exports = { extentOf };
