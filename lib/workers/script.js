// What a process worker runs that is no file: text, as Node evaluates a worker's, and data: URLs.
'use strict';

const { createRequire, Module } = require('node:module');
const path = require('node:path');
const vm = require('node:vm');
const { birth } = require('./birth.js');

const { process, queueMicrotask } = globalThis;

/** What Node calls such a script. */
const NAME = '[worker eval]';

/** How the engine says that a text is a module. */
const MODULE_SYNTAX = /Cannot use import statement|Unexpected token 'export'|Cannot use 'import\.meta'|await is only valid/;

/** As Node's own; missing in early releases of Node 20. */
const importModuleDynamically = /** @type {any} */ (vm.constants)?.USE_MAIN_CONTEXT_DEFAULT_LOADER
  ?? ((/** @type {string} */ specifier) => import(specifier));

/** Node tells of that, as of something new, when it is used first; its own workers use it, and it says nothing of them. */
function useQuietly() {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    new vm.Script("import('node:process')", { importModuleDynamically }).runInThisContext();
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * @param {string} source
 * @returns {'commonjs' | 'module' | undefined} undefined: it is neither
 */
function syntaxOf(source) {
  try {
    new vm.Script(source, { filename: NAME });
    return 'commonjs';
  } catch (error) {
    return MODULE_SYNTAX.test(/** @type {Error} */ (error).message) ? 'module' : undefined;
  }
}

function runScript() {
  const { source, href } = birth?.script ?? {};
  Object.assign(process, { mainModule: undefined });
  if (source !== undefined) evaluate(source);
  else if (href !== undefined) load(href);
}

/** @param {string} source */
function evaluate(source) {
  const filename = path.join(process.cwd(), NAME);
  const module = new Module(NAME);
  Object.assign(module, { filename, paths: Reflect.get(Module, '_nodeModulePaths')(process.cwd()) });
  Object.assign(globalThis, { module, exports: module.exports, require: createRequire(filename), __filename: NAME, __dirname: '.' });
  if (/\bimport\b/.test(source)) useQuietly();
  new vm.Script(source, { filename: NAME, importModuleDynamically }).runInThisContext({ displayErrors: true });
}

/** The exit code of a module that waits for something that never comes. */
const UNSETTLED = 13;

/** @param {string} href */
async function load(href) {
  const unsettled = (/** @type {number} */ code) => {
    if (code === 0) process.exitCode = UNSETTLED;
  };
  process.once('exit', unsettled);
  useQuietly();
  // Out of a text that is nowhere: to Node this is the main module then (`import.meta.main`).
  const script = new vm.Script(`import(${JSON.stringify(href)})`, { filename: NAME, importModuleDynamically });
  await script.runInThisContext().catch((/** @type {unknown} */ error) => {
    queueMicrotask(() => { throw error; }); // as itself, whatever it is: a rejection's reason that is no error gets lost in words
  });
  process.off('exit', unsettled);
}

module.exports = { syntaxOf, runScript, NAME };
