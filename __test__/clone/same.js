// Compares two values in depth, independently of the codec: types, prototypes, properties and their order, identity.
'use strict';

const { types } = require('node:util');
const { partsOf } = require('./values.js');

/** But for what `partsOf` tells: Node 24 takes 30 µs to say that something is no key. */
const predicates = Object.keys(types).filter((name) => /^is[A-Z]/.test(name) && !['isKeyObject', 'isCryptoKey'].includes(name));

/**
 * The first difference as text, or undefined if there is none. Resizable buffers are resized in the course of it.
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {(actual: unknown, expected: unknown) => boolean | undefined} [alike] decides about values of a special kind
 * @returns {string | undefined}
 */
function difference(actual, expected, alike = () => undefined) {
  const comparison = new Comparison(alike);
  comparison.push(actual, expected, null, 'value');
  return comparison.run() ?? comparison.compareResized();
}

/** Growing a buffer takes memory. */
const MAX_RESIZED = 2 ** 20;

class Comparison {
  /** @param {(actual: unknown, expected: unknown) => boolean | undefined} alike */
  constructor(alike) {
    this.alike = alike;
    /** @type {any[]} */
    this.todo = [];
    this.counterparts = new Map();
    this.taken = new Map();
    /** @type {any[]} */
    this.views = [];
  }

  /**
   * @param {unknown} actual
   * @param {unknown} expected
   * @param {any} parent
   * @param {string} step
   */
  push(actual, expected, parent, step) {
    this.todo.push({ actual, expected, parent, step });
  }

  run() {
    while (this.todo.length > 0) {
      const pair = this.todo.pop();
      const found = this.compare(pair, pair.actual, pair.expected);
      if (found !== undefined) return `${pathOf(pair)}: ${found}`;
    }
    return undefined;
  }

  /**
   * @param {any} pair
   * @param {any} actual
   * @param {any} expected
   * @returns {string | undefined}
   */
  compare(pair, actual, expected) {
    if (typeof actual !== typeof expected) return `${typeof actual} instead of ${typeof expected}`;
    if (typeof expected !== 'object' || expected === null || actual === null) {
      return Object.is(actual, expected) ? undefined : `${show(actual)} instead of ${show(expected)}`;
    }
    const verdict = this.alike(actual, expected);
    if (verdict !== undefined) return verdict ? undefined : 'not alike';
    if (this.counterparts.has(expected) || this.taken.has(actual)) {
      return this.counterparts.get(expected) === actual && this.taken.get(actual) === expected
        ? undefined : 'another object than at its first appearance';
    }
    this.counterparts.set(expected, actual);
    this.taken.set(actual, expected);
    return kindOf(actual, expected) ?? this.slots(pair, actual, expected) ?? this.properties(pair, actual, expected);
  }

  /**
   * @param {any} pair
   * @param {any} actual
   * @param {any} expected
   * @returns {string | undefined}
   */
  slots(pair, actual, expected) {
    if (types.isMap(expected)) return this.collections(pair, [...actual].flat(), [...expected].flat(), '<entry>');
    if (types.isSet(expected)) return this.collections(pair, [...actual], [...expected], '<member>');
    if (types.isDate(expected)) return equal('time', actual.getTime(), expected.getTime());
    if (types.isRegExp(expected)) return equal('source', String(actual), String(expected));
    if (types.isBoxedPrimitive(expected)) return equal('content', actual.valueOf(), expected.valueOf());
    if (types.isAnyArrayBuffer(expected)) return memory(actual, expected);
    if (ArrayBuffer.isView(expected)) return this.view(pair, actual, expected);
    if (expected instanceof DOMException) {
      return equal('name', actual.name, expected.name) ?? equal('message', actual.message, expected.message)
        ?? equal('code', actual.code, expected.code)
        ?? equal('quota', /** @type {any} */ (actual).quota, /** @type {any} */ (expected).quota)
        ?? equal('requested', /** @type {any} */ (actual).requested, /** @type {any} */ (expected).requested);
    }
    return equal('parts', show(partsOf(actual)), show(partsOf(expected)));
  }

