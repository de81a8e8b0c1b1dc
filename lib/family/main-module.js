// Tells when the main module of this thread has finished loading, its top-level await included.
'use strict';

const { realpathSync } = require('node:fs');
const { Module } = require('node:module');
const { isAbsolute } = require('node:path');
const { pathToFileURL } = require('node:url');
const { RUNTIME, worker_threads: { isMainThread } } = require('../native');
const { parentLink } = require('./parent-link.js');

const { process, setImmediate } = globalThis;
const { nextTick } = process;

/**
 * Read before the script can change it. In a worker made from text it is no path, or missing. In one made from a data: URL it is missing,
 * or the worker's first argument: only the parent can tell that from a script.
 */
let [, script] = process.argv;

/** Whoever is preloaded by a worker finds only its arguments there: Node puts the script before them when it is next. */
if (!isMainThread && Reflect.get(Module.prototype, 'isPreloading') === true) {
  const { length } = process.argv;
  script = '';
  nextTick(() => {
    if (process.argv.length > length) [, script] = process.argv;
  });
}

/** With these, the main module begins to load only after modules of the user's, which may await. */
const PRELOADS = /(?:^|\s)--(?:import|loader|experimental-loader)(?:[=\s]|$)/;

/** With these, the main module may go by the name of a link, and what is imported by another, or the other way round. */
const PRESERVES = /(?:^|\s)--preserve-symlinks(?:-main)?(?:\s|$)/;

const given = () => [...process.execArgv, process.env.NODE_OPTIONS].join(' ');

const mayBePreceded = () => PRELOADS.test(given());

/** @param {string} path */
function mayHaveTwoNames(path) {
  const { NODE_PRESERVE_SYMLINKS, NODE_PRESERVE_SYMLINKS_MAIN } = process.env;
  return (NODE_PRESERVE_SYMLINKS === '1' || NODE_PRESERVE_SYMLINKS_MAIN === '1' || PRESERVES.test(given())) && realpathSync(path) !== path;
}

/** A worker's text has a global of this name if it is CommonJS, and none if it is an ES module. */
const isCommonJSText = () => Reflect.get(globalThis, '__filename') === '[worker eval]';

/**
 * A CommonJS main module has been evaluated when the first turn comes, for it is evaluated in one go. An ES module is
 * being loaded by then: to import it once more is to wait for that. Never may this be its first import, which would
 * evaluate it: hence the caution. In Deno such an import does not wait.
 * @returns {Promise<unknown> | null} null when it cannot be known
 */
function loading() {
  if (process.mainModule !== undefined || isCommonJSText()) return Promise.resolve();
  if (RUNTIME === 'Deno' || script === undefined || parentLink.isFromDataUrl || !isAbsolute(script) || mayBePreceded()) return null;
  try {
    if (mayHaveTwoNames(script)) return null;
    return import(pathToFileURL(require.resolve(script)).href).catch(() => {}); // its failure is Node's to report
  } catch {
    return null;
  }
}

/**
 * @param {() => void} callback  called one turn after the main module has finished loading
 * @param {() => void} unknowable  called instead where that cannot be known
 */
function whenMainModuleLoaded(callback, unknowable) {
  setImmediate(() => {
    const loaded = loading();
    if (loaded === null) unknowable();
    else loaded.then(() => setImmediate(callback));
  });
}

module.exports = { whenMainModuleLoaded, mayBePreceded };
