// Tells when the main module of this thread has finished loading, its top-level await included.
'use strict';

const { pathToFileURL } = require('node:url');

const { process, setImmediate } = globalThis;

/** Read before the script can change it. In a worker made from text it is no path, in one from a data: URL it is missing. */
const script = process.argv[1];

/** With these, the main module begins to load only after modules of the user's, which may await. */
const PRELOADS = /(?:^|\s)--(?:import|loader|experimental-loader)(?:[=\s]|$)/;

const mayBePreceded = () => PRELOADS.test([...process.execArgv, process.env.NODE_OPTIONS].join(' '));

/**
 * A CommonJS main module has been evaluated when the first turn comes, for it is evaluated in one go. An ES module is
 * being loaded by then: to import it once more is to wait for that. Never may this be its first import, which would
 * evaluate it: hence the caution.
 * @returns {Promise<unknown> | null} null when it cannot be known
 */
function loading() {
  if (process.mainModule !== undefined || script === '[worker eval]') return Promise.resolve();
  if (script === undefined || mayBePreceded()) return null;
  try {
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
