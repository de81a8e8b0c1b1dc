// Which strings have one byte a character. Without a regular expression: a match would keep the string alive in
// RegExp.input and take RegExp.$1 from the program.
'use strict';

const { charCodeAt, latin1Write, native, utf8Write } = require('../../native');
const { LOOKED_THROUGH } = require('../limits.js');

const { Buffer } = globalThis;

const { byteLength } = Buffer;
const { min } = Math;

/** Most wide strings show that in their first characters. */
const HEAD = 8;

/**
 * Looks at characters.
 * @param {string} text
 * @param {number} from
 * @param {number} to
 */
function areNarrow(text, from, to) {
  for (let i = from; i < to; i++) if (charCodeAt(text, i) > 0xff) return false;
  return true;
}

/**
 * Looks at every character, of ASCII with one native call.
 * @param {string} text
 */
function looksNarrow(text) {
  const { length } = text;
  if (!areNarrow(text, 0, min(length, HEAD))) return false;
  return byteLength(text) === length || areNarrow(text, HEAD, length);
}

/** How many strings are looked at before the module that knows is loaded: a child that starts does without. */
let left = 64;

/** As the engine knows. @type {((text: string) => boolean) | null} */
let tells = null;

function knows() {
  if (left > 0 && --left === 0) tells = /** @type {any} */ (require('node:v8')).isStringOneByteRepresentation ?? null; // missing before Node 22.15
  return tells;
}

/**
 * May say no to a string that the engine keeps wide for no reason.
 * @param {string} text
 * @returns {boolean | undefined} undefined: nobody tells, or not in less time than it takes to look
 */
function told(text) {
  const known = knows();
  if (known !== null) return known(text);
  return text.length > LOOKED_THROUGH ? native.isNarrow(text) : undefined;
}

/** @param {string} text */
const isNarrow = (text) => told(text) ?? looksNarrow(text);

/**
 * Writes a string if it is narrow. If not, it may have left something behind its place, where there are more bytes than it has
 * characters.
 * @param {Uint8Array} bytes
 * @param {string} text
 * @param {number} pos
 */
function writeNarrow(bytes, text, pos) {
  const { length } = text;
  const narrow = told(text);
  if (narrow === false) return false;
  if (narrow === undefined) {
    if (!areNarrow(text, 0, min(length, HEAD))) return false;
    // Of ASCII that is the same. Of anything else it is longer, also if there is no room for all of it.
    if (utf8Write(bytes, text, pos) === length) return true;
    if (!areNarrow(text, HEAD, length)) return false;
  }
  latin1Write(bytes, text, pos, length);
  return true;
}

module.exports = { isNarrow, writeNarrow };
