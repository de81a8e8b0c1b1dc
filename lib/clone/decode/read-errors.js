// Makes errors, with what is theirs and not enumerable: message, stack, cause, errors.
'use strict';

const { isNativeError } = require('node:util/types');
const { ERROR_HAS, ERROR_NAMES, VALUE } = require('../tags.js');
const { COST } = require('../limits.js');
const { bare, engineTells, getPrototypeOf, native, withoutTrace } = require('../../native');
const { malformed } = require('./malformed.js');
const { HiddenFrame } = require('./read-frames.js');

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

/** As they are when we load. */
const { DOMException, Error } = globalThis;
/** Missing before Node 26. */
const { QuotaExceededError } = /** @type {any} */ (globalThis);
const { hasOwn } = Object;
const errors = ERROR_NAMES.map((name) => /** @type {any} */ (globalThis)[name]);

/** The limit under which errors are made fastest, and have a stack of their own that can be assigned to. */
const BARE = withoutTrace(() => hasOwn(new Error(), 'stack'), undefined) ? undefined : 0;
const AGGREGATE = ERROR_NAMES.indexOf('AggregateError');

/** By type, and by whether they have a message and a cause. @type {(object | null | undefined)[]} */
const templates = new Array(8 * ERROR_NAMES.length).fill(undefined);

/**
 * An error that nobody refers to: what it has is read before it is made.
 * @param {GraphReader} reader
 * @param {number} depth of its members
 */
function readError(reader, depth) {
  const type = errorType(reader);
  const has = reader.byte();
  const message = (has & ERROR_HAS.MESSAGE) !== 0 ? reader.text() : undefined;
  const stack = (has & ERROR_HAS.STACK) !== 0 ? reader.text() : undefined;
  const cause = (has & ERROR_HAS.CAUSE) !== 0 ? reader.value(depth) : undefined;
  const error = makeError(type, has, message, stack, cause);
  if ((has & ERROR_HAS.ERRORS) !== 0) reader.run(new HiddenFrame(error, ['errors']), depth - 1);
  return error;
}

/**
 * The same with its members to follow.
 * @param {GraphReader} reader
 */
function openError(reader) {
  const type = errorType(reader);
  const has = reader.byte();
  const message = (has & ERROR_HAS.MESSAGE) !== 0 ? reader.text() : undefined;
  const stack = (has & ERROR_HAS.STACK) !== 0 ? reader.text() : undefined;
  const error = makeError(type, has, message, stack, undefined);
  openHidden(reader, error, has);
  return error;
}

/** @param {GraphReader} reader */
function errorType(reader) {
  reader.spend(COST.ERROR);
  const type = reader.byte();
  if (type >= ERROR_NAMES.length || (reader.pos < reader.end && reader.bytes[reader.pos] > 15)) {
    throw malformed('an unknown kind of error');
  }
  return type;
}

/**
 * @param {number} type
 * @param {number} has  with bits for `cause`, which is there from the beginning, and `errors`, which is not
 * @param {string | undefined} message
 * @param {string | undefined} stack
 * @param {unknown} cause
 */
function makeError(type, has, message, stack, cause) {
  const template = stack === undefined || type === AGGREGATE ? null : templateOf(type, has);
  if (template === null) return constructError(type, has, message, stack, cause);
  // All of these are its own already, so that assigning to them runs no setter.
  const error = /** @type {any} */ (native.copyOf(template));
  if (message !== undefined) error.message = message;
  if ((has & ERROR_HAS.CAUSE) !== 0) error.cause = cause;
  error.stack = stack;
  return error;
}

/**
 * An error of this type that has the same, to be copied: which takes half the time of its constructor.
 * @param {number} type
 * @param {number} has
 * @returns {object | null} null: the engine does not copy it
 */
function templateOf(type, has) {
  const index = 8 * type + (has & (ERROR_HAS.MESSAGE | ERROR_HAS.CAUSE));
  const known = templates[index];
  return known === undefined ? (templates[index] = makeTemplate(type, has)) : known;
}

/**
 * @param {number} type
 * @param {number} has
 */
function makeTemplate(type, has) {
  if (!engineTells()) return null;
  const template = constructError(type, has, (has & ERROR_HAS.MESSAGE) === 0 ? undefined : '', '', undefined);
  if ((has & ERROR_HAS.CAUSE) !== 0) {
    // The engine learns that it may be anything. Of what it takes for fractions copies would share one.
    template.cause = 0;
    template.cause = {};
    template.cause = undefined;
  }
  const copy = native.copyOf(template);
  return copy !== undefined && copy !== template && isNativeError(copy) && getPrototypeOf(copy) === getPrototypeOf(template)
    && hasOwn(copy, 'stack') ? template : null;
}

/**
 * @param {number} type
 * @param {number} has  as of makeError()
 * @param {string | undefined} message
 * @param {string | undefined} stack
 * @param {unknown} cause
 */
function constructError(type, has, message, stack, cause) {
  const options = (has & ERROR_HAS.CAUSE) !== 0 ? { cause } : undefined;
  const error = withoutTrace(() => (
    type === AGGREGATE ? new errors[type]([], message, options) : new errors[type](message, options)), stack === undefined ? 0 : BARE);
  if (type === AGGREGATE && (has & ERROR_HAS.ERRORS) === 0) delete error.errors;
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** @param {GraphReader} reader */
function openDOMException(reader) {
  reader.spend(COST.ERROR);
  const has = reader.byte();
  if ((has & ~(ERROR_HAS.STACK | ERROR_HAS.CAUSE | ERROR_HAS.QUOTA)) !== 0) throw malformed('an unknown kind of error');
  const name = reader.text();
  const message = reader.text();
  const quota = (has & ERROR_HAS.QUOTA) === 0 ? null : readQuota(reader);
  const exception = withoutTrace(() => (
    quota === null || QuotaExceededError === undefined ? new DOMException(message, name) : new QuotaExceededError(message, quota)), 0);
  if ((has & ERROR_HAS.STACK) !== 0) exception.stack = reader.text();
  openHidden(reader, exception, has);
  return exception;
}

/**
 * What of it is known, as options.
 * @param {GraphReader} reader
 */
function readQuota(reader) {
  /** @type {Record<string, unknown>} */
  const options = bare({});
  const quota = readNumber(reader);
  if (quota !== null) options.quota = quota;
  const requested = readNumber(reader);
  if (requested !== null) options.requested = requested;
  return options;
}

/**
 * @param {GraphReader} reader
 * @returns {number | null}
 */
function readNumber(reader) {
  // Of objects none is read: it could have another one in it, and so on.
  const value = reader.pos < reader.end && reader.bytes[reader.pos] < VALUE.NULL ? undefined : reader.value(0);
  if (typeof value !== 'number' && value !== null) throw malformed('a quota that is no number');
  return value;
}

/**
 * @param {GraphReader} reader
 * @param {object} error
 * @param {number} has
 */
function openHidden(reader, error, has) {
  const names = [];
  if ((has & ERROR_HAS.CAUSE) !== 0) names[0] = 'cause';
  if ((has & ERROR_HAS.ERRORS) !== 0) names[names.length] = 'errors';
  reader.opened = names.length === 0 ? null : new HiddenFrame(error, names);
}

module.exports = { readError, openError, openDOMException };
