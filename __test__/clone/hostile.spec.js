// Bodies that no encoder of ours writes: an error each, in no time, in little memory.
'use strict';

const crypto = require('node:crypto');
const test = require('ava').default;
const { sharedMemory } = require('../../index.js');
const { decode, decodeAlone, encode } = require('./rig.js');
const { fromBattery } = require('../../fuzz/clone/corpus.js');
const { generate } = require('../../fuzz/clone/generate.js');
const { changes, check } = require('../../fuzz/clone/invariants.js');
const { mutate } = require('../../fuzz/clone/mutate.js');
const { oneOf, random } = require('../../fuzz/clone/random.js');

const { OBJECT, VALUE, EARLY, MEMORY, NUMBERS, WITH_TEXTS } = require('../../lib/clone/tags.js');
const { MAX_RECORD_KEYS, TABLE_KEYS } = require('../../lib/clone/limits.js');

/** @param {number} value */
function varint(value) {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** @param {number} value */
const u32 = (value) => [...new Uint8Array(Uint32Array.of(value).buffer)];

/** @param {(number | number[])[]} parts */
const body = (...parts) => Uint8Array.from([1, ...parts.flat()]);

/**
 * A graph with a memory table behind it.
 * @param {number[]} graph
 * @param {number[]} table
 */
const withTable = (graph, table) => body(graph, table, u32(1 + graph.length));

/**
 * @param {number[]} graph
 * @param {number[]} texts
 */
const withTexts = (graph, texts) => Uint8Array.of(WITH_TEXTS, ...graph, ...texts, ...u32(1 + graph.length));

const view = [OBJECT.VIEW, 2, 0, 0, 8];
const emptyError = [OBJECT.ERROR, 0, 0];
const TOO_MANY = MAX_RECORD_KEYS + 1;
/** @param {number} count */
const ones = (count) => Array(count).fill(1);
/** Up to its first value. */
const table = [OBJECT.TABLE, TABLE_KEYS + 1, ...ones(TABLE_KEYS + 1), ...Array.from({ length: TABLE_KEYS + 1 }, (_, i) => 0x21 + i)];
/** More levels than are read by recursion. */
const deep = Array(300).fill([OBJECT.ARRAY, 1]).flat();

const [FILE, BLOB, KEY, CRYPTO_KEY, CERTIFICATE, BLOCK_LIST, ADDRESS, WASM_MEMORY] = [0, 1, 2, 3, 4, 5, 6, 7];
const oneBlob = [OBJECT.VALUE, BLOB, 0x60, 0, 0];
const publicOf = (/** @type {any} */ pair) => pair.publicKey.export({ type: 'spki', format: 'der' });
const spki = publicOf(crypto.generateKeyPairSync('ed25519'));
const ec = publicOf(crypto.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));

/** What V8 writes of a memory whose buffer is the first that was transferred. */
const form = [8, 0xff, 0x0d, 0x6d, 2, 0, 0x74, 0, 0x66];
const PAGE = 64 * 1024;

/** @param {string} text */
const text = (text) => [0x60 + text.length, ...Buffer.from(text)];
/** @param {Uint8Array} bytes */
const lengthAnd = (bytes) => [...varint(bytes.length), ...bytes];

/** An HMAC key, but for what is said to be different. */
function cryptoKey({ type = 0, extractable = 1, name = 'HMAC', hash = 'SHA-256', curve = '', usages = 'sign', length = 32, bytes = Buffer.alloc(4, 7) }) {
  return [
    OBJECT.VALUE, CRYPTO_KEY, type, extractable, ...text(name), ...text(hash), ...text(curve), ...text(usages), ...varint(length),
    ...(extractable ? lengthAnd(bytes) : [0]),
  ];
}

/** To decrypt it, PBKDF2 would take hours. */
function slowKey() {
  const { privateKey } = crypto.generateKeyPairSync('ed25519');
  const der = privateKey.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: 'x' });
  const rounds = der.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]));
  if (rounds < 0) throw new Error('OpenSSL writes another number of rounds than 2048');
  der[rounds + 2] = 0x7f;
  return der;
}

