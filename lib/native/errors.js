// Makes the errors that users meet: the right class, a stable code, the text of the contract.
'use strict';

const { captureStackTrace } = Error;
const { assign } = Object;
const { set } = Reflect;

/**
 * @template {Error} E
 * @param {E} error
 * @param {string} code
 * @returns {E & { code: string }}
 */
function withCode(error, code) {
  return assign(error, { code });
}

/** The errors that were made here; what a getter throws is not. @type {WeakSet<object>} */
const ours = new WeakSet();

/** @template {object} E @param {E} error */
function made(error) {
  ours.add(error);
  return error;
}

/** @param {string} text */
const invalidType = (text) => made(withCode(new TypeError(text), 'ERR_INVALID_ARG_TYPE'));

/** @param {string} text */
const invalidValue = (text) => withCode(new TypeError(text), 'ERR_INVALID_ARG_VALUE');

const illegalConstructor = () => withCode(new TypeError('Illegal constructor'), 'ERR_ILLEGAL_CONSTRUCTOR');

/** As it is when we load: a program may put another class in its place. */
const { DOMException } = globalThis;

/** @param {string} text */
const dataClone = (text) => made(new DOMException(text, 'DataCloneError'));

/**
 * Lets the stack of an error that was made here begin with whoever called `callee`: if nobody catches it, Node prints the
 * line of the program, and not one of ours.
 * @param {any} error
 * @param {Function} callee  a function that everybody can call
 */
function seenFrom(error, callee) {
  if (typeof error !== 'object' || error === null || !ours.has(error)) return error;
  const { stack } = error;
  captureStackTrace(error, callee);
  // Somebody called it by another name, and it is not on the stack.
  if (!/\n\s+at /.test(error.stack)) Object.defineProperty(error, 'stack', { configurable: true, writable: true, value: stack });
  return error;
}

/**
 * Makes errors without a stack trace, which would cost more than everything else about them.
 * @template T
 * @param {() => T} make
 * @returns {T}
 */
function withoutTrace(make) {
  const { stackTraceLimit } = Error;
  set(Error, 'stackTraceLimit', 0);
  try {
    return make();
  } finally {
    set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

module.exports = { withCode, invalidType, invalidValue, illegalConstructor, dataClone, seenFrom, withoutTrace };
