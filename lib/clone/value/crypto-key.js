// CryptoKey: the key as a KeyObject has it, and what it may be used for. One that may not be extracted travels in shared
// memory, which does not leave the process.
'use strict';

const { isCryptoKey, isSharedArrayBuffer } = require('node:util/types');
const {
  SharedArrayBuffer, arrayIndexOf, arrayJoin, bytesSet, getOwnPropertyDescriptor, getPrototypeOf, getter, stringSplit,
} = require('../../native');
const { crypto, exportKey, importKey, readBytes, writeBytes, KEY_TYPES } = require('./keys.js');
const { makeByHand } = require('./crypto-key-by-hand.js');

/** @typedef {import('./index.js').Reader} Reader */
/** @typedef {import('./index.js').ValueClass} ValueClass */
/** @typedef {import('node:crypto').webcrypto.CryptoKey} CryptoKey */

const { Error, process, Uint8Array } = globalThis;
const STAYS = 'it is not extractable, so that it stays in its process';

/** @type {ValueClass} */
const cryptoKey = {
  is: (object) => isCryptoKey?.(object) === true,
  write(writer, object) {
    const prototype = classOf(object);
    const extractable = getter(prototype, 'extractable')(object);
    const share = extractable ? undefined : writer.context?.shared;
    if (!extractable && share === undefined) return STAYS;
    const { name, hash, namedCurve, length } = getter(prototype, 'algorithm')(object);
    const bytes = exportKey(keyOf(object, extractable));
    writer.reserve(0);
    writer.byte(arrayIndexOf(KEY_TYPES, getter(prototype, 'type')(object)));
    writer.byte(extractable ? 1 : 0);
    writer.value(name, 0);
    writer.value(hash?.name ?? '', 0);
    writer.value(namedCurve ?? '', 0);
    writer.value(arrayJoin(getter(prototype, 'usages')(object), ' '), 0);
    writer.reserve(8);
    writer.varint(length ?? 0);
    if (share === undefined) writeBytes(writer, bytes);
    else writer.varint(share(inSharedMemory(bytes)));
    return undefined;
  },
  read(reader) {
    const type = reader.byte();
    const extractable = reader.byte() === 1;
    const name = reader.text();
    const hash = reader.text() || undefined;
    const namedCurve = reader.text() || undefined;
    const usages = listOf(reader.text());
    const length = reader.varint() || undefined;
    const key = importKey(type, extractable ? readBytes(reader) : readShared(reader));
    const algorithm = { name, hash, namedCurve, length };
    return 'toCryptoKey' in key
      ? /** @type {any} */ (key).toCryptoKey(algorithm, extractable, usages) : makeByHand(key, algorithm, extractable, usages);
  },
};

/**
 * The prototype with the getters: only the global object has the class itself, where anything may stand in its place.
 * @param {object} key
 */
function classOf(key) {
  let link = getPrototypeOf(key);
  while (getOwnPropertyDescriptor(link, 'extractable') === undefined) link = getPrototypeOf(link);
  return link;
}

/**
 * Node warns of this for a key that is not extractable. It does not become so: nobody but the codec sees what comes of it.
 * @param {CryptoKey} key
 * @param {boolean} extractable
 */
function keyOf(key, extractable) {
  const { noDeprecation } = process;
  if (extractable || noDeprecation) return crypto().KeyObject.from(key); // with --no-deprecation it cannot be assigned to
  process.noDeprecation = true;
  try {
    return crypto().KeyObject.from(key);
  } finally {
    process.noDeprecation = noDeprecation;
  }
}

/** @param {string} usages */
const listOf = (usages) => (usages === '' ? [] : stringSplit(usages, ' '));

/** @param {Uint8Array} bytes */
function inSharedMemory(bytes) {
  const shared = new SharedArrayBuffer(bytes.length);
  bytesSet(new Uint8Array(shared), bytes);
  return shared;
}

/** @param {Reader} reader */
function readShared(reader) {
  const shared = reader.parts.shared[reader.varint()];
  if (!isSharedArrayBuffer(shared)) throw new Error('a key that is not extractable has left its process');
  return new Uint8Array(new Uint8Array(shared));
}

module.exports = { cryptoKey };
