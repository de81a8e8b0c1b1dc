// What ends a process worker: an error that nobody caught goes to the parent whole, and not to stderr, and the exit code is 1.
'use strict';

const { inspect, types: { isNativeError } } = require('node:util');

/**
 * @param {any} control  a port
 * @param {unknown} thrown
 */
function report(control, thrown) {
  // Loaded only now: hardly any worker fails.
  const { packFailure, untold } = require('../ipc');
  const canPost = (/** @type {unknown} */ value) => {
    try {
      structuredClone(value);
      return true;
    } catch {
      return false;
    }
  };
  const ways = isNativeError(thrown) || thrown instanceof Error
    ? [() => packFailure(thrown), () => packFailure(thrown, canPost), untold]
    : [() => ({ value: thrown }), () => ({ text: inspect(thrown) }), untold];
  for (const way of ways) {
    try {
      return control.postMessage({ type: 'error', ...way() });
    } catch {
      // The next way says less.
    }
  }
}

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
    if (!process.exitCode) process.exitCode = 1;
    process.exit();
  };
  // What Node calls with an error that nobody caught; its own workers replace it, too.
  Reflect.set(process, '_fatalException', fatal);
}

/**
 * The thrown value, in the parent.
 * @param {any} told
 * @returns {unknown}
 */
function readError(told) {
  if ('value' in told) return told.value;
  if ('text' in told) return { [inspect.custom]: () => String(told.text) };
  return require('../ipc').openFailure(told);
}

module.exports = { reportErrors, readError };
