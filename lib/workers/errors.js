// What ends a process worker: an error that nobody caught goes to the parent whole, and not to stderr, with exit code 1; and a
// code that is too large for a process is told, too.
'use strict';

const { isProxy } = require('node:util/types');
const { beforeEnd } = require('../native');

const { Buffer, process } = globalThis;

/** Loaded only when something has been thrown that is no error. */
const inspect = () => require('node:util').inspect;

/** @param {unknown} value  whether it has a say in how it is shown */
const showsItself = (value) => typeof value === 'object' && value !== null && inspect().custom in value;

/**
 * Buffers among the properties of what was thrown, and in lists there, such as what a child process had written, are more than
 * bytes: each by its property, or that and a place in its list.
 * @typedef {[key: string, place?: number]} Place
 */

/** @param {{ error: { properties: { key: string, value: unknown }[] }[] }} packed */
function withBuffers(packed) {
  /** @type {Place[]} */
  const buffers = [];
  for (const { key, value } of packed.error[0].properties) {
    if (Buffer.isBuffer(value)) buffers.push([key]);
    else if (!isProxy(value) && Array.isArray(value)) value.forEach((element, place) => Buffer.isBuffer(element) && buffers.push([key, place]));
  }
  return { ...packed, buffers };
}

/** @param {any} holder @param {PropertyKey} key */
function toBuffer(holder, key) {
  const descriptor = Object.getOwnPropertyDescriptor(holder, key);
  const bytes = descriptor?.value;
  if (bytes instanceof Uint8Array) Object.defineProperty(holder, key, { ...descriptor, value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) });
}

/**
 * @param {any} error
 * @param {unknown} buffers  as the process says
 */
function restoreBuffers(error, buffers) {
  if (!Array.isArray(buffers)) return error;
  for (const entry of Object.values(buffers)) { // what stands there: holes cost a sender nothing
    if (!Array.isArray(entry) || typeof entry[0] !== 'string') continue;
    const [key, place] = entry;
    if (entry.length === 1) toBuffer(error, key);
    else if (Number.isInteger(place) && Array.isArray(error[key])) toBuffer(error[key], place);
  }
  return error;
}

/**
 * What is told of an error where nothing can be loaded, for want of a descriptor: of which it may well tell itself.
 * @param {unknown} thrown
 */
function bare(thrown) {
  if (!(thrown instanceof Error)) return { value: thrown };
  const { name, message, stack } = thrown;
  const own = Object.entries(thrown).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  const properties = own.map(([key, value]) => ({ key, enumerable: true, value, errors: [] }));
  return { error: [{ type: `${name}`, name: `${name}`, message: `${message}`, stack, properties }] };
}

/**
 * How it is told, the best way first.
 * @param {any} control  a port
 * @param {unknown} thrown
 * @returns {(() => object)[]}
 */
function waysToTell(control, thrown) {
  let ipc;
  try {
    ipc = require('../ipc'); // only now: hardly any worker fails
  } catch {
    return [() => bare(thrown)];
  }
  const { isError, packFailure, untold } = ipc;
  const { canPost, endpointOf } = require('../port');
  const endpoint = /** @type {import('../port/endpoint.js').Endpoint} */ (endpointOf(control));
  return isError(thrown) ? [
    () => withBuffers(packFailure(thrown, undefined, INHERITED)),
    () => withBuffers(packFailure(thrown, (value) => canPost(value, endpoint), INHERITED)),
    () => packFailure(thrown, () => false),
    untold,
  ] : [
    () => (typeof thrown === 'symbol' ? { symbol: thrown.description } : { value: thrown }),
    () => ({ text: inspect()(thrown), shows: showsItself(thrown) }),
    untold,
  ];
}

/**
 * @param {any} control  a port
 * @param {unknown} thrown
 */
function report(control, thrown) {
  for (const way of waysToTell(control, thrown)) {
    try {
      return control.postMessage({ type: 'error', ...way() });
    } catch {
      // The next way says less.
    }
  }
}

/** Node tells what an error has of its class, too. */
const INHERITED = true;

/** @param {any} control  a port */
function reportErrors(control) {
  const inherited = Reflect.get(process, '_fatalException');
  let failed = false;
  /** @this {NodeJS.Process} @param {unknown} error @param {boolean} fromPromise */
  const fatal = function fatalException(error, fromPromise) {
    let last = error;
    try {
      // Asks the program's handlers, and where there are none emits 'exit'.
      if (Reflect.apply(inherited, this, [error, fromPromise])) return true;
    } catch (thrown) {
      last = thrown; // by a handler
    }
    if (!failed) {
      failed = true;
      report(control, last);
    }
    if (!Reflect.get(process, '_exiting')) process.exitCode = 1; // else 'exit' listeners have had their say
    return process.exit();
  };
  // What Node calls with an error that nobody caught; its own workers replace it, too.
  Reflect.set(process, '_fatalException', fatal);
}

/** What a system keeps of an exit code; a thread may end with any number of 32 bits. */
const EXIT_BITS = 0xff;

/** @param {any} control  a port */
function reportCode(control) {
  const tell = (/** @type {unknown} */ code) => {
    if ((Number(code) & EXIT_BITS) !== Number(code)) control.postMessage({ type: 'code', code: Number(code) });
  };
  beforeEnd(tell);
}

/**
 * The exit code that was meant.
 * @param {number} code  as the system tells it
 * @param {unknown} told
 */
const wholeCode = (code, told) => (Number.isInteger(told) && (Number(told) & EXIT_BITS) === code ? Number(told) | 0 : code);

/** What should be a text, of which nothing may be asked if it is none. @param {unknown} told */
const textOf = (told) => (typeof told === 'string' ? told : 'undefined');

/**
 * The thrown value, in the parent. Nothing that stands in its place makes this throw.
 * @param {any} told
 * @returns {unknown}
 */
function readError(told) {
  if ('value' in told) return told.value;
  // As Node has them.
  if ('symbol' in told) return Symbol.for(textOf(told.symbol));
  if ('text' in told) return told.shows === true ? { [inspect().custom]: () => textOf(told.text) } : textOf(told.text);
  return restoreBuffers(require('../ipc').openFailure(told), told.buffers);
}

module.exports = { reportErrors, reportCode, readError, wholeCode };
