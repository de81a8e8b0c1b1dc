// Which strings have one byte a character. Without a regular expression: a match would keep the string alive in
// RegExp.input and take RegExp.$1 from the program.
'use strict';

const v8 = require('node:v8');
const { charCodeAt } = require('../../native');

const { byteLength } = Buffer;

/** Missing before Node 22.15. @type {((text: string) => boolean) | undefined} */
const isOneByte = /** @type {any} */ (v8).isStringOneByteRepresentation;

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

/** May say no to a string that the engine keeps wide for no reason. */
const isNarrow = isOneByte ?? looksNarrow;

module.exports = { isNarrow };
