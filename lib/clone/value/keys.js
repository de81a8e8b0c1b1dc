// KeyObject and X509Certificate: by the bytes that other programs know them by, DER, and a secret by its own.
'use strict';

const types = require('node:util/types');
const { apply, arrayIndexOf, bare, bytesFrom, getPrototypeOf, getter, ownValue } = require('../../native');
const { COST } = require('../limits.js');
const { answers } = require('./answers.js');

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {import('./index.js').Reader} Reader */
/** @typedef {import('./index.js').Writer} Writer */
/** @typedef {import('./index.js').ValueClass} ValueClass */

const { Error, Uint8Array } = globalThis;

/** By number on the wire. */
const KEY_TYPES = ['secret', 'public', 'private'];
const EXPORTS = [undefined, bare({ type: 'spki', format: 'der' }), bare({ type: 'pkcs8', format: 'der' })];

/** Whoever has a key has loaded this; nobody else shall. */
const crypto = () => require('node:crypto');

/** @type {ValueClass} */
const keyObject = {
  is: (object) => types.isKeyObject?.(object) === true && arrayIndexOf(KEY_TYPES, typeOf(object)) >= 0,
  write(writer, object) {
    const bytes = exportKey(object);
    writer.byte(arrayIndexOf(KEY_TYPES, typeOf(object)));
    writeBytes(writer, bytes);
  },
  read: (reader) => importKey(reader.byte(), readBytes(reader)),
};

/** @param {object} object */
const typeOf = (object) => getter(crypto().KeyObject.prototype, 'type')(object);

/**
 * By its class's function, not by one that somebody has put on the object.
 * @param {object} key
 * @returns {Buffer}
 */
function exportKey(key) {
  const exporter = ownValue(getPrototypeOf(key), 'export');
  return apply(exporter, key, [EXPORTS[arrayIndexOf(KEY_TYPES, typeOf(key))]]);
}

/**
 * @param {number} type
 * @param {Uint8Array} bytes
 * @returns {KeyObject}
 */
function importKey(type, bytes) {
  const key = bytesFrom(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (KEY_TYPES[type]) {
    case 'secret': return crypto().createSecretKey(key);
    case 'public': return crypto().createPublicKey(bare(/** @type {const} */ ({ key, format: 'der', type: 'spki' })));
    case 'private': return crypto().createPrivateKey(bare(/** @type {const} */ ({ key, format: 'der', type: 'pkcs8' })));
    default: throw new Error('an unknown type of key');
  }
}

/** @param {object} object */
const rawOf = (object) => getter(crypto().X509Certificate.prototype, 'raw')(object);

/** @type {ValueClass} */
const certificate = {
  is: (object) => answers(rawOf, object),
  write(writer, object) {
    writeBytes(writer, rawOf(object));
  },
  read: (reader) => new (crypto().X509Certificate)(bytesFrom(readBytes(reader))),
};

/**
 * @param {Writer} writer
 * @param {Uint8Array} bytes
 */
function writeBytes(writer, bytes) {
  writer.reserve(8);
  writer.varint(bytes.length);
  writer.copy(bytes, bytes.length);
}

/**
 * @param {Reader} reader
 * @returns {Uint8Array} a copy
 */
function readBytes(reader) {
  reader.spend(COST.KEY);
  const length = reader.varint();
  const start = reader.take(length);
  return new Uint8Array(new Uint8Array(reader.bytes.buffer, reader.bytes.byteOffset + start, length));
}

module.exports = { keyObject, certificate, crypto, exportKey, importKey, writeBytes, readBytes, KEY_TYPES };
