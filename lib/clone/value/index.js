// Values of classes that Node.js and the web bring, cloned by what they are made of: bytes, keys, addresses. Each class says
// in one place how to know its objects, and how to write and to read them. They are loaded for the first object of any.
'use strict';

/** @typedef {import('./blob-file.js').Leaving} Leaving */
/**
 * What a class needs of the two halves of the codec.
 * @typedef {object} Writer
 * @property {(value: unknown, depth: number) => void} value
 * @property {(byte: number) => void} byte  there is room for one after each value()
 * @property {(value: number) => void} varint
 * @property {(value: number) => void} float64
 * @property {(bytes: Uint8Array, length: number) => void} copy
 * @property {(need: number) => void} reserve
 * @property {() => { claim(buffer: ArrayBuffer, low: number, high: number, loose: boolean): number }} memoryTable
 * @property {{ shared?: (value: object) => number, hand?: (leaving: Leaving) => number } | null} context
 *
 * @typedef {object} Reader  throws what it likes: all of it becomes ERR_MESSAGE_MALFORMED
 * @property {Uint8Array} bytes
 * @property {() => string} text
 * @property {() => number} byte
 * @property {() => number} varint
 * @property {() => number} float64
 * @property {(length: number) => number} take
 * @property {(bytes: number) => void} spend
 * @property {() => { taken: boolean, bufferFor(reader: any): ArrayBufferLike }[]} memoryTable
 * @property {{ shared: unknown[] }} parts
 *
 * @typedef {object} ValueClass
 * @property {(object: object) => boolean} is  by its internal slots, whatever its prototype has become since
 * @property {(writer: Writer, object: any) => string | Leaving | void} write  returns why the object cannot be cloned, or the
 *   descriptor that it leaves as: nothing of it counts that was written
 * @property {(reader: Reader) => object} read
 */

/** @type {ValueClass[] | null} */
let known = null;

/** By their numbers on the wire. A File is a Blob too, so that it is asked first. */
function classes() {
  if (known !== null) return known;
  const { blob, file } = require('./blob.js');
  const { keyObject, certificate } = require('./keys.js');
  const { cryptoKey } = require('./crypto-key.js');
  const { blockList, socketAddress } = require('./addresses.js');
  const { wasmMemory } = require('./wasm-memory.js');
  known = [file, blob, keyObject, cryptoKey, certificate, blockList, socketAddress, wasmMemory];
  return known;
}

/**
 * @param {object} object  of a class of the platform's
 * @returns {number} which of these it is, -1 if none
 */
function numberOf(object) {
  const all = classes();
  for (let i = 0; i < all.length; i++) if (all[i].is(object)) return i;
  return -1;
}

/**
 * A Blob of a file that has arrived.
 * @param {number} fd
 * @param {Uint8Array} body
 * @param {number} number
 */
const openFileBlob = (fd, body, number) => require('./blob.js').openFileBlob(fd, body, number);

module.exports = { classes, numberOf, openFileBlob };
