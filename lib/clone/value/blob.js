// Blob and File: type, bytes, and what a File has besides. The bytes are a buffer of the message's own, or a file's.
'use strict';

const { Blob, File } = require('node:buffer');
const { isArrayBuffer } = require('node:util/types');
const { SafeWeakMap, bare, defineProperty, defineValue, getter, max, min, objectKeys, uncurry } = require('../../native');
const { COST } = require('../limits.js');
const { answers } = require('./answers.js');
const { contentOf } = require('./blob-content.js');
const { openFile } = require('./blob-file.js');

/** @typedef {import('./index.js').Writer} Writer */
/** @typedef {import('./index.js').Reader} Reader */
/** @typedef {import('./index.js').ValueClass} ValueClass */

const { DOMException, Error } = globalThis;
const sizeOf = getter(Blob.prototype, 'size');
const typeOf = getter(Blob.prototype, 'type');
const nameOf = getter(File.prototype, 'name');
const lastModifiedOf = getter(File.prototype, 'lastModified');
const sliceOf = uncurry(Blob.prototype.slice);

/** Loaded when somebody streams what cannot be read. */
const web = () => require('node:stream/web');

/** What stands in front of the bytes. */
const CONTENT = Object.freeze({ BYTES: 0, UNREADABLE: 1 });

/** Blobs without content that stand for one which cannot be read any more, and its size. @type {WeakMap<object, number>} */
const unreadable = new SafeWeakMap();

/** @type {ValueClass} */
const blob = {
  is: (object) => answers(sizeOf, object),
  write: writeContent,
  read(reader) {
    const type = reader.text();
    return readContent(reader, (parts) => new Blob(parts, bare({ type })));
  },
};

/** @type {ValueClass} */
const file = {
  is: (object) => answers(nameOf, object) && answers(sizeOf, object),
  write(writer, object) {
    const other = writeContent(writer, object);
    if (other !== undefined) return other;
    writer.value(nameOf(object), 0);
    writer.reserve(0);
    writer.float64(lastModifiedOf(object));
    return undefined;
  },
  read(reader) {
    const type = reader.text();
    return readContent(reader, (parts) => {
      const name = reader.text();
      return new File(parts, name, bare({ type, lastModified: reader.float64() }));
    });
  },
};

/**
 * @param {Writer} writer
 * @param {Blob} object
 * @returns {ReturnType<ValueClass['write']>}
 */
function writeContent(writer, object) {
  const size = unreadable.get(object);
  const content = size === undefined ? contentOf(object, sizeOf(object), typeOf(object)) : null;
  if (content !== null && !isArrayBuffer(content)) return content;
  writer.value(typeOf(object), 0);
  writer.reserve(0);
  if (content === null) {
    writer.byte(CONTENT.UNREADABLE);
    writer.varint(size ?? sizeOf(object));
  } else {
    writer.byte(CONTENT.BYTES);
    writer.varint(writer.memoryTable().claim(content, 0, content.byteLength, false));
  }
  return undefined;
}

/**
 * @param {Reader} reader
 * @param {(parts: any[]) => Blob} make
 */
function readContent(reader, make) {
  reader.spend(COST.BLOB);
  switch (reader.byte()) {
    case CONTENT.BYTES: {
      const memory = reader.memoryTable()[reader.varint()];
      // Each Blob copies its bytes: the same ones for many would be much out of little.
      if (memory === undefined || memory.taken) throw new Error('bytes of a Blob that are not there');
      memory.taken = true;
      return make([memory.bufferFor(reader)]);
    }
    case CONTENT.UNREADABLE: {
      const size = reader.varint();
      return makeUnreadable(make([]), size);
    }
    default: throw new Error('an unknown content of a Blob');
  }
}

/**
 * A Blob that says how long it is and rejects whoever reads it, as one does whose file has changed. Node.js cannot make one
 * without such a file.
 * @param {Blob} empty
 * @param {number} size
 */
function makeUnreadable(empty, size) {
  const failure = () => new DOMException('The blob could not be read', 'NotReadableError');
  const fails = async () => { throw failure(); };
  const members = {
    arrayBuffer: fails,
    bytes: fails,
    text: fails,
    stream: () => new (web().ReadableStream)({ start: (controller) => controller.error(failure()) }),
    slice: (/** @type {number} */ start = 0, end = size, type = '') => (
      makeUnreadable(sliceOf(empty, 0, 0, type), max(0, place(end, size) - place(start, size)))),
  };
  defineProperty(empty, 'size', /** @type {PropertyDescriptor} */ ({ __proto__: null, value: size, configurable: true }));
  const names = objectKeys(members);
  for (let i = 0; i < names.length; i++) defineValue(empty, names[i], /** @type {any} */ (members)[names[i]]);
  unreadable.set(empty, size);
  return empty;
}

/**
 * As Blob.slice() counts: from the end what is negative.
 * @param {number} index
 * @param {number} size
 */
const place = (index, size) => (index < 0 ? max(0, size + index) : min(index, size));

/**
 * @param {number} fd
 * @param {Uint8Array} body
 * @param {number} number
 */
const openFileBlob = (fd, body, number) => openFile(fd, body, number, (type, size) => makeUnreadable(new Blob([], bare({ type })), size));

module.exports = { blob, file, openFileBlob };
