// Carries what a handler threw: an error keeps its message, name, stack, cause and own properties, at any depth.
'use strict';

const { isNativeError, isProxy } = require('node:util/types');
const { defineValue, withCode, withoutTrace } = require('../native');
const { MAX_LIST, MAX_WALKED } = require('./limits.js');

const { DOMException } = globalThis;

/** @type {Record<string, new (message?: string) => Error>} */
const CLASSES = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/** What every error has, told apart from its other properties. */
const BASICS = new Set(['name', 'message', 'stack']);

/**
 * A property of an error. `errors` maps the places of errors in the value to the nodes they are: -1 is the value itself,
 * the others are elements of it.
 * @typedef {{ key: string, enumerable: boolean, value: unknown, errors: [place: number, node: number][] }} Property
 */

/** @typedef {{ type: string, name: string, message: string, stack: string | undefined, properties: Property[] }} Node */

/** The first node is what was thrown. @typedef {Node[]} PackedError */

/**
 * Whether it is made of this class. No trap runs: behind a proxy nothing is.
 * @param {unknown} value
 * @param {{ prototype: object }} parent
 */
function isOf(value, { prototype }) {
  for (let at = value; typeof at === 'object' && at !== null && !isProxy(at); at = Object.getPrototypeOf(at)) if (at === prototype) return true;
  return false;
}

/** @param {unknown} value @returns {value is Error} */
const isError = (value) => isNativeError(value) || isOf(value, Error);

/** What was thrown may be of any kind and throw in its turn, whatever is done with it. */
const UNREADABLE = Symbol('unreadable');

/**
 * @param {object} object
 * @param {string} key
 * @returns {any}
 */
function read(object, key) {
  try {
    return Reflect.get(object, key);
  } catch {
    return UNREADABLE;
  }
}

/**
 * @param {unknown} value
 * @param {string} fallback  where it cannot be told as text
 */
function textOf(value, fallback) {
  if (typeof value === 'string') return value;
  if (value === UNREADABLE) return fallback;
  try {
    return String(value);
  } catch {
    return fallback;
  }
}

/** @param {Error} error */
function typeOf(error) {
  if (isOf(error, DOMException)) return 'DOMException';
  if (isOf(error, AggregateError)) return 'AggregateError';
  for (let at = Object.getPrototypeOf(error); at !== null && !isProxy(at); at = Object.getPrototypeOf(at)) {
    const name = Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name;
    if (Object.hasOwn(CLASSES, name)) return /** @type {string} */ (name);
  }
  return 'Error';
}

/**
 * @param {Error} thrown
 * @param {(value: unknown) => boolean} [keep]  whether the value of a property travels
 * @param {boolean} [inherited]  what its classes give it goes along, but for functions
 * @returns {{ error: PackedError }}
 */
function packFailure(thrown, keep = () => true, inherited = false) {
  /** @type {Error[]} */
  const found = [thrown];
  const node = (/** @type {Error} */ error) => {
    const index = found.indexOf(error);
    if (index !== -1) return index;
    return found.length < MAX_LIST ? found.push(error) - 1 : null;
  };
  /** @type {PackedError} */
  const error = [];
  for (let i = 0; i < found.length; i++) error.push(packNode(found[i], node, inherited, keep));
  return { error };
}

/**
 * @param {Error} error
 * @param {(error: Error) => number | null} node  null: there are too many
 * @param {boolean} inherited
 * @param {(value: unknown) => boolean} keep
 * @returns {Node}
 */
function packNode(error, node, inherited, keep) {
  const stack = read(error, 'stack');
  const keys = inherited ? [...ownKeys(error), ...inheritedKeys(error)] : ownKeys(error);
  return {
    type: typeOf(error),
    name: textOf(read(error, 'name'), 'Error'),
    message: textOf(read(error, 'message'), ''),
    stack: typeof stack === 'string' ? stack : undefined,
    properties: keys.slice(0, MAX_LIST).map(([key, enumerable]) => packProperty(error, key, enumerable, node))
      .filter((property) => property.value !== UNREADABLE && keep(property.value)),
  };
}

/** Keys, and whether a loop sees them. @typedef {[key: string, enumerable: boolean][]} Keys */

/**
 * @param {Error} error
 * @returns {Keys}
 */
function ownKeys(error) {
  return Object.getOwnPropertyNames(error)
    .map((key) => /** @type {Keys[number]} */ ([key, Object.prototype.propertyIsEnumerable.call(error, key)]))
    .filter(([key, enumerable]) => !BASICS.has(key) || (key === 'name' && enumerable));
}

