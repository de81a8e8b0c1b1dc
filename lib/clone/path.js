// Where in a message a value stands, as text: message.jobs[2].callback
'use strict';

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const MAX_KEY = 64;
const MAX_STEPS = 32;

/**
 * The step to a property: .name, [3] or ["any text"].
 * @param {string} key
 */
function propertyStep(key) {
  if (IDENTIFIER.test(key)) return `.${shorten(key)}`;
  return isIndex(key) ? `[${key}]` : `[${JSON.stringify(shorten(key))}]`;
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
    case 'string': return `.get(${JSON.stringify(shorten(key))})`;
    case 'bigint': return `.get(${shorten(String(key))}n)`;
    case 'object': case 'function': case 'symbol': return key === null ? '.get(null)' : `.values()[${index}]`;
    default: return `.get(${Object.is(key, -0) ? '-0' : String(key)})`;
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
  if (steps.length <= MAX_STEPS) return `message${[...steps].reverse().join('')}`;
  const half = MAX_STEPS / 2;
  const first = steps.slice(-half).reverse().join('');
  const last = steps.slice(0, half).reverse().join('');
  return `message${first} … ${steps.length - MAX_STEPS} more … ${last}`;
}

/** @param {string} key */
function isIndex(key) {
  return key.length < 16 && /^(0|[1-9][0-9]*)$/.test(key);
}

/** @param {string} text */
function shorten(text) {
  return text.length <= MAX_KEY ? text : `${text.slice(0, MAX_KEY - 1)}…`;
}

module.exports = { propertyStep, elementStep, mapValueStep, mapKeyStep, memberStep, pathText };
