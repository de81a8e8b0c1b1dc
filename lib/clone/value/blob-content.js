// The bytes of a Blob, at once. The web has no function for that. Node's Blob reads through a C++ half which calls back before
// it returns for all that is in memory; for a file it opens the file before it returns and reads it later, so that we read it.
'use strict';

const { closeSync, fstatSync, readSync } = require('node:fs');
const { createHook } = require('node:async_hooks');
const { bytesSet, symbolDescription } = require('../../native');

const { getOwnPropertyDescriptor, getOwnPropertySymbols } = Object;
const { ArrayBuffer, Uint8Array } = globalThis;

const NOT_HERE = 'its bytes cannot be had at once in this runtime';
const PART_OF_A_FILE = 'it is a part of a file, or made of one: post a Blob of its bytes, or the whole file\'s from fs.openAsBlob()';

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
  #isListening = false;

  /** @param {{ pull(answer: Function): void }} reader */
  constructor(reader) {
    const hook = createHook({ init: (_id, type, _trigger, resource) => { if (type === 'FILEHANDLE') this.files[this.files.length] = resource; } });
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
    return this.#listen(() => reader.pull((/** @type {number} */ status, /** @type {ArrayBuffer | undefined} */ chunk) => this.#answer(status, chunk)));
  }

  /**
   * Closes what Node would not close before garbage is collected. A read that is under way fails, and nobody waits for it.
   * @param {{ fd: number, releaseFD?(): void }} handle
   */
  release(handle) {
    const { fd } = handle;
    if (handle.releaseFD === undefined || fd < 0) return;
    this.#listen(() => /** @type {any} */ (handle).releaseFD());
    closeSync(fd);
  }

  /**
   * @param {() => void} act
   * @returns {boolean} whether there was an answer meanwhile
   */
  #listen(act) {
    this.#isListening = true;
    try {
      act();
      return false;
    } catch (error) {
      if (error !== ANSWERED) throw error;
      return true;
    } finally {
      this.#isListening = false;
    }
  }

  /**
   * @param {number} status
   * @param {ArrayBuffer | undefined} chunk
   */
  #answer(status, chunk) {
    if (!this.#isListening) return; // of a file, which has been read meanwhile
    this.status = status;
    if (status > END && chunk !== undefined) this.chunks[this.chunks.length] = chunk;
    throw ANSWERED;
  }
}

/**
 * @param {object} blob
 * @param {number} size
 * @returns {ArrayBuffer | null | string} null: its file has changed; a text: why it cannot be told
 */
function contentOf(blob, size) {
  const half = ownBySymbol(blob, 'kHandle');
  if (half === undefined) return NOT_HERE;
  const reading = new Reading(half.getReader());
  const { status, chunks, files } = reading;
  try {
    if (status < END) return null;
    if (status === END) return joined(chunks, size);
    const isWholeFile = ownBySymbol(blob, 'kNotCloneable') === true && chunks.length === 0 && files.length === 1;
    return isWholeFile ? wholeFile(files[0].fd, size) : PART_OF_A_FILE;
  } finally {
    for (let i = 0; i < files.length; i++) reading.release(files[i]);
  }
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

/**
 * @param {number} fd
 * @param {number} size
 */
function wholeFile(fd, size) {
  if (fstatSync(fd).size !== size) return null;
  const bytes = new Uint8Array(new ArrayBuffer(size));
  for (let at = 0; at < size;) {
    const read = readSync(fd, bytes, at, size - at, at);
    if (read === 0) return null;
    at += read;
  }
  return bytes.buffer;
}

/**
 * @param {object} object
 * @param {string} description
 */
function ownBySymbol(object, description) {
  const symbols = getOwnPropertySymbols(object);
  for (let i = 0; i < symbols.length; i++) {
    if (symbolDescription(symbols[i]) === description) return getOwnPropertyDescriptor(object, symbols[i])?.value;
  }
  return undefined;
}

module.exports = { contentOf };
