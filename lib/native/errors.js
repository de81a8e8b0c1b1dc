// Makes the errors that users meet: the right class, a stable code, the text of the contract.
'use strict';

const { SafeWeakMap, defineValue, startsWith, stringIndexOf, stringLastIndexOf, stringSlice } = require('./builtins.js');

/** As they are when we load: a program may put others in their place. */
const { DOMException, Error, TypeError } = globalThis;
const { captureStackTrace } = Error;
const { assign } = Object;

/**
 * @template {Error} E
 * @param {E} error
 * @param {string} code
 * @returns {E & { code: string }}
 */
function withCode(error, code) {
  return assign(error, { code });
}

/**
 * What cannot be cloned, where it stands, and why; or what could be handed over and is in no list.
 * @typedef {{ culprit: unknown, where: string, reason: string | undefined, isUnlisted: boolean }} About
 */

/** The errors that were made here, and what they are about; what a getter throws is not there. @type {WeakMap<object, About | undefined>} */
const ours = new SafeWeakMap();

/** @template {object} E @param {E} error @param {About} [about] */
function made(error, about) {
  ours.set(error, about);
  return error;
}

/** For a face that has other words for it. @param {any} error  whatever was thrown */
const aboutOf = (error) => ours.get(error);

/** @param {string} text */
const invalidType = (text) => made(withCode(new TypeError(text), 'ERR_INVALID_ARG_TYPE'));

/** @param {string} text */
const invalidValue = (text) => withCode(new TypeError(text), 'ERR_INVALID_ARG_VALUE');

const illegalConstructor = () => withCode(new TypeError('Illegal constructor'), 'ERR_ILLEGAL_CONSTRUCTOR');

/** @param {string} text @param {About} [about] */
const dataClone = (text, about) => made(new DOMException(text, 'DataCloneError'), about);

/**
 * Says of a value that cannot be cloned where it stands for the user, not where in a message of ours.
 * @param {any} error  what a getter throws stays as it is
 * @param {string} place  in ours, such as `message[1]`
 * @param {string} name  of what stands there
 */
function retold(error, place, name) {
  const about = aboutOf(error);
  if (about === undefined || !startsWith(about.where, place)) return error;
  const text = /** @type {string} */ (error.message);
  const at = stringLastIndexOf(text, about.where); // the source of a function may look like a path, too
  return dataClone(`${stringSlice(text, 0, at)}${name}${stringSlice(text, at + place.length)}`);
}

/**
 * Lets the stack of an error that was made here begin with whoever called `callee`: if nobody catches it, Node prints the
 * line of the program, and not one of ours.
 * @param {any} error
 * @param {Function} callee  a function that everybody can call
 */
function seenFrom(error, callee) {
  if (typeof error !== 'object' || error === null || !ours.has(error)) return error;
  try {
    const { stack } = error;
    captureStackTrace(error, callee);
    // Somebody called it by another name, and it is not on the stack.
    if (!hasFrames(error.stack)) defineValue(error, 'stack', stack);
  } catch {
    // What a program has for `Error.prepareStackTrace` throws; whoever asks for the stack hears of that.
  }
  return error;
}

/** Without a regular expression, whose match would show in RegExp.$1. @param {unknown} stack */
const hasFrames = (stack) => typeof stack === 'string' && stringIndexOf(stack, '\n    at ') !== -1;

/**
 * Makes errors without a stack trace, which would cost more than everything else about them. Limited to 0 a stack is the
 * error's first line; without a number for a limit the engine prepares none: `stack` is there, and undefined.
 * @template T
 * @param {() => T} make
 * @param {0 | undefined} limit
 * @returns {T}
 */
function withoutTrace(make, limit) {
  const { stackTraceLimit } = Error;
  setLimit(limit);
  try {
    return make();
  } finally {
    setLimit(stackTraceLimit);
  }
}

/** @param {number | undefined} limit */
function setLimit(limit) {
  try {
    Error.stackTraceLimit = /** @type {number} */ (limit);
  } catch {
    // The program has frozen it.
  }
}

module.exports = { withCode, made, invalidType, invalidValue, illegalConstructor, dataClone, aboutOf, retold, seenFrom, withoutTrace };
