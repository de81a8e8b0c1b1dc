// Which runtime this is: Node.js, or one that has Node's modules over another engine or another event loop.
'use strict';

const { process } = globalThis;

const { bun, deno } = process.versions;

/** @type {'Node.js' | 'Bun' | 'Deno'} */
const RUNTIME = bun !== undefined ? 'Bun' : deno !== undefined ? 'Deno' : 'Node.js';

/** The addon uses Node-API alone here: neither libuv nor V8's functions. */
const FOREIGN = RUNTIME !== 'Node.js';

/** Of the Node.js that this is, or stands in for. */
const MAJOR = Number(process.versions.node.split('.')[0]);

/** By this name Node.js wraps what warns, or throws, when it is called: with --pending-deprecation some of what has no substitute. */
const WRAPPED = 'deprecated';

const { defineProperty } = Object;
const { apply } = Reflect;

/**
 * A function of `process` that warns of nothing. What it wraps may run code of the program, which is warned as ever: so the warning is
 * declined once, when the wrapper asks, which it does first.
 * @param {any} named
 */
function unwarned(named) {
  if (named?.name !== WRAPPED) return named;
  return (/** @type {unknown[]} */ ...args) => {
    const { noDeprecation } = process;
    const put = (/** @type {unknown} */ value) => defineProperty(process, 'noDeprecation', { configurable: true, enumerable: true, writable: true, value });
    defineProperty(process, 'noDeprecation', { configurable: true, enumerable: true, get() { put(noDeprecation); return true; }, set: put });
    return apply(named, process, args);
  };
}

/** Whether this program is one file with Node.js in it: that runs again whatever script it is given, and reads no options of Node's. */
function isSingleExecutable() {
  try {
    return require('node:sea').isSea();
  } catch {
    return false; // no such module
  }
}

module.exports = { unwarned, isSingleExecutable, RUNTIME, FOREIGN, MAJOR };
