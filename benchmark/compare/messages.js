// What is sent in the benchmarks, and how both sides weigh a message: a cheap sum of its content, which must be equal.
'use strict';

/**
 * @typedef {object} Kind
 * @property {(i: number) => any} make  the i-th message; the next call may reuse the bytes of the last
 * @property {(message: any) => number} weigh  a whole number, so that sums are exact
 */

const texts = Array.from({ length: 16 }, (_, i) => String.fromCharCode(97 + i).repeat(100));

/** Twenty records, as services send them; JSON makes texts of the dates, which `new Date` reads as well. */
const lists = Array.from({ length: 8 }, (_, list) => Array.from({ length: 20 }, (_, i) => ({
  id: 1000 * list + i,
  name: `record ${i}`,
  at: new Date(1_700_000_000_000 + 1000 * (20 * list + i)),
  tags: ['brass', 'gear', `v${i}`],
  levels: [i, 2 * i, 3 * i + list],
})));

/** @param {typeof lists[number]} records */
function weighRecords(records) {
  let sum = records.length;
  for (const { id, name, at, tags, levels } of records) {
    sum += id + name.length + (+new Date(at) % 1_000_000) + tags[2].length + levels[0] + levels[2];
  }
  return sum;
}

/** @param {number} length @returns {Kind} */
function bytes(length) {
  const message = new Uint8Array(length);
  return {
    make(i) {
      stamp(message, i);
      return message;
    },
    weigh: weighBytes,
  };
}

/** Marks the bytes as the i-th message's. @param {Uint8Array} message @param {number} i */
function stamp(message, i) {
  message[0] = i;
  message[message.length >> 1] = i >> 8;
  message[message.length - 1] = i >> 16;
}

/** @param {Uint8Array} message */
function weighBytes(message) {
  return message.length + 3 * message[0] + 2 * message[message.length >> 1] + message[message.length - 1];
}

/** Of ASCII, as JSON mostly is; made whole, so that whoever sends one first does not pay for that. @param {number} length @returns {Kind} */
function textOf(length) {
  const messages = Array.from({ length: 8 }, (_, i) => Buffer.alloc(length, 97 + i).toString('latin1'));
  return { make: (i) => messages[i & 7], weigh: (message) => message.length + message.charCodeAt(0) + message.charCodeAt(length - 1) };
}

/** @type {Record<string, Kind>} */
const kinds = {
  number: { make: (i) => i, weigh: (message) => 2 * message },
  text: { make: (i) => texts[i & 15], weigh: (message) => message.length + message.charCodeAt(0) + message.charCodeAt(99) },
  object: { make: (id) => ({ id, op: 'get' }), weigh: (message) => message.id + message.op.length },
  records: { make: (i) => lists[i & 7], weigh: weighRecords },
};

/** By its name; 'bytes:<n>' are n bytes, 'text:<n>' as many characters. @param {string} name @returns {Kind} */
function kindOf(name) {
  const [of, length] = name.split(':');
  if (length === undefined) return kinds[name];
  return of === 'text' ? textOf(Number(length)) : bytes(Number(length));
}

/** What the messages `from` to `to` weigh together. @param {string} name @param {number} from @param {number} to */
function weightOf(name, from, to) {
  const { make, weigh } = kindOf(name);
  let sum = 0;
  for (let i = from; i < to; i++) sum += weigh(make(i));
  return sum;
}

module.exports = { kindOf, stamp, weighBytes, weightOf };
