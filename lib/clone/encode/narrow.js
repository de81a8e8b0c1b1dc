// Which strings have one byte a character. Without a regular expression: a match would keep the string alive in
// RegExp.input and take RegExp.$1 from the program.
'use strict';

const { charCodeAt } = require('../../native');

const { byteLength } = Buffer;

/** Most wide strings show that in their first characters. */
const HEAD = 8;

/**
 * Looks at every character, of ASCII with one native call.
 * @param {string} text
 */
function looksNarrow(text) {
  const { length } = text;
  for (let i = 0; i < length && i < HEAD; i++) if (charCodeAt(text, i) > 0xff) return false;
  if (byteLength(text) === length) return true;
  for (let i = HEAD; i < length; i++) if (charCodeAt(text, i) > 0xff) return false;
  return true;
}

/** How many strings are looked at before the module that knows is loaded: a child that starts does without. */
let left = 64;

/** @type {(text: string) => boolean} */
let tells = looksNarrow;

/**
 * May say no to a string that the engine keeps wide for no reason.
 * @param {string} text
 */
function isNarrow(text) {
  if (left > 0 && --left === 0) tells = /** @type {any} */ (require('node:v8')).isStringOneByteRepresentation ?? looksNarrow; // missing before Node 22.15
  return tells(text);
}

module.exports = { isNarrow };
