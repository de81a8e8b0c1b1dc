// Sends a value through the codec as a channel would: fresh bytes, copies of what travels beside.
'use strict';

const { Encoder } = require('../../lib/clone/encode/index.js');
const { decode } = require('../../lib/clone/decode/index.js');

/** @type {ArrayBuffer} */
let outbox;
const encoder = new Encoder((buffer) => { outbox = buffer; });

/**
 * @param {unknown} value
 * @param {any} [context]
 * @returns {{ body: Buffer, memories: any[] }}
 */
function encode(value, context = null) {
  const length = encoder.encode(value, context);
  const body = Buffer.from(outbox.slice(0, length));
  return { body, memories: encoder.clones.map((clone) => (typeof clone === 'string' ? clone : clone.slice().buffer)) };
}

/**
 * The body stands between other bytes, which are wiped afterwards: neither may matter.
 * @param {Uint8Array} body
 * @param {{ ports?: object[], memories?: any[], shared?: unknown[] }} [parts]
 */
function decodeAlone(body, { ports = [], memories = [], shared } = {}) {
  const bytes = new Uint8Array(new ArrayBuffer(body.length + 24), 5, body.length + 16).fill(0x90);
  bytes.set(body, 3);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return decode(bytes, view, 3, 3 + body.length, ports, memories, shared);
  } finally {
    bytes.fill(0xff);
  }
}

/** @param {unknown} value */
function roundTrip(value) {
  const { body, memories } = encode(value);
  return decodeAlone(body, { memories });
}

module.exports = { Encoder, decode, encode, decodeAlone, roundTrip };
