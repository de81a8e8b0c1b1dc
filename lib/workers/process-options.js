// Reads what a process worker is to be made of: Node's own options of a worker, as the arguments of a program.
'use strict';

const { resolve } = require('node:path');
const { fileURLToPath } = require('node:url');
const { fileOf, own } = require('../family');
const { MAJOR, withCode, worker_threads } = require('../native');
const { MAX_ARGUMENT, STACK } = require('./limits.js');
const { envForWorkers, forWorkers, inputTypeOf, questionable, upToOptions } = require('./node-options.js');
const { checkForProcess } = require('./node-refusals.js');
const { syntaxOf, NAME } = require('./script.js');
const { flagsForStack, isStackSize } = require('./stack.js');

const { process } = globalThis;

/** @typedef {import('node:worker_threads').WorkerOptions & { name?: string }} WorkerOptions */

/** Runs what is no file; the real path does not matter, nobody sees it. */
const RUNNER = fileOf('lib/worker-script.js') ?? '';

const ACCEPTED = new Error('Node accepts all of it');

/**
 * Throws as Node does, whose own constructor looks at everything before it asks for this option and makes anything.
 * @param {unknown} filename
 * @param {WorkerOptions} options
 */
function check(filename, options) {
  try {
    new worker_threads.Worker(/** @type {any} */ (filename), /** @type {any} */ ({ ...options, get trackUnmanagedFds() { throw ACCEPTED; } }));
  } catch (error) {
    if (error !== ACCEPTED) throw error;
  }
}

/**
 * @param {any} filename
 * @param {WorkerOptions['eval']} isText
 * @param {string[]} execArgv  with what is in NODE_OPTIONS
 * @returns {{ script: string, execArgv: string[], name?: string, birth: import('./birth.js').Birth['script'] }}
 */
function readScript(filename, isText, execArgv) {
  if (isText) return readText(filename, execArgv);
  if (typeof filename === 'string') return { script: resolve(filename), execArgv: [], name: resolve(filename), birth: {} };
  if (filename.protocol === 'data:') return { script: RUNNER, execArgv: [], birth: { href: filename.href } };
  return { script: fileURLToPath(filename), execArgv: [], name: fileURLToPath(filename), birth: {} };
}

/**
 * Scripts are run as Node's workers run them. The rest is for the program of `node --eval`, which has what this version of Node
 * has for modules and for types.
 * @param {string} source
 * @param {string[]} execArgv
 */
function readText(source, execArgv) {
  const type = typeOf(source, execArgv);
  if (type === 'commonjs') return { script: RUNNER, execArgv: [], name: NAME, birth: { source } };
  // One argument: a text may begin as an option does. None can have a NUL.
  if (source.length < MAX_ARGUMENT && !source.includes('\0')) {
    return { script: `--eval=${source}`, execArgv: type === undefined ? [] : [`--input-type=${type}`], name: NAME, birth: {} };
  }
  return { script: RUNNER, execArgv: [], name: NAME, birth: { href: `data:text/javascript,${encodeURIComponent(source)}` } };
}

/** With these a text without an `--input-type` is a script, whatever its syntax is. */
const UNDETECTED = /^--(?:no-experimental-detect-module$|experimental-default-type(?:=|$))/;

/**
 * @param {string} source
 * @param {string[]} execArgv
 * @returns {string | undefined} as `--input-type` has it; undefined: Node has to find it out
 */
function typeOf(source, execArgv) {
  const given = inputTypeOf(execArgv);
  if (given !== undefined) return given;
  const syntax = syntaxOf(source);
  if (syntax === 'commonjs' || execArgv.some((argument) => UNDETECTED.test(argument))) return 'commonjs';
  if (Reflect.get(process.features, 'typescript')) return undefined; // a module may have types, too
  return syntax ?? 'commonjs'; // its mistake is told there
}

/** Megabytes that Node gives a worker in any case. */
const LEAST_OLD = 2;

/** Semi-spaces that the young generation of V8 is made of. */
const SEMI_SPACES = 3;

/** Megabytes whose bytes are no number of 64 bits: Node takes them for no limit. */
const TOO_MANY = 2 ** 44;

/** Whether it limits anything. @param {number} megabytes */
const isLimit = (megabytes) => megabytes > 0 && megabytes < TOO_MANY;

/** @param {Record<string, number>} limits  as they are told */
function flagsFor({ maxOldGenerationSizeMb, maxYoungGenerationSizeMb }) {
  const flags = [];
  if (isLimit(maxOldGenerationSizeMb)) flags.push(`--max-old-space-size=${Math.ceil(maxOldGenerationSizeMb)}`);
  if (isLimit(maxYoungGenerationSizeMb)) flags.push(`--max-semi-space-size=${Math.ceil(maxYoungGenerationSizeMb / SEMI_SPACES)}`);
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
  const { argv, env, execArgv, resourceLimits, name } = withDefaults(options);
  const passedOn = { execArgv: forWorkers(execArgv), env: envForWorkers(env) };
  const given = options.execArgv ? [...passedOn.execArgv, ...questionable(execArgv)] : [];
  if (options.execArgv || options.env) checkForProcess(given, passedOn.env);
  const { script, execArgv: before, name: first, birth } = readScript(filename, options.eval, [...execArgv, ...`${env.NODE_OPTIONS}`.split(' ')]);
  const limits = limitsOf(resourceLimits);
  const flags = [...flagsFor(limits), ...flagsForStack(execArgv, resourceLimits.stackSizeMb)];
  const argvInside = [...(first === undefined ? [] : [first]), ...argv.map(String)];
  return {
    launch: { script, args: [], execPath: process.execPath, execArgv: [...passedOn.execArgv, ...flags, ...before], env: passedOn.env },
    birth: { script: birth, argv: argvInside, execArgv: [...execArgv], resourceLimits: limits, name },
  };
}

/** What Node calls a worker without a name. */
const NAMELESS = MAJOR >= 24 ? 'WorkerThread' : '';

/** Whatever they are, undefined too. @param {NodeJS.ProcessEnv} env */
const asTexts = (env) => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, `${value}`]));

/** What is false counts as not given, as in Node. @param {WorkerOptions} options */
function withDefaults({ argv, env, execArgv, resourceLimits, name }) {
  return {
    argv: argv || [],
    env: env === undefined || env === null ? process.env : asTexts(/** @type {NodeJS.ProcessEnv} */ (env)), // SHARE_ENV was refused before
    execArgv: execArgv ? upToOptions(execArgv) : process.execArgv,
    resourceLimits: own(typeof resourceLimits === 'object' && resourceLimits !== null ? resourceLimits : {}),
    name: name ? name.trim() : NAMELESS,
  };
}

/** @param {import('node:worker_threads').ResourceLimits} given  @returns {Record<string, number>} */
function limitsOf({ maxYoungGenerationSizeMb, maxOldGenerationSizeMb, codeRangeSizeMb, stackSizeMb }) {
  const orNone = (/** @type {unknown} */ value) => (typeof value === 'number' ? value : -1);
  return {
    maxYoungGenerationSizeMb: orNone(maxYoungGenerationSizeMb),
    maxOldGenerationSizeMb: typeof maxOldGenerationSizeMb === 'number' ? Math.max(maxOldGenerationSizeMb, LEAST_OLD) : -1,
    codeRangeSizeMb: orNone(codeRangeSizeMb),
    stackSizeMb: isStackSize(stackSizeMb) ? stackSizeMb : STACK,
  };
}

module.exports = { readOptions };
