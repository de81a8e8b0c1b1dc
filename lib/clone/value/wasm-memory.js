// WebAssembly.Memory that threads share: its buffer, and V8's own form of the rest, which says how large it may become. It does not leave
// the process.
'use strict';

const { isSharedArrayBuffer } = require('node:util/types');
const { FOREIGN, RUNTIME, bytesSlice, defineValue, getter, native } = require('../../native');
const { extentOf } = require('../extent.js');
const { COST } = require('../limits.js');
const { answers } = require('./answers.js');

/** @typedef {import('./index.js').ValueClass} ValueClass */

const { Error } = globalThis;

/** Missing with --jitless. */
const prototype = globalThis.WebAssembly?.Memory?.prototype;
const bufferOf = prototype === undefined ? () => undefined : getter(prototype, 'buffer');

/** V8's tags of a buffer: one that is known by a number to whoever reads it, and one that was handed to them. */
const [SHARED, GIVEN] = [0x75, 0x74];
/** No form has more bytes. */
const MAX_FORM = 32;
/** Bytes of a page, which such memory consists of. */
const PAGE = 64 * 1024;

const v8 = () => require('node:v8');

/** @param {object} memory */
function formOf(memory) {
  const serializer = /** @type {any} */ (new (v8().Serializer)());
  defineValue(serializer, '_getSharedArrayBufferId', () => 0);
  serializer.writeHeader();
  serializer.writeValue(memory);
  /** @type {Uint8Array} */
  const form = serializer.releaseBuffer();
  for (let i = form.length - 1; i >= 0; i--) {
    if (form[i] !== SHARED) continue;
    form[i] = GIVEN;
    break;
  }
  return form;
}

/**
 * V8 would take any shared memory for such, unseen. What another process can give us is none; in this one nobody but us writes messages.
 * @param {ArrayBufferLike} buffer
 */
const isOfWebAssembly = (buffer) => isSharedArrayBuffer(buffer) && !native.isSharedMemory(buffer) && extentOf(/** @type {any} */ (buffer)).length % PAGE === 0;

/** @type {ValueClass} */
const wasmMemory = {
  is: (object) => answers(bufferOf, object),
  write(writer, memory) {
    const buffer = bufferOf(memory);
    if (!isSharedArrayBuffer(buffer)) return 'it was not made with `shared: true`';
    if (writer.context?.shared === undefined) return FOREIGN ? `${RUNTIME} lets no addon share it between threads` : 'it can be shared between threads only';
    const form = formOf(memory);
    writer.reserve(16);
    writer.varint(writer.memoryTable().claim(/** @type {any} */ (buffer), 0, extentOf(/** @type {any} */ (buffer)).length, false));
    writer.varint(form.length);
    writer.copy(form, form.length);
    return undefined;
  },
  read(reader) {
    reader.spend(COST.BLOB);
    const buffer = reader.memoryTable()[reader.varint()].bufferFor(reader);
    if (!isOfWebAssembly(buffer)) throw new Error('a WebAssembly.Memory of other memory');
    const length = reader.varint();
    const start = reader.take(length);
    if (length > MAX_FORM) throw new Error('a WebAssembly.Memory of an unknown form');
    const deserializer = new (v8().Deserializer)(bytesSlice(reader.bytes, start, start + length));
    deserializer.transferArrayBuffer(0, /** @type {any} */ (buffer));
    deserializer.readHeader();
    const memory = deserializer.readValue();
    if (!answers(bufferOf, memory)) throw new Error('a WebAssembly.Memory that is none');
    return memory;
  },
};

module.exports = { wasmMemory };