/** @type {[string, Uint8Array][]} */
const malformed = [
  ['nothing', new Uint8Array(0)],
  ['only a version', body()],
  ['version 0', Uint8Array.of(0, 0x90)],
  ['something behind the end', body(0x90, 0x90)],
  ...[0x14, 0x1f, 0x33, 0x3f, 0x4f, 0x5f].map((tag) => /** @type {[string, Uint8Array]} */ ([`unknown tag ${tag}`, body(tag)])),
  ['short float', body(VALUE.FLOAT64, 1, 2, 3)],
  ['short integers', body(VALUE.INT16, 1)],
  ['string without its bytes', body(0x65, 0x61)],
  ['string of 2 ** 50', body(VALUE.LATIN1, varint(2 ** 50))],
  ['wide string of 2 ** 52', body(VALUE.UTF16, varint(2 ** 52))],
  ['number of too many bytes', body(VALUE.LATIN1, Array(20).fill(0x80), 1)],
  ['number beyond 2 ** 53', body(VALUE.LATIN1, Array(7).fill(0xff), 0x7f)],
  ['bigint without digits', body(VALUE.BIGINT_POSITIVE, 0)],
  ['bigint of 2 ** 40 digits', body(VALUE.BIGINT_NEGATIVE, varint(2 ** 40))],
  ['array of 2 ** 32 - 1', body(OBJECT.ARRAY, varint(2 ** 32 - 1), 0x90)],
  ['array of 2 ** 40, early', body(OBJECT.ARRAY | EARLY, varint(2 ** 40), 0x90)],
  ['array that ends early', body(OBJECT.ARRAY, 3, 0x90)],
  ['numbers of an unknown form', body(OBJECT.NUMBERS, 4, 0)],
  ['numbers without a form', body(OBJECT.NUMBERS)],
  ['numbers that end early', body(OBJECT.NUMBERS, NUMBERS.INT16, 3, 1, 0, 2, 0, 3)],
  ['numbers of 2 ** 52', body(OBJECT.NUMBERS, NUMBERS.FLOAT64, varint(2 ** 52), 0x90)],
  ['numbers of 2 ** 30, early', body(OBJECT.NUMBERS | EARLY, NUMBERS.INT8, varint(2 ** 30), 0x90)],
  ['texts at the end that are not there', Uint8Array.of(WITH_TEXTS, 0x90, 0, 0)],
  ['texts that nobody takes', withTexts([0x90], [1, 1, 0x61])],
  ['the next text where there is none', body(VALUE.NEXT_TEXT)],
  ['more texts than are there', withTexts([OBJECT.ARRAY, 2, VALUE.NEXT_TEXT, VALUE.NEXT_TEXT], [1, 1, 0x61])],
  ['a list of more texts than are there', body(OBJECT.TEXTS, 2, 1, 0x61)],
  ['a list of 2 ** 40 texts', body(OBJECT.TEXTS, varint(2 ** 40), 1, 0x61)],
  ['a list of texts, early, that are not there', body(OBJECT.TEXTS | EARLY, 2, 1, 0x61)],
  ['a list of ten texts that are not there', body(OBJECT.TEXTS, 10, 1, 0x61)],
  ['a list of ten texts behind which there is something', body(OBJECT.TEXTS, 10, Array(10).fill([13, ...Array(13).fill(0x61)]).flat(), 0x61)],
  ['2 ** 50 texts', withTexts([VALUE.NEXT_TEXT], [...varint(2 ** 50), 1, 0x61])],
  ['texts that end early', withTexts([VALUE.NEXT_TEXT], [1, 20, 0x61])],
  ['wide texts that end early', withTexts([VALUE.NEXT_TEXT], [1, 0x82, 0x61, 0, 0x62])],
  ['a longer text whose length ends early', withTexts([VALUE.NEXT_TEXT], [1, 0x7f, 1])],
  ['a longer text that ends early', withTexts([VALUE.NEXT_TEXT], [1, 0x7f, 0, 1, 0x61])],
  ['a longer wide text that ends early', withTexts([VALUE.NEXT_TEXT], [1, 0xff, 2, 0, 0x61, 0, 0x62])],
  ['ten texts of which the last ends early', body(OBJECT.TEXTS, 10, Array(9).fill(0), 0x7f, 200, 0, Array(199).fill(0x61))],
  ['ten wide texts of which the last ends early', body(OBJECT.TEXTS, 10, Array(9).fill(0x80), 0x81, 0x61)],
  ['something behind the texts', withTexts([VALUE.NEXT_TEXT], [1, 1, 0x61, 0x61])],
  ['something between the value and the texts', withTexts([VALUE.NEXT_TEXT, 0x90], [1, 1, 0x61])],
  ['texts before the value', Uint8Array.of(WITH_TEXTS, VALUE.NEXT_TEXT, 1, 1, 0x61, ...u32(0))],
  ['texts that begin behind the message', Uint8Array.of(WITH_TEXTS, VALUE.NEXT_TEXT, 1, 1, 0x61, ...u32(2 ** 32 - 1))],
  ['texts that begin at their own place', Uint8Array.of(WITH_TEXTS, VALUE.NEXT_TEXT, 1, 1, 0x61, ...u32(6))],
  ['table of 2 ** 50', body(OBJECT.TABLE, varint(2 ** 50), 1, 0x61, 0x90)],
  ['table of few keys', body(OBJECT.TABLE, 2, 1, 1, 0x61, 0x62, 0x90, 0x90)],
  ['table whose keys end early', body(OBJECT.TABLE, 65, ones(64), 9, ones(65))],
  ['table whose values end early', body(table, ones(64).fill(0x90))],
  ['table that nobody refers to, with a hole', body(table, ones(64).fill(0x90), VALUE.HOLE)],
  ['table with more values than keys', body(table, ones(66).fill(0x90))],
  ['hole in a deep table that has none', body(deep, table, ones(64).fill(0x90), VALUE.HOLE)],
  ['record with an index among its keys', body(OBJECT.RECORD_NEW, u32(0), 1, 2, 0x37, 0x90)],
  ['hole in an array that has none', body(OBJECT.ARRAY, 1, VALUE.HOLE)],
  ['hole alone', body(VALUE.HOLE)],
  ['hole longer than its array', body(OBJECT.ARRAY | EARLY, 3, VALUE.HOLES, 4)],
  ['hole in a deep array that has none', body(deep, VALUE.HOLE)],
  ['holes in a deep array that has none', body(deep, VALUE.HOLES, 1)],
  ['hole in a deep record that has none', body(deep, OBJECT.RECORD_NEW, u32(0), 1, 2, 0x61, VALUE.HOLE)],
  ['hole in a deep dictionary that has none', body(deep, OBJECT.DICTIONARY, 1, 0x61, 0x61, VALUE.HOLE)],
  ['hole in a named array that has none', body(OBJECT.NAMED_ARRAY, 1, VALUE.HOLE, 0)],
  ['hole among the names of an array that has none', body(OBJECT.NAMED_ARRAY, 0, 1, 0x61, 0x61, VALUE.HOLE)],
  ['index among the names', body(OBJECT.NAMED_ARRAY, 0, 1, 0x61, 0x35, 0x90)],
  ['length among the names', body(OBJECT.NAMED_ARRAY, 0, 1, 0x66, [...Buffer.from('length')], 0x90)],
  ['Map of 2 ** 50', body(OBJECT.MAP, varint(2 ** 50), 0x90, 0x90)],
  ['Set of 2 ** 50', body(OBJECT.SET, varint(2 ** 50), 0x90, 0x90)],
  ['dictionary of 2 ** 50', body(OBJECT.DICTIONARY, varint(2 ** 50), 0x61, 0x61, 0x90)],
  ['dictionary with a number as key', body(OBJECT.DICTIONARY, 1, 0x90, 0x90)],
  ['dictionary with an object as key', body(OBJECT.DICTIONARY, 1, OBJECT.EMPTY, 0x90)],
  ['record of an unknown shape', body(OBJECT.RECORD, 0)],
  ['record without keys', body(OBJECT.RECORD_NEW, u32(0), 0)],
  ['record of too many keys', body(OBJECT.RECORD_NEW, u32(0), TOO_MANY, Array(TOO_MANY).fill([2, 0x61]).flat(), Array(TOO_MANY).fill(0x90))],
  ['reference to nothing', body(VALUE.REFERENCE, 1)],
  ['reference to an object that is not marked', body(OBJECT.ARRAY, 2, OBJECT.EMPTY, VALUE.REFERENCE, 3)],
  ['reference into an object', body(OBJECT.ARRAY | EARLY, 1, VALUE.REFERENCE, 2)],
  ['reference forward', body(OBJECT.ARRAY, 2, VALUE.REFERENCE, 5, OBJECT.EMPTY | EARLY)],
  ['box with nothing in it', body(OBJECT.BOXED, VALUE.NULL)],
  ['box with an object in it', body(OBJECT.BOXED, OBJECT.EMPTY)],
  ['box with a reference in it', body(OBJECT.ARRAY | EARLY, 1, OBJECT.BOXED, VALUE.REFERENCE, 1)],
  ['regular expression that is none', body(OBJECT.REGEXP, 0x61, 0x28, 0x60)],
  ['unknown flags', body(OBJECT.REGEXP, 0x61, 0x61, 0x61, 0x7a)],
  ['regular expression of a number', body(OBJECT.REGEXP, 0x90, 0x60)],
  ['unknown kind of error', body(OBJECT.ERROR, 8, 0)],
  ['bits of an error on a DOMException', body(OBJECT.DOM_EXCEPTION, 1, text('a'), text('b'))],
  ['quota that is a text', body(OBJECT.DOM_EXCEPTION, 16, text('a'), text('b'), text('c'), VALUE.NULL)],
  ['quota that is missing', body(OBJECT.DOM_EXCEPTION, 16, text('a'), text('b'))],
  ['quota in a quota, and so on', body(...Array(20_000).fill([OBJECT.DOM_EXCEPTION, 16, 0x60, 0x60]))],
  ['error with unknown bits', body(OBJECT.ERROR, 0, 16)],
  ['error without its cause', body(OBJECT.ERROR, 0, 4)],
  ['error whose message is an object', body(OBJECT.ERROR, 0, 1, OBJECT.EMPTY)],
  ['port that is not there', body(OBJECT.PORT, 0)],
  ['shared value that is not there', body(OBJECT.SHARED, 0)],
  ['view without a table', body(view)],
  ['view behind its table', body(view, u32(0))],
  ['table outside the body', body(view, u32(1000))],
  ['unknown kind of view', withTable([OBJECT.VIEW, 200, 0, 0, 0], [1, MEMORY.BYTES, 0, 0])],
  ['view of memory that is not there', withTable(view, [0])],
  ['view longer than its memory', withTable(view, [1, MEMORY.BYTES, 2, 0, 1, 2])],
  ['view of half an element', withTable([OBJECT.VIEW, 4, 0, 0, 1], [1, MEMORY.BYTES, 2, 0, 1, 2])],
  ['view in front of its memory', withTable(view, [1, MEMORY.BYTES, 2, 9, 1, 2])],
  ['memory of 2 ** 50 bytes', withTable(view, [1, MEMORY.BYTES, ...varint(2 ** 50), 0])],
  ['memory beside that is not there', withTable(view, [1, MEMORY.BESIDE, 0, 0])],
  ['shared memory that is not there', withTable(view, [1, MEMORY.SHARED, 0])],
  ['memory the same as itself', withTable(view, [1, MEMORY.SAME, 0])],
  ['unknown kind of memory', withTable(view, [1, 7, 0, 0])],
  ['2 ** 40 memories', withTable(view, varint(2 ** 40))],
  ['table with something behind', withTable(view, [1, MEMORY.BYTES, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])],
  ['resizable beyond all measure', withTable(view, [1, MEMORY.BYTES | MEMORY.RESIZABLE, 8, 0, ...varint(2 ** 45), 1, 2, 3, 4, 5, 6, 7, 8])],
  ['resizable shorter than it is', withTable(view, [1, MEMORY.BYTES | MEMORY.RESIZABLE, 8, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8])],
  ['value of an unknown class', body(OBJECT.VALUE, 7)],
  ['Blob without a type', body(OBJECT.VALUE, BLOB, 0x90)],
  ['Blob of an unknown content', body(OBJECT.VALUE, BLOB, 0x60, 2)],
  ['Blob without a table', body(OBJECT.VALUE, BLOB, 0x60, 0, 0)],
  ['Blob of memory that is not there', withTable([OBJECT.VALUE, BLOB, 0x60, 0, 1], [1, MEMORY.BYTES, 1, 0, 5])],
  ['Blobs of the same memory', withTable([OBJECT.ARRAY, 2, ...oneBlob, ...oneBlob], [1, MEMORY.BYTES, 1, 0, 5])],
  ['Blobs of memory under two numbers', withTable([OBJECT.ARRAY, 2, ...oneBlob, OBJECT.VALUE, BLOB, 0x60, 0, 1], [2, MEMORY.BYTES, 1, 0, 5, MEMORY.SAME, 0])],
  ['File without a name', withTable([OBJECT.VALUE, FILE, 0x60, 0, 0], [1, MEMORY.BYTES, 1, 0, 5])],
  ['key of an unknown type', body(OBJECT.VALUE, KEY, 3, 1, 0)],
  ['key longer than the message', body(OBJECT.VALUE, KEY, 0, varint(2 ** 50), 1)],
  ['public key that is none', body(OBJECT.VALUE, KEY, 1, 4, 0x30, 2, 5, 0)],
  ['private key that is none', body(OBJECT.VALUE, KEY, 2, 4, 0x30, 0x82, 0xff, 0xff)],
  ['private key that is a public one', body(OBJECT.VALUE, KEY, 2, lengthAnd(spki))],
  ['private key behind a pass phrase and two billion rounds', body(OBJECT.VALUE, KEY, 2, lengthAnd(slowKey()))],
  ['certificate that is none', body(OBJECT.VALUE, CERTIFICATE, 3, 0x30, 1, 0)],
  ['CryptoKey of an unknown algorithm', body(cryptoKey({ name: 'toString', usages: 'sign' }))],
  ['CryptoKey of another key than its algorithm takes', body(cryptoKey({ type: 1, bytes: spki, name: 'AES-GCM', usages: 'encrypt' }))],
  ['CryptoKey of an unknown hash', body(cryptoKey({ hash: 'MD5' }))],
  ['CryptoKey of an unknown usage', body(cryptoKey({ usages: 'sign everything' }))],
  ['CryptoKey of a length that is not its own', body(cryptoKey({ length: 8000 }))],
  ['CryptoKey of another curve', body(cryptoKey({ type: 1, bytes: ec, name: 'ECDSA', hash: '', curve: 'P-384', usages: 'verify', length: 0 }))],
  ['CryptoKey that is not extractable, without its key', body(cryptoKey({ extractable: 0 }))],
  ['rule of an unknown kind', body(OBJECT.VALUE, BLOCK_LIST, 1, 3, 0, text('1.2.3.4'), 0x60)],
  ['rule of an unknown family', body(OBJECT.VALUE, BLOCK_LIST, 1, 0, 2, text('1.2.3.4'), 0x60)],
  ['rule of no address', body(OBJECT.VALUE, BLOCK_LIST, 1, 0, 0, text('1.2.3'), 0x60)],
  ['range from end to beginning', body(OBJECT.VALUE, BLOCK_LIST, 1, 1, 0, text('1.2.3.4'), text('1.2.3.3'))],
  ['subnet of 33 bits', body(OBJECT.VALUE, BLOCK_LIST, 1, 2, 0, text('1.2.3.4'), text('33'))],
  ['2 ** 50 rules', body(OBJECT.VALUE, BLOCK_LIST, varint(2 ** 50), 0, 0, text('1.2.3.4'), 0x60)],
  ['address that is none', body(OBJECT.VALUE, ADDRESS, 0, text('::1'), 1, 0)],
  ['address of an unknown family', body(OBJECT.VALUE, ADDRESS, 4, text('::1'), 1, 0)],
  ['flow label that would end the process', body(OBJECT.VALUE, ADDRESS, 1, text('::1'), 1, varint(0x100000))],
  ['WebAssembly.Memory without a table', body(OBJECT.VALUE, WASM_MEMORY, 0, form)],
  ['WebAssembly.Memory of memory that is not shared', withTable([OBJECT.VALUE, WASM_MEMORY, 0, ...form], [1, MEMORY.BYTES, 0, 0])],
  ['port beyond all ports', body(OBJECT.VALUE, ADDRESS, 0, text('1.2.3.4'), varint(65536), 0)],
];

