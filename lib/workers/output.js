// What a process worker has written is written when its process ends, as a thread's is: a pipe takes some at once, and
// process.exit() leaves the rest to a loop that turns no more. Loaded with the first use of a stream.
'use strict';

const { writeSync } = require('node:fs');
const { SharedArrayBuffer, beforeEnd, now } = require('../native');
const { LINGER, LINGER_IN_ALL, LINGER_PAUSE } = require('./limits.js');

const { Buffer, process } = globalThis;

/** Writes at once from now on. */
let ending = false;

/** What waits for the loop, by stream. @type {Set<() => void>} */
const finishers = new Set();

/** When to give up, and when in any case. */
let deadline = 0;
let end = 0;

const bed = new Int32Array(new SharedArrayBuffer(4));

/**
 * @param {number} fd
 * @param {Uint8Array} bytes
 */
function writeAll(fd, bytes) {
  for (let rest = bytes; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
      deadline = Math.min(now() + LINGER, end);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EAGAIN' || now() > deadline) return;
      Atomics.wait(bed, 0, 0, LINGER_PAUSE);
    }
  }
}

function begin() {
  if (ending) return;
  ending = true;
  deadline = now() + LINGER;
  end = now() + LINGER_IN_ALL;
}

function settle() {
  begin();
  for (const finish of finishers) finish();
}

/**
 * @param {any} stream  a pipe of Node's
 * @param {number} fd
 */
function keepWhole(stream, fd) {
  const { _handle: handle, _write: write } = stream;
  if (typeof handle?.writeQueueSize !== 'number') return; // something else was put in place of the pipe
  /** @type {{ bytes: Uint8Array, callback: (error?: Error | null) => void } | null} */
  let current = null;
  finishers.add(() => {
    if (current === null) return;
    const { bytes, callback } = current;
    current = null;
    writeAll(fd, bytes.subarray(bytes.length - Math.min(handle.writeQueueSize, bytes.length)));
    callback(); // and the stream goes on with what stands behind
  });
  Object.assign(stream, {
    _writev: null,
    /** @param {string | Uint8Array} chunk @param {BufferEncoding} encoding @param {(error?: Error | null) => void} callback */
    _write(chunk, encoding, callback) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      if (ending) {
        writeAll(fd, bytes);
        return callback();
      }
      const mine = { bytes, callback };
      current = mine;
      Reflect.apply(write, stream, [bytes, 'buffer', (/** @type {Error | null | undefined} */ error) => {
        if (current !== mine) return; // it was finished
        current = null;
        callback(error);
      }]);
    },
  });
}

if (Reflect.get(process, '_exiting') === true) begin();
beforeEnd(settle);

module.exports = { keepWhole };
