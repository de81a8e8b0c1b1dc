// A CryptoKey out of a KeyObject before Node 22.10, which has a function for it. Node's own deserializer makes one; it checks
// nothing, so all is checked here.
'use strict';

const { NONE, arrayIndexOf, bigintToString, bytesFrom, startsWith } = require('../../native');
const { madeByNode } = require('./internals.js');

const { Error, Uint8Array } = globalThis;

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {{ name: string, hash?: string, namedCurve?: string, length?: number }} Algorithm */

const SIGN = { public: ['verify'], private: ['sign'], secret: ['sign', 'verify'] };
const DERIVE = { public: [''], private: ['deriveKey', 'deriveBits'], secret: ['deriveKey', 'deriveBits'] };
const CRYPT = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const OAEP = { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'], secret: [''] };
const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
const CURVES = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

/** What kind of key an algorithm takes ('' for a secret), and for what. @type {Record<string, { kind: string, usages: Record<string, string[]> }>} */
const ALGORITHMS = {
  __proto__: /** @type {any} */ (null),
  'RSASSA-PKCS1-v1_5': { kind: 'rsa', usages: SIGN },
  'RSA-PSS': { kind: 'rsa', usages: SIGN },
  'RSA-OAEP': { kind: 'rsa', usages: OAEP },
  ECDSA: { kind: 'ec', usages: SIGN },
  ECDH: { kind: 'ec', usages: DERIVE },
  Ed25519: { kind: 'ed25519', usages: SIGN },
  Ed448: { kind: 'ed448', usages: SIGN },
  X25519: { kind: 'x25519', usages: DERIVE },
  X448: { kind: 'x448', usages: DERIVE },
  'AES-CTR': { kind: '', usages: { secret: CRYPT } },
  'AES-CBC': { kind: '', usages: { secret: CRYPT } },
  'AES-GCM': { kind: '', usages: { secret: CRYPT } },
  'AES-KW': { kind: '', usages: { secret: ['wrapKey', 'unwrapKey'] } },
  HMAC: { kind: '', usages: SIGN },
  HKDF: { kind: '', usages: DERIVE },
  PBKDF2: { kind: '', usages: DERIVE },
};

/**
 * @param {KeyObject} keyObject
 * @param {Algorithm} asked
 * @param {boolean} extractable
 * @param {string[]} usages
 */
function makeByHand(keyObject, asked, extractable, usages) {
  const rule = ALGORITHMS[asked.name];
  if (rule === undefined || rule.kind !== (keyObject.asymmetricKeyType ?? '')) throw new Error('a key that is not its algorithm\'s');
  for (let i = 0; i < usages.length; i++) {
    if (arrayIndexOf(rule.usages[keyObject.type] ?? NONE, usages[i]) < 0) throw new Error('a usage that is not its key\'s');
  }
  const algorithm = describe(keyObject, asked, rule.kind);
  return madeByNode({ keyObject, algorithm, usages, extractable }, 'internal/crypto/keys:InternalCryptoKey');
}

/**
 * @param {KeyObject} key
 * @param {Algorithm} asked
 * @param {string} kind
 */
function describe(key, { name, hash, namedCurve, length }, kind) {
  const isHashed = kind === 'rsa' || name === 'HMAC';
  if (isHashed !== (arrayIndexOf(HASHES, hash) >= 0)) throw new Error('a hash that is not its algorithm\'s');
  if (kind === 'rsa') {
    const { modulusLength, publicExponent } = /** @type {any} */ (key.asymmetricKeyDetails);
    return { name, modulusLength, publicExponent: bigEndian(publicExponent), hash: { name: hash } };
  }
  if (kind === 'ec') {
    const curve = /** @type {any} */ (CURVES)[key.asymmetricKeyDetails?.namedCurve ?? ''];
    if (curve === undefined || curve !== namedCurve) throw new Error('a curve that is not its key\'s');
    return { name, namedCurve };
  }
  const bits = 8 * (key.symmetricKeySize ?? 0);
  if (name === 'HMAC') {
    if (length === undefined || length > bits || length <= bits - 8) throw new Error('a length that is not its key\'s');
    return { name, length, hash: { name: hash } };
  }
  if (!startsWith(name, 'AES')) return { name };
  if (bits !== 128 && bits !== 192 && bits !== 256) throw new Error('a length that is not its algorithm\'s');
  return { name, length: bits };
}

/** @param {bigint} value */
function bigEndian(value) {
  const hex = bigintToString(value, 16);
  return new Uint8Array(bytesFrom(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

module.exports = { makeByHand };
