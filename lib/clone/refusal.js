// Why a value cannot be cloned: collects its path on the way out and becomes a DataCloneError.
'use strict';

const { types } = require('node:util');
const { pathText } = require('./path.js');

const MAX_SOURCE = 80;
const functionText = Function.prototype.toString;

/** Thrown inside the encoder only; every container it passes adds its step. */
class Refusal {
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

  toError() {
    const reason = this.reason === undefined ? '' : ` (${this.reason})`;
    return new DOMException(
      `An object could not be cloned: ${describe(this.culprit)} at ${pathText(this.steps)}${reason}`, 'DataCloneError');
  }
}

/** A port that stands in the message but not in the transfer list. */
class MissingTransfer extends Refusal {
  toError() {
    return new DOMException(
      'Object that needs transfer was found in message but not listed in transferList', 'DataCloneError');
  }
}

/**
 * Source text or type, shortened. Runs no user code.
 * @param {unknown} culprit
 * @returns {string}
 */
function describe(culprit) {
  if (types.isProxy(culprit)) return '#<Proxy>';
  if (typeof culprit === 'function') return shorten(functionText.call(culprit));
  if (typeof culprit === 'symbol') return shorten(String(culprit));
  if (typeof culprit === 'object' && culprit !== null) return `#<${shorten(className(culprit))}>`;
  return typeof culprit;
}

/**
 * @param {object} object
 * @returns {string}
 */
function className(object) {
  if (types.isModuleNamespaceObject(object)) return 'Module';
  let proto = Object.getPrototypeOf(object);
  while (proto !== null && !types.isProxy(proto)) {
    const name = ownText(proto, Symbol.toStringTag) ?? constructorName(proto);
    if (name !== undefined) return name;
    proto = Object.getPrototypeOf(proto);
  }
  return 'Object';
}

/** @param {object} proto */
function constructorName(proto) {
  const constructor = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value;
  return typeof constructor === 'function' && !types.isProxy(constructor) ? ownText(constructor, 'name') : undefined;
}

/**
 * @param {object} object
 * @param {PropertyKey} key
 * @returns {string | undefined}
 */
function ownText(object, key) {
  const text = Object.getOwnPropertyDescriptor(object, key)?.value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

/** @param {string} text */
function shorten(text) {
  const line = text.slice(0, 4 * MAX_SOURCE).replace(/\s+/g, ' ').trim();
  return line.length <= MAX_SOURCE && text.length <= 4 * MAX_SOURCE ? line : `${line.slice(0, MAX_SOURCE - 1)}…`;
}

module.exports = { Refusal, MissingTransfer, describe };