for (const [name, bytes] of malformed) {
  test(`malformed: ${name}`, (t) => {
    for (let i = 0; i < 3; i++) {
      t.throws(() => decodeAlone(bytes), { code: 'ERR_MESSAGE_MALFORMED', message: /^Malformed message: / });
    }
    t.deepEqual(decodeAlone(encode({ still: ['alive'] }).body), { still: ['alive'] });
  });
}

test('memory that is none of WebAssembly\'s is not taken for such, and what V8 is given to read is its form', (t) => {
  const of = (/** @type {number[]} */ given) => withTable([OBJECT.VALUE, WASM_MEMORY, 0, ...given], [1, MEMORY.SHARED, 0]);
  const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  for (const [given, shared] of /** @type {[number[], object][]} */ ([
    [form, new SharedArrayBuffer(8)], [form, sharedMemory.create(PAGE)], [[0], buffer], [[4, 0xff, 0x0d, 0x6f, 0], buffer],
    [[40, ...form.slice(1), ...Array(32).fill(0)], buffer], [[4, 0xff, 0x0d, 0x49, 2], buffer],
  ])) t.throws(() => decodeAlone(of(given), { shared: [shared] }), { code: 'ERR_MESSAGE_MALFORMED' });
});

test('every prefix of a body is malformed', (t) => {
  const value = {
    a: [1, 1.5, 'text', 'ü', '中', 5n, 2n ** 70n, null], m: new Map([[1, new Set([2])]]), e: new Error('m', { cause: 1 }),
    u: new Uint8Array([1, 2, 3]), d: new Date(5), r: /x/g, h: [, 1], // eslint-disable-line no-sparse-arrays
  };
  const shared = { value, again: value };
  encode(shared);
  const { body: whole } = encode(shared);
  for (let end = 0; end < whole.length; end++) {
    t.throws(() => decodeAlone(whole.subarray(0, end)), { code: 'ERR_MESSAGE_MALFORMED' }, `${end} of ${whole.length}`);
  }
});

