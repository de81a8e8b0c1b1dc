// Small and large changes of a body that was of interest.
'use strict';

const { EARLY, OBJECT, VALUE, MEMORY } = require('../../lib/clone/tags.js');
const { generate } = require('./generate.js');
const { oneOf } = require('./random.js');

/** @typedef {import('./random.js').Pick} Pick */

const TAGS = [...Object.values(OBJECT), ...Object.values(VALUE), ...Object.values(MEMORY), 0x60, 0x61, 0x7f, 0x90, 0x91];
const BYTES = [0, 1, 0x7f, 0x80, 0xff];
/** As a varint: 2³² − 1, 2³², 2⁵³ − 1, one that is too long, 2²⁵. */
const NUMBERS = ['ffffffff0f', '8080808010', 'ffffffffffffff0f', 'ffffffffffffffffff01', '80808010'].map((hex) => Buffer.from(hex, 'hex'));
const MAX_LENGTH = 8192;

/**
 * @param {Buffer} body
 * @param {number} from
 * @param {number} to
 * @param {Buffer} instead
 */
const replace = (body, from, to, instead) => Buffer.concat([body.subarray(0, from), instead, body.subarray(to)]);

/** @type {((body: Buffer, at: number, pick: Pick, other: Buffer) => Buffer)[]} */
const changes = [
  (body, at, pick) => { body[at] = pick(256); return body; },
  (body, at, pick) => { body[at] ^= 1 << pick(8); return body; },
  (body, at, pick) => { body[at] = oneOf(pick, TAGS) | (pick(2) * EARLY); return body; },
  (body, at) => { body[at] ^= EARLY; return body; },
  (body, at, pick) => { body[at] = oneOf(pick, BYTES); return body; },
  (body, at, pick) => { body[at] += pick(2) * 2 - 1; return body; },
  (body, at, pick) => replace(body, at, at + pick(2), oneOf(pick, NUMBERS)),
  (body, at) => body.subarray(0, at + 1),
  (body, at, pick) => replace(body, at, at, Buffer.of(oneOf(pick, TAGS))),
  (body, at, pick) => replace(body, at, at + 1 + pick(4), Buffer.alloc(0)),
  (body, at, pick, other) => replace(body, at, body.length, other.subarray(pick(other.length))),
  (body, at, pick, other) => { const from = pick(other.length); return replace(body, at, at + pick(8), other.subarray(from, from + 1 + pick(40))); },
  (body, at, pick) => { const from = pick(at + 1); return replace(body, at, at, body.subarray(from, at)); },
  (body, at, pick) => replace(body, at, at + pick(3), generate(pick).subarray(1)),
  // Where the memory table begins is the last thing in a body that has one.
  (body, at) => { if (body.length > 8) body.writeUInt32LE(at, body.length - 4); return body; },
];

/**
 * @param {Buffer} body
 * @param {Pick} pick
 * @param {Buffer} other
 */
function mutate(body, pick, other) {
  let changed = Buffer.from(body);
  for (let times = 1 + pick(pick(8) === 0 ? 12 : 3); times > 0 && changed.length > 1; times--) {
    changed = oneOf(pick, changes)(changed, 1 + pick(changed.length - 1), pick, other);
  }
  return changed.subarray(0, MAX_LENGTH);
}

module.exports = { mutate };
