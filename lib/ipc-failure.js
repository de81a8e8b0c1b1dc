// Carries what a handler threw: an error keeps its message, name, stack, cause and own properties, at any depth.
'use strict';

const { isNativeError } = require('node:util').types;
const { withCode } = require('./errors.js');

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

/** @param {unknown} value @returns {value is Error} */
const isError = (value) => isNativeError(value) || value instanceof Error;

/** @param {Error} error */
function typeOf(error) {
  if (error instanceof DOMException) return 'DOMException';
  for (let at = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    const name = Object.getOwnPropertyDescriptor(at, 'constructor')?.value?.name;
    if (Object.hasOwn(CLASSES, name)) return /** @type {string} */ (name);
  }
  return 'Error';
}

/**
 * @param {unknown} thrown
 * @param {(value: unknown) => boolean} [keep]  whether the value of a property travels
 * @returns {{ error: PackedError } | { value: unknown }}
 */
function packFailure(thrown, keep = () => true) {
  if (!isError(thrown)) return { value: thrown };
  /** @type {Error[]} */
  const found = [thrown];
  const node = (/** @type {Error} */ error) => {
    const index = found.indexOf(error);
    return index === -1 ? found.push(error) - 1 : index;
  };
  /** @type {PackedError} */
  const error = [];
  for (let i = 0; i < found.length; i++) error.push(packNode(found[i], node, keep));
  return { error };
}

/**
 * @param {Error} error
 * @param {(error: Error) => number} node
 * @param {(value: unknown) => boolean} keep
 * @returns {Node}
 */
function packNode(error, node, keep) {
  const { name, message, stack } = error;
  const properties = Object.keys(Object.getOwnPropertyDescriptors(error))
    .filter((key) => !BASICS.has(key))
    .map((key) => packProperty(error, key, node))
    .filter(({ value }) => keep(value));
  return {
    type: typeOf(error),
    name: String(name),
    message: String(message),
    stack: typeof stack === 'string' ? stack : undefined,
    properties,
  };
}

/**
 * @param {Error} error
 * @param {string} key
 * @param {(error: Error) => number} node
 * @returns {Property}
 */
function packProperty(error, key, node) {
  const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
  const value = Reflect.get(error, key);
  if (isError(value)) return { key, enumerable, value: undefined, errors: [[-1, node(value)]] };
  /** @type {[number, number][]} */
  const errors = [];
  if (!Array.isArray(value) || !value.some(isError)) return { key, enumerable, value, errors };
  const rest = value.map((element, place) => {
    if (!isError(element)) return element;
    errors.push([place, node(element)]);
    return undefined;
  });
  return { key, enumerable, value: rest, errors };
}

/** @param {Node} node */
function openNode({ type, name, message, stack }) {
  if (type === 'DOMException') return defined(new DOMException(message, name), 'stack', stack);
  const error = new (Object.hasOwn(CLASSES, type) ? CLASSES[type] : Error)(message);
  if (error.name !== name) defined(error, 'name', name);
  return defined(error, 'stack', stack);
}

/**
 * @param {Error} error
 * @param {string} key
 * @param {unknown} value
 */
function defined(error, key, value, enumerable = false) {
  return Object.defineProperty(error, key, { configurable: true, writable: true, enumerable, value });
}

/**
 * What the caller is to be given. The bytes may come from a hostile process: what is no failure of ours is an error too.
 * @param {any} packed
 * @returns {unknown}
 */
function openFailure(packed) {
  try {
    return 'error' in packed ? openError(packed.error) : packed.value;
  } catch {
    return withCode(new Error('The other side failed in a way that could not be read'), 'ERR_MESSAGE_MALFORMED');
  }
}

/** @param {PackedError} nodes */
function openError(nodes) {
  const errors = nodes.map(openNode);
  nodes.forEach(({ properties }, index) => {
    for (const { key, enumerable, value, errors: places } of properties) {
      let whole = value;
      for (const [place, node] of places) {
        if (place === -1) whole = errors[node];
        else /** @type {any} */ (whole)[place] = errors[node];
      }
      defined(errors[index], key, whole, enumerable);
    }
  });
  return errors[0];
}

module.exports = { packFailure, openFailure };