test('bytes outside the body are never read', (t) => {
  const bytes = Uint8Array.from([1, 0x65, 0x61, 0x62, 0x63, 0x64, 0x65]);
  t.is(decode(bytes, new DataView(bytes.buffer), 0, 7, [], []), 'abcde');
  t.throws(() => decode(bytes, new DataView(bytes.buffer), 0, 6, [], []), { code: 'ERR_MESSAGE_MALFORMED' });
});

test('what the malformed keys and addresses are made of is in order', (t) => {
  t.is(/** @type {any} */ (decodeAlone(body(cryptoKey({})))).algorithm.length, 32);
  t.is(/** @type {any} */ (decodeAlone(body(cryptoKey({ type: 1, bytes: ec, name: 'ECDSA', hash: '', curve: 'P-256', usages: 'verify', length: 0 })))).type, 'public');
  t.is(/** @type {any} */ (decodeAlone(body(OBJECT.VALUE, KEY, 1, lengthAnd(spki)))).asymmetricKeyType, 'ed25519');
  t.is(/** @type {any} */ (decodeAlone(body(OBJECT.VALUE, BLOCK_LIST, 1, 2, 0, text('1.2.3.4'), text('32')))).rules.length, 1);
  t.is(/** @type {any} */ (decodeAlone(body(OBJECT.VALUE, ADDRESS, 1, text('::1'), varint(65535), 0))).port, 65535);
  t.is(/** @type {any} */ (decodeAlone(body(OBJECT.VALUE, ADDRESS, 1, text('::1'), 1, varint(0xfffff)))).flowlabel, 0xfffff);
  t.is(/** @type {any} */ (decodeAlone(withTable(oneBlob, [1, MEMORY.BYTES, 1, 0, 5]))).size, 1);
});

