// Objects of the platform's classes that are cloned by value: the same in every process that makes them, and how two compare.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const { types } = require('node:util');
const { contentOf } = require('../../lib/clone/value/blob-content.js');

const { Blob, File } = globalThis;
const pem = fs.readFileSync(path.join(__dirname, '../fixtures/certificate.pem'));
const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]);

const privateKey = () => crypto.createPrivateKey({ key: seed, format: 'der', type: 'pkcs8' });
const ecKey = () => {
  const pair = crypto.createECDH('prime256v1');
  pair.setPrivateKey(Buffer.alloc(32, 7));
  const [d, x, y] = [pair.getPrivateKey(), pair.getPublicKey().subarray(1, 33), pair.getPublicKey().subarray(33)].map((n) => n.toString('base64url'));
  return crypto.createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y }, format: 'jwk' });
};

function blockList() {
  const list = new net.BlockList();
  list.addAddress('1.2.3.4');
  list.addRange('10.0.0.1', '10.0.0.9');
  list.addSubnet('8592:757c:efae:4e45::', 64, 'ipv6');
  list.addRange('::1', '::9', 'ipv6');
  return list;
}

/** @type {Record<string, () => object>} */
const blobs = {
  'Blob': () => new Blob(['foo'], { type: 'text/x-bar' }),
  'Blob, empty': () => new Blob(['']),
  'Blob of nothing': () => new Blob([]),
  'Blob with NUL': () => new Blob(['\u0000']),
  'Blob of a lone high surrogate': () => new Blob(['\uD800']),
  'Blob of a lone low surrogate': () => new Blob(['\uDC00']),
  'Blob of surrogates the wrong way round': () => new Blob(['\uDC00\uD800']),
  'Blob of a pair': () => new Blob(['\uD800\uDC00']),
  'Blob of bytes, twice': () => new Blob([Uint8Array.of(0, 255, 128), new Blob(['inner']), 'more']),
  'Blob, a slice': () => new Blob(['0123456789', 'abcdef'], { type: 'a/b' }).slice(4, 12, 'c/d'),
  'Blob of 100000 bytes': () => new Blob([new Uint8Array(100_000).map((_, i) => i % 251)]),
  'File': () => new File(['foo'], 'bar', { type: 'text/x-bar', lastModified: 42 }),
  'File of a strange name': () => new File([], '文字\u0000/..', { lastModified: -1 }),
};

/** @type {Record<string, () => object>} */
const others = {
  'KeyObject, secret': () => crypto.createSecretKey(Buffer.from('a secret')),
  'KeyObject, private': privateKey,
  'KeyObject, public': () => crypto.createPublicKey(/** @type {any} */ (privateKey())),
  'KeyObject, private, EC': ecKey,
  'KeyObject, public, EC': () => crypto.createPublicKey(/** @type {any} */ (ecKey())),
  'X509Certificate': () => new crypto.X509Certificate(pem),
  'BlockList': blockList,
  'BlockList, empty': () => new net.BlockList(),
  'SocketAddress': () => new net.SocketAddress({ address: '10.1.2.3', port: 65535 }),
  'SocketAddress, IPv6': () => new net.SocketAddress({ family: 'ipv6', address: '::1', port: 80, flowlabel: 7 }),
};

/** Prototypes of what is none of these. */
const LANGUAGE = new Set([Object, Array, Map, Set].map(({ prototype }) => prototype));

/**
 * What such an object is made of.
 * @param {any} object
 * @returns {unknown[] | undefined} undefined: it is none
 */
function partsOf(object) {
  if (LANGUAGE.has(Object.getPrototypeOf(object))) return undefined;
  if (object instanceof File) return [object.name, object.lastModified, ...blobParts(object)];
  if (object instanceof Blob) return blobParts(object);
  if (types.isKeyObject(object)) return keyParts(object);
  if (types.isCryptoKey(object)) {
    const { type, extractable, algorithm, usages } = object;
    return [type, extractable, JSON.stringify(algorithm), usages.join(), ...keyParts(crypto.KeyObject.from(/** @type {any} */ (object)))];
  }
  if (object instanceof crypto.X509Certificate) return [object.fingerprint512];
  if (object instanceof net.BlockList) return [[...object.rules].sort().join()]; // a set: Node 24 lists them the other way round
  if (object instanceof net.SocketAddress) return [object.family, object.address, object.port, object.flowlabel];
  return undefined;
}

/** @param {any} blob */
function blobParts(blob) {
  const content = contentOf(blob, blob.size);
  return [blob.size, blob.type, content instanceof ArrayBuffer ? Buffer.from(content).toString('hex') : content];
}

/** @param {import('node:crypto').KeyObject} key */
function keyParts(key) {
  const form = /** @type {any} */ ({ secret: undefined, public: { type: 'spki', format: 'der' }, private: { type: 'pkcs8', format: 'der' } })[key.type];
  return [key.type, /** @type {Buffer} */ (key.export(form)).toString('hex')];
}

module.exports = { blobs, others, partsOf };
