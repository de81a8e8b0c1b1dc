// Makes the errors that users meet: the right class, a stable code, the text of the contract.
'use strict';

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

/** @param {string} text */
const invalidType = (text) => withCode(new TypeError(text), 'ERR_INVALID_ARG_TYPE');

/** @param {string} text */
const invalidValue = (text) => withCode(new TypeError(text), 'ERR_INVALID_ARG_VALUE');

const illegalConstructor = () => withCode(new TypeError('Illegal constructor'), 'ERR_ILLEGAL_CONSTRUCTOR');

/** As it is when we load: a program may put another class in its place. */
const { DOMException } = globalThis;

/** @param {string} text */
const dataClone = (text) => new DOMException(text, 'DataCloneError');

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

module.exports = { withCode, invalidType, invalidValue, illegalConstructor, dataClone, withoutTrace };