test('memory that travels beside is used once', (t) => {
  const memory = new ArrayBuffer(1000);
  const two = withTable([OBJECT.ARRAY, 2, OBJECT.BUFFER, 0, OBJECT.BUFFER, 1], [2, MEMORY.BESIDE, 0, 0, MEMORY.BESIDE, 0, 0]);
  t.throws(() => decodeAlone(two, { memories: [memory] }), { code: 'ERR_MESSAGE_MALFORMED' });
  const resizable = [MEMORY.BESIDE | MEMORY.RESIZABLE, 0, 0, ...varint(2000)];
  const copies = withTable([OBJECT.ARRAY, 2, OBJECT.BUFFER, 0, OBJECT.BUFFER, 1], [2, ...resizable, ...resizable]);
  t.throws(() => decodeAlone(copies, { memories: [memory] }), { code: 'ERR_MESSAGE_MALFORMED' });
});

test('__proto__ becomes a property', (t) => {
  const key = [0x69, ...Buffer.from('__proto__')];
  const inner = [OBJECT.DICTIONARY, 1, 0x68, ...Buffer.from('polluted'), VALUE.TRUE];
  const shape = [...u32(7), 1, 18, ...Buffer.from('__proto__')];
  for (const bytes of [
    body(OBJECT.DICTIONARY, 1, key, inner), body(OBJECT.DICTIONARY | EARLY, 1, key, inner),
    body(OBJECT.RECORD_NEW, shape, inner), body(OBJECT.RECORD_NEW | EARLY, shape, inner),
    body(OBJECT.NAMED_ARRAY, 0, 1, key, inner),
  ]) {
    for (let i = 0; i < 20; i++) {
      const value = /** @type {any} */ (decodeAlone(bytes));
      t.true(Object.hasOwn(value, '__proto__'));
      t.is(value.polluted, undefined);
      t.is(Object.getPrototypeOf(value), Array.isArray(value) ? Array.prototype : Object.prototype);
    }
  }
  t.is(/** @type {any} */ ({}).polluted, undefined);
});

