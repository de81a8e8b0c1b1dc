// Why a value cannot be cloned: collects its path on the way out and becomes a DataCloneError.
'use strict';

const types = require('node:util/types');
const { charCodeAt, functionToString, ownValue, stringSlice, symbolDescription, dataClone } = require('../../native');
const { MAX_SOURCE } = require('../limits.js');
const { pathText } = require('./path.js');

const { Symbol } = globalThis;

const { getPrototypeOf } = Object;

/** Thrown inside the encoder only; every container it passes adds its step. */
class Refusal {
  #isOne = true;

  /**
   * @param {unknown} culprit
   * @param {string} [reason]
   */
  constructor(culprit, reason) {
    this.culprit = culprit;
    this.reason = reason;
    /** @type {string[]} from the culprit outwards */
    this.steps = [];
  }

  /** @param {object} thrown  by whomever: no trap of a proxy runs */
  static is(thrown) {
    return #isOne in thrown && thrown.#isOne;
  }

  /** @param {string} step */
  passed(step) {
    this.steps[this.steps.length] = step;
  }

  toError() {
    const reason = this.reason === undefined ? '' : ` (${this.reason})`;
    const where = pathText(this.steps);
    return dataClone(`An object could not be cloned: ${describe(this.culprit)} at ${where}${reason}`, { culprit: this.culprit, where, reason: this.reason, isUnlisted: false });
  }
}

/** A port that stands in the message but not in the transfer list. */
class MissingTransfer extends Refusal {
  toError() {
    const where = pathText(this.steps);
    return dataClone(`Object that needs transfer was found in message but not listed in transferList: ${describe(this.culprit)} at ${where}`,
      { culprit: this.culprit, where, reason: undefined, isUnlisted: true });
  }
}

/**
 * @param {unknown} error
 * @returns {error is Refusal}
 */
const isRefusal = (error) => typeof error === 'object' && error !== null && Refusal.is(error);

/**
 * @param {unknown} error
 * @param {string} step
 */
function located(error, step) {
  if (isRefusal(error)) error.passed(step);
  return error;
}

/**
 * Source text or type, shortened. Runs no user code.
 * @param {unknown} culprit
 * @returns {string}
 */
function describe(culprit) {
  if (types.isProxy(culprit)) return '#<Proxy>';
  if (typeof culprit === 'function') return shorten(functionToString(culprit));
  if (typeof culprit === 'symbol') return shorten(`Symbol(${symbolDescription(culprit) ?? ''})`);
  if (typeof culprit === 'object' && culprit !== null) return `#<${shorten(className(culprit))}>`;
  return typeof culprit;
}

/**
 * @param {object} object
 * @returns {string}
 */
function className(object) {
  if (types.isModuleNamespaceObject(object)) return 'Module';
  let proto = getPrototypeOf(object);
  while (proto !== null && !types.isProxy(proto)) {
    const name = ownText(proto, Symbol.toStringTag) ?? constructorName(proto);
    if (name !== undefined) return name;
    proto = getPrototypeOf(proto);
  }
  return 'Object';
}

/** @param {object} proto */
function constructorName(proto) {
  const constructor = ownValue(proto, 'constructor');
  return typeof constructor === 'function' && !types.isProxy(constructor) ? ownText(constructor, 'name') : undefined;
}

/**
 * @param {object} object
 * @param {PropertyKey} key
 * @returns {string | undefined}
 */
function ownText(object, key) {
  const text = ownValue(object, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/**
 * On one line, runs of white space as one space.
 * @param {string} text
 */
function shorten(text) {
  let line = '';
  let i = 0;
  for (; i < text.length && line.length <= MAX_SOURCE && i < 4 * MAX_SOURCE; i++) {
    if (!isSpace(charCodeAt(text, i))) line += text[i];
    else if (line !== '' && line[line.length - 1] !== ' ') line += ' ';
  }
  if (line[line.length - 1] === ' ') line = stringSlice(line, 0, -1);
  return i === text.length && line.length <= MAX_SOURCE ? line : `${stringSlice(line, 0, MAX_SOURCE - 1)}…`;
}

/** @param {number} unit */
const isSpace = (unit) => unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || unit === 0xa0 || unit === 0x2028 || unit === 0x2029;

module.exports = { Refusal, MissingTransfer, isRefusal, located, describe };
