// Reads what a process worker is to be made of: Node's own options of a worker, as the arguments of a program.
'use strict';

const { resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const { fileOf } = require('../family');
const { withCode, worker_threads } = require('../native');
const { MAX_ARGUMENT } = require('./limits.js');
const { isModule, NAME } = require('./script.js');

/** @typedef {import('node:worker_threads').WorkerOptions & { name?: string }} WorkerOptions */

/** Runs what is no file; the real path does not matter, nobody sees it. */
const RUNNER = fileOf('lib/worker-script.js') ?? '';

/** Arguments that are for the program of the main thread, not for its workers; those with `=`, or another argument behind. */
const ONLY_MAIN = /^--(?:inspect|test|watch|check|print|eval|interactive|input-type)(?:-[a-z-]+)?(?:=|$)|^-[epicpe]+$/;
const WITH_VALUE = /^(?:-p?e|-pe|--eval|--print|--input-type|--inspect-port)$/;

/**
 * @param {string[]} list
 * @returns {string[]}
 */
function forWorkers(list) {
  return list.filter((argument, index) => !ONLY_MAIN.test(argument) && !(index > 0 && WITH_VALUE.test(list[index - 1])));
}

/**
 * Throws as Node does: its own constructor looks at everything before it clones the workerData, which then fails.
 * @param {unknown} filename
 * @param {WorkerOptions} options
 */
function check(filename, options) {
  const execArgv = Array.isArray(options.execArgv) ? [] : options.execArgv; // a process takes more than a thread
  try {
    new worker_threads.Worker(/** @type {any} */ (filename), { ...options, execArgv, workerData: check, transferList: [] });
  } catch (error) {
    if (/** @type {Error} */ (error).name !== 'DataCloneError') throw error;
  }
}

/**
 * @param {any} filename
 * @param {WorkerOptions} options  that Node accepts
 * @returns {{ script: string, execArgv: string[], name?: string, birth: import('./birth.js').Birth['script'] }}
 */
function readScript(filename, { eval: isText, execArgv }) {
  if (isText) return readText(filename, execArgv ?? process.execArgv);
  if (typeof filename === 'string') return { script: resolve(filename), execArgv: [], name: resolve(filename), birth: {} };
  if (filename.protocol === 'data:') return { script: RUNNER, execArgv: [], birth: { href: filename.href } };
  return { script: fileURLToPath(filename), execArgv: [], name: fileURLToPath(filename), birth: {} };
}

/**
 * @param {string} source
 * @param {string[]} execArgv
 */
function readText(source, execArgv) {
  if (!execArgv.includes('--input-type=module') && !isModule(source)) return { script: RUNNER, execArgv: [], name: NAME, birth: { source } };
  if (source.length < MAX_ARGUMENT) return { script: source, execArgv: ['--input-type=module', '--eval'], name: NAME, birth: {} };
  return { script: RUNNER, execArgv: [], name: NAME, birth: { href: `data:text/javascript,${encodeURIComponent(source)}` } };
}

/** Semi-spaces that the young generation of V8 is made of. */
const SEMI_SPACES = 3;

/** @param {import('node:worker_threads').ResourceLimits} limits */
function flagsFor({ maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb }) {
  const flags = [];
  if (typeof maxOldGenerationSizeMb === 'number') flags.push(`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`);
  if (typeof maxYoungGenerationSizeMb === 'number') flags.push(`--max-semi-space-size=${Math.ceil(maxYoungGenerationSizeMb / SEMI_SPACES)}`);
  if (typeof stackSizeMb === 'number') flags.push(`--stack-size=${Math.floor(stackSizeMb * 1000)}`);
  return flags;
}

/**
 * @param {unknown} filename
 * @param {WorkerOptions} options  without a prototype
 */
function readOptions(filename, options) {
  if (options.env === worker_threads.SHARE_ENV) {
    throw withCode(new Error('SHARE_ENV needs one address space: a worker in a process has an environment of its own'), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
  }
  check(filename, options);
  const { argv = [], env = process.env, execArgv = process.execArgv, resourceLimits = {}, stdin = false, name = '' } = options;
  const { script, execArgv: before, name: first, birth } = readScript(filename, options);
  return {
    launch: { script, args: [], execPath: process.execPath, execArgv: [...forWorkers(execArgv), ...flagsFor(resourceLimits), ...before], env, hasStdin: stdin },
    birth: { script: birth, argv: [...(first === undefined ? [] : [first]), ...argv.map(String)], execArgv: [...execArgv], resourceLimits: limitsOf(resourceLimits), name },
  };
}

/** @param {import('node:worker_threads').ResourceLimits} given  @returns {Record<string, number>} */
const limitsOf = (given) => ({ maxYoungGenerationSizeMb: -1, maxOldGenerationSizeMb: -1, codeRangeSizeMb: -1, stackSizeMb: 4, ...given });

module.exports = { readOptions };
