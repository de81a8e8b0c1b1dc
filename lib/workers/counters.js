// The counters that pools share with their workers, whether they use them or not: where a message says that they do not, a
// process gets a copy. Any other SharedArrayBuffer is refused, for it could not be shared.
'use strict';

const { isSharedArrayBuffer } = require('node:util/types');

const { hasOwn } = Object;

/**
 * Piscina says `atomics: 'disabled'` and tinypool, which vitest has its workers from, `useAtomics: false`: neither side waits
 * for the other then, and each adds to counters that only it reads.
 * @param {any} message
 */
function withOwnCounters(message) {
  if (typeof message !== 'object' || message === null || !hasOwn(message, 'sharedBuffer')) return message;
  const { atomics, useAtomics, sharedBuffer } = message;
  if (atomics !== 'disabled' && useAtomics !== false) return message;
  if (!(sharedBuffer instanceof Int32Array) || !isSharedArrayBuffer(sharedBuffer.buffer)) return message;
  return { ...message, sharedBuffer: new Int32Array(sharedBuffer) };
}

module.exports = { withOwnCounters };
