// Short texts that have come before, as the strings that they were then. The engine has hashed those, and has one of each: a key
// of a Map or of a table that comes again costs neither.
'use strict';

const { KNOWN_TEXTS, KNOWN_TEXT, KNOWN_CREDIT, KNOWN_FROM } = require('../limits.js');

const { Uint8Array } = globalThis;
const { imul } = Math;

/** Bytes of a place: the length of its text, and that. */
const PLACE = KNOWN_TEXT + 1;

/** What has come, each at its place; made when it is needed first. Filled by peers: it is neither much nor long. */
let seen = new Uint8Array(0);
/** The same as strings, of what has come twice; '' else. @type {string[]} */
const texts = [];

/**
 * So often it is looked whether a text is known before it proves useful again: where all are new, that takes a third of the time
 * of reading them.
 */
let credit = 0;

/**
 * A Map, a Set or a table begins.
 * @param {number} size
 * @returns {boolean} whether its keys may be known
 */
function beginCollection(size) {
  if (size < KNOWN_FROM) return false;
  if (credit === 0) credit = 1;
  return true;
}

function begin() {
  seen = new Uint8Array(KNOWN_TEXTS * PLACE);
  for (let i = 0; i < KNOWN_TEXTS; i++) texts[i] = '';
}

/** Whether the next text is worth looking for. */
const mayBeKnown = () => credit > 0;

/**
 * The same text as before, if that is known; otherwise it is read.
 * @param {Uint8Array} bytes  Latin-1, not empty
 * @param {number} start
 * @param {number} length  KNOWN_TEXT at most
 * @param {(bytes: Uint8Array, start: number) => string} read
 */
function knownText(bytes, start, length, read) {
  if (texts.length === 0) begin();
  let hash = length;
  for (let i = 0; i < length; i++) hash = imul(hash, 31) + bytes[start + i];
  const place = (hash ^ (hash >>> 12)) & (KNOWN_TEXTS - 1);
  const at = place * PLACE;
  let same = seen[at] === length;
  for (let i = 0; same && i < length; i++) same = seen[at + 1 + i] === bytes[start + i];
  if (same) {
    if (credit < KNOWN_CREDIT) credit++;
    return texts[place] !== '' ? texts[place] : (texts[place] = read(bytes, start));
  }
  credit--;
  if (texts[place] !== '') texts[place] = '';
  seen[at] = length;
  for (let i = 0; i < length; i++) seen[at + 1 + i] = bytes[start + i];
  return read(bytes, start);
}

module.exports = { beginCollection, knownText, mayBeKnown };
