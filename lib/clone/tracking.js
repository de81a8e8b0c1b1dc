// Tells a view whose length follows its buffer's from one that only reaches as far as the buffer at present: JavaScript cannot ask.
'use strict';

const types = require('node:util/types');
const { bytesAt, getter } = require('../native');

const { isDataView } = types;
const { apply } = Reflect;
const { ArrayBuffer, structuredClone, Uint8Array } = globalThis;
const lengthOfDataView = getter(DataView.prototype, 'byteLength');

/** The last byte of a view that V8 has written holds flags; this is the one for a length that follows the buffer's. */
const IS_TRACKING = 1;

/**
 * V8's own serializer tells: the buffer counts as transferred, so that it is not written.
 * @param {typeof import('node:v8').Serializer} Serializer
 */
function byWriting(Serializer) {
  class Tracking extends Serializer {
    _getSharedArrayBufferId() {
      return 0;
    }
  }
  const { transferArrayBuffer, writeValue, releaseBuffer } = Serializer.prototype;
  /** @param {object} view @param {any} buffer @param {number} _offset @param {boolean} shared */
  return (view, buffer, _offset, shared) => {
    const serializer = new Tracking();
    if (!shared) apply(transferArrayBuffer, serializer, [0, buffer]);
    apply(writeValue, serializer, [view]);
    const written = apply(releaseBuffer, serializer, []);
    return (written[written.length - 1] & IS_TRACKING) !== 0;
  };
}

/**
 * Where there is no such serializer: what follows is still in its buffer when that shrinks to where the view begins. A copy shrinks.
 * @param {any} view @param {any} _buffer @param {number} offset
 */
function byShrinking(view, _buffer, offset) {
  const copy = structuredClone(view);
  copy.buffer.resize(offset);
  try {
    if (isDataView(copy)) lengthOfDataView(copy);
    else bytesAt(copy, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whether the serializer is V8's: asked of a view that does and one that does not. */
function writes(/** @type {ReturnType<typeof byWriting>} */ follows) {
  const buffer = /** @type {any} */ (new ArrayBuffer(8, /** @type {any} */ ({ maxByteLength: 16 })));
  return follows(new Uint8Array(buffer), buffer, 0, false) && !follows(new Uint8Array(buffer, 0, 8), buffer, 0, false);
}

/** Loaded for the first such view. It fails where there is a name with no class behind it. */
function choose() {
  try {
    const writing = byWriting(require('node:v8').Serializer);
    return writes(writing) ? writing : byShrinking;
  } catch {
    return byShrinking;
  }
}

/** @type {ReturnType<typeof byWriting> | null} */
let way = null;

/**
 * @param {object} view  that reaches to the end of its buffer, which can be resized
 * @param {any} buffer
 * @param {number} offset
 * @param {boolean} shared
 */
function follows(view, buffer, offset, shared) {
  way ??= choose();
  return way(view, buffer, offset, shared);
}

module.exports = { follows };