test('keys are data, whatever they look like', (t) => {
  const keys = ['"]:reader.parts,["', '\u2028', "'", '\\', '${1}', '__proto__"]', 'constructor', '\n', '*/', '</script>', '\ud800'];
  for (let i = 0; i < 20; i++) {
    const value = Object.fromEntries(keys.map((key, n) => [key, n]));
    t.deepEqual(decodeAlone(encode(value).body), value);
  }
});

test('a million levels of anything neither overflow the stack nor take long', (t) => {
  const levels = 1e6;
  for (const [name, level] of /** @type {[string, number[]][]} */ ([
    ['arrays', [OBJECT.ARRAY, 1]], ['early arrays', [OBJECT.ARRAY | EARLY, 1]], ['sets', [OBJECT.SET, 1]],
    ['Map keys', [OBJECT.MAP, 1]], ['boxes', [OBJECT.BOXED]], ['causes', [OBJECT.ERROR, 0, 4]],
    ['dictionaries', [OBJECT.DICTIONARY, 1, 0x60]],
  ])) {
    const bytes = Uint8Array.from([1, ...Array(name === 'causes' ? 1e5 : levels).fill(level).flat()]);
    const start = process.cpuUsage(); // whatever else the machine does meanwhile
    t.throws(() => decodeAlone(bytes), { code: 'ERR_MESSAGE_MALFORMED' }, name);
    t.true(process.cpuUsage(start).user < 10_000_000, name);
  }
});

