// The bytes of a Blob, at once. The web has no function for that. Node's Blob reads through a C++ half which calls back before
// it returns for all that is in memory; for a file it opens the file before it returns and reads it later, so that we have its descriptor.
// Bun's promise of the bytes is kept when it is given, unless they are a file's, and Bun lets us look into it.
'use strict';

const { createHook } = require('node:async_hooks');
const { Blob } = require('node:buffer');
const { isArrayBuffer } = require('node:util/types');
const { RUNTIME, bare, bytesSet, native, uncurry } = require('../../native');
const { leavingFile } = require('./blob-file.js');
const { ownBySymbol } = require('./internals.js');

const { Promise, Uint8Array, setImmediate } = globalThis;
/** @type {((promise: Promise<ArrayBuffer>) => unknown) | undefined} */
const peek = RUNTIME === 'Bun' ? /** @type {any} */ (globalThis).Bun.peek : undefined;
const promiseOfBytes = uncurry(Blob.prototype.arrayBuffer);
const then = uncurry(Promise.prototype.then);

const NOT_HERE = 'its bytes cannot be had at once in this runtime';
const TOO_MANY_FILES = 'the process may open no more files';
const PART_OF_A_FILE = 'it is a part of a file, or made of one, and Node.js does not tell which part: '
  + 'post a Blob of its bytes, or the whole file\'s from fs.openAsBlob() and where the part begins';

/** What a reader says: there is more above zero, below it has failed. */
const END = 0;

/**
 * Thrown when the reader answers before it returns. In a listener of ours Node would take the answer for a task of its own, and
 * run nextTicks and microtasks behind it, in the middle of a post; behind one that throws it runs nothing.
 */
const ANSWERED = new Error('the reader of a Blob has answered');

/** Reads until nothing answers at once. */
class Reading {
  /** @type {ArrayBuffer[]} */ chunks = [];
  /** The handles of files that were opened. They have their descriptors only after they were announced. @type {any[]} */ files = [];
  status = 1;
  /** Until there is an answer. */ #isAsking = false;

  /** @param {{ pull(answer: Function): void }} reader */
  constructor(reader) {
    /** @type {import('node:async_hooks').HookCallbacks} */
    const callbacks = { init: (_id, type, _trigger, resource) => { if (type === 'FILEHANDLE') this.files[this.files.length] = resource; } };
    const hook = createHook(bare(callbacks));
    hook.enable();
    try {
      while (this.status > END && this.#ask(reader));
    } finally {
      hook.disable();
    }
  }

  /**
   * @param {{ pull(answer: Function): void }} reader
   * @returns {boolean} whether it has answered
   */
  #ask(reader) {
    let hasAnswered;
    this.#isAsking = true;
    try {
      reader.pull((/** @type {number} */ status, /** @type {ArrayBuffer | undefined} */ chunk) => this.#answer(status, chunk));
    } catch (error) {
      if (error !== ANSWERED) throw error;
    } finally {
      // Node swallows what is thrown where an async hook hears of what begins and ends.
      hasAnswered = !this.#isAsking;
      this.#isAsking = false;
    }
    return hasAnswered;
  }

  /**
   * @param {number} status
   * @param {ArrayBuffer | undefined} chunk
   */
  #answer(status, chunk) {
    if (!this.#isAsking) {
      setImmediate(() => this.#release()); // a file's, which has left meanwhile
      return;
    }
    this.#isAsking = false;
    this.status = status;
    if (status > END && chunk !== undefined) this.chunks[this.chunks.length] = chunk;
    throw ANSWERED;
  }

  /**
   * Closes what Node would not close before garbage is collected. Not earlier: a read that is under way while its file is closed
   * ends the process.
   */
  #release() {
    for (let i = 0; i < this.files.length; i++) {
      const { fd } = this.files[i];
      if (fd < 0 || this.files[i].releaseFD === undefined) continue;
      this.files[i].releaseFD();
      native.closeDescriptor(fd);
    }
  }
}

/**
 * @param {object} blob
 * @param {number} size
 * @param {string} type
 * @returns {ArrayBuffer | import('./blob-file.js').Leaving | null | string} null: its file has changed; a text: why it cannot be told
 */
function contentOf(blob, size, type) {
  if (peek !== undefined) return peekedContentOf(blob, peek);
  const half = ownBySymbol(blob, 'kHandle');
  if (half === undefined) return NOT_HERE;
  const { status, chunks, files } = new Reading(half.getReader());
  if (status < END) return isExhausted(status) ? TOO_MANY_FILES : null;
  if (status === END) return joined(chunks, size);
  const isWholeFile = ownBySymbol(blob, 'kNotCloneable') === true && chunks.length === 0 && files.length === 1;
  return isWholeFile ? leavingFile(files[0].fd, size, type) : PART_OF_A_FILE;
}

/**
 * @param {any} blob
 * @param {NonNullable<typeof peek>} look
 */
function peekedContentOf(blob, look) {
  const promise = promiseOfBytes(blob);
  const bytes = look(promise);
  if (isArrayBuffer(bytes)) return bytes;
  then(promise, undefined, () => {}); // a file's, which may not be there, and nobody waits for that
  return NOT_HERE;
}

/** @param {number} status */
function isExhausted(status) {
  const { constants: { errno: { EMFILE, ENFILE } } } = require('node:os');
  return status === -EMFILE || status === -ENFILE;
}

/**
 * @param {ArrayBuffer[]} chunks
 * @param {number} size
 */
function joined(chunks, size) {
  if (chunks.length === 1 && chunks[0].byteLength === size) return chunks[0];
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < chunks.length; i++) {
    bytesSet(bytes, new Uint8Array(chunks[i]), at);
    at += chunks[i].byteLength;
  }
  return at === size ? bytes.buffer : NOT_HERE;
}

module.exports = { contentOf };