  /**
   * @param {any} pair
   * @param {unknown[]} actual
   * @param {unknown[]} expected
   * @param {string} step
   */
  collections(pair, actual, expected, step) {
    expected.forEach((member, i) => this.push(actual[i], member, pair, `${step}[${i}]`));
    return equal('size', actual.length, expected.length);
  }

  /**
   * @param {any} pair
   * @param {any} actual
   * @param {any} expected
   */
  view(pair, actual, expected) {
    this.push(actual.buffer, expected.buffer, pair, '.buffer');
    this.views.push([actual, expected]);
    return equal('byteOffset', actual.byteOffset, expected.byteOffset)
      ?? equal('byteLength', actual.byteLength, expected.byteLength);
  }

  /**
   * @param {any} pair
   * @param {any} actual
   * @param {any} expected
   * @returns {string | undefined}
   */
  properties(pair, actual, expected) {
    if (ArrayBuffer.isView(expected) || partsOf(expected) !== undefined) return undefined;
    const keys = Reflect.ownKeys(expected);
    const found = equal('keys', show(Reflect.ownKeys(actual)), show(keys));
    if (found !== undefined) return found;
    for (const key of keys) {
      const a = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(actual, key));
      const e = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(expected, key));
      if ('get' in a !== 'get' in e || a.enumerable !== e.enumerable || a.writable !== e.writable
        || a.configurable !== e.configurable) return `attributes of ${String(key)}`;
      this.push(actual[key], expected[key], pair, `.${String(key)}`);
    }
    return undefined;
  }

  /** Views of resizable buffers: do they follow their buffer in the same way? */
  compareResized() {
    for (const size of ['maxByteLength', 'nothing']) {
      for (const [actual, expected] of this.views) {
        if (expected.buffer.resizable !== true || expected.buffer.maxByteLength > MAX_RESIZED) continue;
        for (const { buffer } of [actual, expected]) buffer.resize(size === 'nothing' ? 0 : buffer.maxByteLength);
        const found = equal(`length after resizing to ${size}`, lengthOf(actual), lengthOf(expected));
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }
}

/** @param {any} view */
function lengthOf(view) {
  try {
    return view.byteLength;
  } catch {
    return 'outside';
  }
}

/**
 * @param {any} actual
 * @param {any} expected
 */
function kindOf(actual, expected) {
  for (const name of predicates) {
    const is = /** @type {any} */ (types)[name];
    if (is(actual) !== is(expected)) return `${name}() differs`;
  }
  if (Array.isArray(actual) !== Array.isArray(expected)) return 'Array.isArray() differs';
  // Node gives its own clones a prototype between them and their class.
  const isOfPlatform = partsOf(expected) !== undefined && actual.constructor === expected.constructor;
  if (!isOfPlatform && Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return 'another prototype';
  if (Object.isExtensible(actual) !== Object.isExtensible(expected)) return 'not extensible';
  return undefined;
}

/**
 * @param {any} actual
 * @param {any} expected
 */
function memory(actual, expected) {
  return equal('byteLength', actual.byteLength, expected.byteLength)
    ?? equal('resizable', actual.resizable, expected.resizable)
    ?? equal('maxByteLength', actual.maxByteLength, expected.maxByteLength)
    ?? equal('bytes', Buffer.compare(Buffer.from(actual), Buffer.from(expected)), 0);
}

/**
 * @param {string} what
 * @param {unknown} actual
 * @param {unknown} expected
 */
function equal(what, actual, expected) {
  return Object.is(actual, expected) ? undefined : `${what}: ${show(actual)} instead of ${show(expected)}`;
}

/** @param {any} pair */
function pathOf(pair) {
  const steps = [];
  for (let link = pair; link !== null && steps.length < 20; link = link.parent) steps.push(link.step);
  return steps.reverse().join('');
}

/** @param {unknown} value */
function show(value) {
  if (typeof value === 'string') return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value);
  if (Array.isArray(value)) return value.slice(0, 20).map(String).join();
  return Object.is(value, -0) ? '-0' : String(value);
}

module.exports = { difference };
