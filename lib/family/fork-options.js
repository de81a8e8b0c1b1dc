// Reads the arguments of utilityProcess.fork, with the texts that Electron uses.
'use strict';

const { fileURLToPath } = require('node:url');
const { invalidType, invalidValue, SafeSet } = require('../native');
const { own } = require('./own.js');
const { hyphened } = require('./traces.js');

const { process, URL } = globalThis;

/**
 * @typedef {object} ForkOptions
 * @property {NodeJS.ProcessEnv} [env]  replaces the environment; an empty one inherits
 * @property {string[]} [execArgv]  default: ours
 * @property {string} [execPath]
 * @property {string} [cwd]
 * @property {string | string[]} [stdio]
 * @property {string} [serviceName]  the name under which the process is listed
 * @property {AbortSignal} [signal]
 * @property {NodeJS.Signals | number} [killSignal]
 * @property {number} [timeout]
 */

const STDIO = ['inherit', 'pipe', 'ignore'];

/** What is read here, and what Electron's has for platforms of its own. */
const KNOWN = new SafeSet([
  'env', 'execArgv', 'execPath', 'cwd', 'stdio', 'serviceName', 'signal', 'killSignal', 'timeout',
  'allowLoadingUnsignedLibraries', 'disclaim', 'respondToAuthRequestsFromMainProcess',
]);

/** @type {Record<string, string>} */
const INSTEAD = {
  silent: "stdio: 'pipe' does that",
  serialization: 'messages are structured clones, whatever it says',
  detached: 'a child ends by itself when it has nothing to do, and unref() lets go of it',
};

/**
 * What nobody reads is told, or a misspelt option would do nothing without a word.
 * @param {object} options
 */
function warnOfUnknown(options) {
  for (const name of Object.keys(options)) {
    if (KNOWN.has(name)) continue;
    const instead = Object.hasOwn(INSTEAD, name) ? `: ${INSTEAD[name]}` : '';
    process.emitWarning(`utilityProcess.fork has no option '${name}'${instead}`, { code: 'MESSAGE_PORT_OPTION' });
  }
}

/**
 * What Node runs in place of a script, or with it: the text of `node -e`, a snapshot, a benchmark; and what is only for such a text, or was read:
 * the variables of an `--env-file` stand in the environment. The first are those whose value may be the next argument.
 */
const PROGRAM_FOLLOWS = /^(?:-p?e|-p|--(?:eval|print|snapshot-blob|input-type|env-file(?:-if-exists)?))$/;
const PROGRAM = /^(?:-p?e|-p|--(?:eval|print|snapshot-blob|bench|input-type|env-file(?:-if-exists)?))(?:=|$)/;

/**
 * Ours, so that a TypeScript runner goes along; without a program, such as the text of `node -e`, which would fork itself for ever. A
 * worker has that among its arguments too, and no `process._eval` to know it by.
 */
function inheritedExecArgv() {
  const { execArgv } = process;
  const names = execArgv.map(hyphened);
  return execArgv.filter((_, index) => !PROGRAM.test(names[index]) && !(index > 0 && PROGRAM_FOLLOWS.test(names[index - 1])));
}

/**
 * Undefined and null mean the default, as in Electron.
 * @param {unknown} value
 */
const isGiven = (value) => value !== undefined && value !== null;

/** @param {unknown} value */
const isStrings = (value) => Array.isArray(value) && value.every((element) => typeof element === 'string');

/** @param {unknown} modulePath */
function readModulePath(modulePath) {
  if (!modulePath) throw invalidType('Missing UtilityProcess entry script.');
  if (modulePath instanceof URL) return fileURLToPath(modulePath);
  if (typeof modulePath !== 'string') throw invalidType('modulePath must be a string.');
  return modulePath;
}

/** @param {unknown} stdio */
function readStdio(stdio) {
  if (Array.isArray(stdio) && stdio.length < 3) {
    throw invalidValue('configuration missing for stdin, stdout or stderr.');
  }
  const list = Array.isArray(stdio) ? stdio : ['ignore', stdio, stdio];
  if (!list.every((value) => STDIO.includes(value))) {
    throw invalidValue('stdio must be of the following values: inherit, pipe, ignore');
  }
  return /** @type {('inherit' | 'pipe' | 'ignore')[]} */ ([...list]);
}

/**
 * @param {unknown} env
 * @returns {NodeJS.ProcessEnv}
 */
function readEnv(env) {
  if (typeof env !== 'object') throw invalidType('env must be an object.');
  return own(env === null || Object.keys(env).length === 0 ? process.env : /** @type {NodeJS.ProcessEnv} */ (env));
}

/** @param {ForkOptions} options */
function readOptions({ env, execArgv, execPath, cwd, stdio, serviceName, signal, killSignal, timeout }) {
  if (isGiven(execArgv) && !isStrings(execArgv)) throw invalidType('execArgv must be an array of strings.');
  if (isGiven(serviceName) && typeof serviceName !== 'string') throw invalidType('serviceName must be a string.');
  if (isGiven(cwd) && typeof cwd !== 'string') throw invalidType('cwd path must be a string.');
  return {
    execPath: execPath ?? process.execPath,
    execArgv: execArgv ?? inheritedExecArgv(),
    env: readEnv(env ?? null),
    stdio: readStdio(stdio ?? 'inherit'),
    // What spawn reads and checks by itself.
    rest: { cwd, signal, killSignal, timeout, argv0: serviceName ?? undefined },
  };
}

/**
 * `fork(modulePath, args?, options?)` or `fork(modulePath, options?)`.
 * @param {unknown} modulePath
 * @param {unknown} args
 * @param {unknown} options
 */
function readForkArguments(modulePath, args, options) {
  const script = readModulePath(modulePath);
  const omitted = typeof args === 'object' && args !== null && !Array.isArray(args);
  const given = (omitted ? args : options) ?? {};
  if (!omitted && isGiven(args) && !isStrings(args)) throw invalidType('args must be an array of strings.');
  if (typeof given !== 'object') throw invalidType('options must be an object.');
  warnOfUnknown(given);
  return { script, args: omitted ? [] : /** @type {string[]} */ (args ?? []), ...readOptions(own(given)) };
}

module.exports = { readForkArguments };