test('a few bytes do not ask for much memory', (t) => {
  const before = used();
  const held = [];
  for (let i = 0; i < 50; i++) {
    held.push(decodeAlone(body(OBJECT.ARRAY | EARLY, varint(30e6), VALUE.HOLES, varint(30e6))));
    held.push(decodeAlone(body(OBJECT.ARRAY | EARLY, varint(2 ** 32 - 1), VALUE.HOLES, varint(2 ** 32 - 2), 0x90)));
    held.push(decodeAlone(body(OBJECT.ARRAY | EARLY, varint(31e6), Array(31).fill([VALUE.HOLES, ...varint(1e6)]).flat())));
    held.push(decodeAlone(body(OBJECT.ARRAY | EARLY, varint(1024 * 900), Array(900).fill([VALUE.HOLES, ...varint(1024)]).flat())));
  }
  t.is(held.length, 200);
  t.true(used() - before < 64 * 2 ** 20, `${(used() - before) / 2 ** 20} MiB`);
});

function used() {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('errors from a peer leave the stack trace limit alone', (t) => {
  const { stackTraceLimit } = Error;
  for (let i = 0; i < 10; i++) decodeAlone(body(emptyError));
  t.is(Error.stackTraceLimit, stackTraceLimit);
});

test('fuzz: twenty thousand generated and mutated bodies', (t) => {
  const pick = random(1);
  const bodies = [...fromBattery()];
  changes();
  let accepted = 0;
  for (let i = 0; i < 20_000; i++) {
    const body = pick(4) === 0 ? generate(pick) : mutate(oneOf(pick, bodies), pick, oneOf(pick, bodies));
    accepted += Number(check(body, { thorough: i % 4 === 0 }));
  }
  t.deepEqual(changes(), []);
  t.true(accepted > 1000 && accepted < 19_000, `${accepted} accepted`);
});

test('the stack of a peer is taken as it is: no prepareStackTrace of ours runs', (t) => {
  const { body: bytes } = encode(new Error('m', { cause: new TypeError('n') }));
  const before = Error.prepareStackTrace;
  Error.prepareStackTrace = () => t.fail();
  try {
    t.regex(String(/** @type {any} */ (decodeAlone(bytes)).cause.stack), /hostile\.spec/);
  } finally {
    Error.prepareStackTrace = before;
  }
});
