// Where in a message a value stands, as text: message.jobs[2].callback. Looks at keys without regular expressions, whose
// matches would show in RegExp.$1.
'use strict';

const { arrayJoin, bigintToString, charCodeAt, numberToString, stringSlice } = require('../../native');
const { MAX_KEY_TEXT, MAX_STEPS } = require('../limits.js');

const { stringify } = JSON;
const { is } = Object;

/**
 * The step to a property: .name, [3] or ["any text"].
 * @param {string} key
 */
function propertyStep(key) {
  if (isIdentifier(key)) return `.${shorten(key)}`;
  return isIndex(key) ? `[${key}]` : `[${stringify(shorten(key))}]`;
}

/** @param {number} index */
function elementStep(index) {
  return `[${index}]`;
}

/**
 * The step to the value of a Map entry: .get("key") for a primitive key, else by its place in insertion order.
 * @param {unknown} key
 * @param {number} index
 */
function mapValueStep(key, index) {
  switch (typeof key) {
    case 'string': return `.get(${stringify(shorten(key))})`;
    case 'bigint': return `.get(${shorten(bigintToString(key))}n)`;
    case 'object': case 'function': case 'symbol': return key === null ? '.get(null)' : `.values()[${index}]`;
    default: return `.get(${is(key, -0) ? '-0' : `${key}`})`;
  }
}

/** @param {number} index */
function mapKeyStep(index) {
  return `.keys()[${index}]`;
}

/** @param {number} index */
function memberStep(index) {
  return `.values()[${index}]`;
}

/**
 * @param {string[]} steps from the culprit outwards
 */
function pathText(steps) {
  const { length } = steps;
  if (length <= MAX_STEPS) return `message${inwards(steps, 0, length)}`;
  const half = MAX_STEPS / 2;
  return `message${inwards(steps, length - half, length)} … ${length - MAX_STEPS} more … ${inwards(steps, 0, half)}`;
}

/**
 * @param {string[]} steps
 * @param {number} from
 * @param {number} to
 */
function inwards(steps, from, to) {
  const some = [];
  for (let i = to; i > from; i--) some[to - i] = steps[i - 1];
  return arrayJoin(some, '');
}

/**
 * Good enough to be read: what is no letter of ASCII counts as one where most scripts have their letters.
 * @param {string} key
 */
function isIdentifier(key) {
  for (let i = 0; i < key.length && i < MAX_KEY_TEXT; i++) {
    const unit = charCodeAt(key, i);
    const small = unit | 0x20;
    const isLetter = (small >= 0x61 && small <= 0x7a) || unit === 0x24 || unit === 0x5f;
    const isDigit = unit >= 0x30 && unit <= 0x39;
    const isForeign = (small >= 0xe0 && unit < 0x2000 && small !== 0xf7) || (unit >= 0x3040 && unit < 0xd800);
    if (!isLetter && !isForeign && !(isDigit && i > 0)) return false;
  }
  return key !== '';
}

/** @param {string} key */
function isIndex(key) {
  return key.length < 16 && key !== '' && numberToString(+key) === key && +key >= 0 && +key % 1 === 0;
}

/** @param {string} text */
function shorten(text) {
  return text.length <= MAX_KEY_TEXT ? text : `${stringSlice(text, 0, MAX_KEY_TEXT - 1)}…`;
}

module.exports = { propertyStep, elementStep, mapValueStep, mapKeyStep, memberStep, pathText };