/** What these give an error the language has here, too. @type {object[]} */
const GIVEN = [Object, DOMException, AggregateError, ...Object.values(CLASSES)].map(({ prototype }) => prototype);

/** What the `Object.prototype` of another context would give it. */
const PROTOTYPE = '__proto__';

/**
 * What a program's own classes give an error, but for methods.
 * @param {Error} error
 * @returns {Keys}
 */
function inheritedKeys(error) {
  /** @type {Map<string, boolean>} */
  const found = new Map();
  for (let at = Object.getPrototypeOf(error); at !== null && !isProxy(at); at = Object.getPrototypeOf(at)) {
    if (GIVEN.includes(at)) continue;
    for (const [key, { enumerable, value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      const isMember = typeof value !== 'function' && !BASICS.has(key) && key !== PROTOTYPE && !Object.hasOwn(error, key);
      if (isMember && !found.has(key)) found.set(key, enumerable === true);
    }
  }
  return [...found];
}

/**
 * @param {Error} error
 * @param {string} key
 * @param {boolean} enumerable
 * @param {(error: Error) => number | null} node
 * @returns {Property}
 */
function packProperty(error, key, enumerable, node) {
  const value = read(error, key);
  if (isError(value)) {
    const index = node(value);
    return { key, enumerable, value: index === null ? UNREADABLE : undefined, errors: index === null ? [] : [[-1, index]] };
  }
  /** @type {[number, number][]} */
  const errors = [];
  // In a longer list errors are as they are in any message: without properties of their own.
  if (isProxy(value) || !Array.isArray(value) || value.length > MAX_LIST) return { key, enumerable, value, errors };
  const rest = [];
  for (let place = 0; place < value.length; place++) {
    const element = read(value, String(place));
    const index = isError(element) ? node(element) : null;
    if (index !== null) errors.push([place, index]);
    rest.push(index === null && element !== UNREADABLE ? element : undefined);
  }
  return { key, enumerable, value: errors.length === 0 ? value : rest, errors };
}

/** The last resort. @returns {{ error: PackedError }} */
const untold = () => packFailure(new Error('The other side failed, and could not say how'));

/**
 * The answer to a call that failed with something that is no error.
 * @param {unknown} thrown
 */
function asError(thrown) {
  if (isError(thrown)) return thrown;
  const error = new Error(textOf(thrown, 'something that is no error was thrown'), { cause: thrown });
  return withCode(error, 'ERR_HANDLER_FAILED');
}

/** @param {Node} node */
function makeError({ type, name, message }) {
  if (type === 'DOMException') return new DOMException(message, name);
  const error = type === 'AggregateError' ? new AggregateError([], message) : new (Object.hasOwn(CLASSES, type) ? CLASSES[type] : Error)(message);
  return error.name === name ? error : defineValue(error, 'name', name);
}

/**
 * It has the trace of where it was thrown, and none of here: if nobody catches it, Node would print our line as what had thrown it.
 * @param {Node} node
 */
const openNode = (node) => defineValue(withoutTrace(() => makeError(node), 0), 'stack', node.stack);

/**
 * What the caller is to be given. The bytes may come from a hostile process: what is no failure of ours is an error too.
 * @param {any} packed
 * @returns {Error}
 */
function openFailure(packed) {
  try {
    return openError(packed.error);
  } catch {
    return withCode(new Error('The other side failed in a way that could not be read'), 'ERR_MESSAGE_MALFORMED');
  }
}

/**
 * A list as we make them: short, whatever its sender says.
 * @template T
 * @param {T[]} list
 */
function listed(list) {
  if (!Array.isArray(list) || list.length > MAX_LIST) throw new TypeError('not a list of ours');
  return list;
}

/** Lists of one failure, as above: the same one may stand in a thousand places. */
function counting() {
  let left = MAX_WALKED;
  return (/** @type {any[]} */ list) => {
    left -= listed(list).length;
    if (left < 0) throw new TypeError('lists without end');
    return list;
  };
}

/** @param {PackedError} nodes */
function openError(nodes) {
  const counted = counting();
  const errors = counted(nodes).map(openNode);
  nodes.forEach(({ properties }, index) => {
    for (const { key, enumerable, value, errors: places } of counted(properties)) {
      let whole = value;
      for (const [place, node] of counted(places)) {
        if (!(errors[node] instanceof Error)) throw new TypeError('no such error');
        if (place === -1) whole = errors[node];
        else listed(/** @type {unknown[]} */ (whole))[Number(place)] = errors[node];
      }
      defineValue(errors[index], String(key), whole, enumerable === true);
    }
  });
  if (errors.length === 0) throw new TypeError('no error');
  return errors[0];
}

module.exports = { asError, isError, packFailure, openFailure, untold };
