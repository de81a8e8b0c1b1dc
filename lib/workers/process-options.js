// Reads what a process worker is to be made of: Node's own options of a worker, as the arguments of a program.
'use strict';

const { readFileSync } = require('node:fs');
const { resolve } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { fileOf } = require('../family');
const { MAJOR, withCode, worker_threads } = require('../native');
const { MAX_ARGUMENT, STACK_MARGIN } = require('./limits.js');
const { syntaxOf, NAME } = require('./script.js');

const { process } = globalThis;

/** @typedef {import('node:worker_threads').WorkerOptions & { name?: string }} WorkerOptions */

/** Runs what is no file; the real path does not matter, nobody sees it. */
const RUNNER = fileOf('lib/worker-script.js') ?? '';

const INPUT_TYPE = '--input-type=';

/** Arguments that are for the program of the main thread, not for its workers; those with `=`, or another argument behind. */
const ONLY_MAIN = /^--(?:inspect|test|watch|check|print|eval|interactive|input-type)(?:-[a-z-]+)?(?:=|$)|^--abort[-_]on[-_]uncaught[-_]exception$|^-[epicpe]+$/;
const WITH_VALUE = /^(?:-p?e|-pe|--eval|--print|--input-type|--inspect-port)$/;

/** Our preload as a program is told of it. Node looks for that from the folder that the process is in, which may be another by now. */
const PRELOAD = 'message-channel-main/worker-processes';
const PRELOAD_FILE = fileOf('worker-processes.js');
const PRELOAD_OPTION = /(^|\s)(-r|--require|--import)(=|\s+)("?)message-channel-main\/worker-processes\4(?=\s|$)/g;
const LOADS = /^(?:-r|--require|--import)$/;

/** @param {string} flag  that it stands behind */
function preloadFor(flag) {
  if (PRELOAD_FILE === null) return PRELOAD; // in a bundle
  return flag === '--import' ? pathToFileURL(PRELOAD_FILE).href : PRELOAD_FILE;
}

/**
 * @param {string} argument
 * @param {string} [before]
 */
function withFile(argument, before = '') {
  if (argument === PRELOAD && LOADS.test(before)) return preloadFor(before);
  const [flag, value] = argument.split('=');
  return value === PRELOAD && LOADS.test(flag) ? `${flag}=${preloadFor(flag)}` : argument;
}

/**
 * @param {string[]} list
 * @returns {string[]}
 */
function forWorkers(list) {
  return list.map((argument, index) => withFile(argument, list[index - 1]))
    .filter((_, index) => !ONLY_MAIN.test(list[index]) && !(index > 0 && WITH_VALUE.test(list[index - 1])));
}

/**
 * Whether what follows is its value; `--no-warnings` has none. Node fails before a thread starts, in any case: functions cannot be
 * cloned.
 * @param {string} option
 */
function takesValue(option) {
  try {
    new worker_threads.Worker('', { eval: true, execArgv: [option], workerData: takesValue });
    return false;
  } catch (error) {
    return /** @type {any} */ (error).code === 'ERR_WORKER_INVALID_EXEC_ARGV';
  }
}

const OPTION = /^-(?!-?$)/;

/**
 * What Node reads of a worker's arguments: it stops without a word at what is neither an option nor the value of one, such as the
 * empty text that `''.split(',')` leaves. To a program that would be its script.
 * @param {unknown[]} list
 */
function upToOptions(list) {
  const given = list.map(String);
  const isValue = (/** @type {string | undefined} */ before = '') => OPTION.test(before) && !before.includes('=') && takesValue(before);
  const end = given.findIndex((argument, index) => !OPTION.test(argument) && !isValue(given[index - 1]));
  return end === -1 ? given : given.slice(0, end);
}

const ABORT = /(?:^|\s)--abort[-_]on[-_]uncaught[-_]exception(?=\s|$)/g;

/**
 * An error ends a worker, and never the program. (Node does not take it back from modules when it is told to.)
 * @param {NodeJS.ProcessEnv} env
 */
function envForWorkers(env) {
  if (env.NODE_OPTIONS === undefined) return env;
  const options = String(env.NODE_OPTIONS).replace(ABORT, '')
    .replace(PRELOAD_OPTION, (_, before, flag, between) => `${before}${flag}${between}${JSON.stringify(preloadFor(flag))}`);
  return { ...env, NODE_OPTIONS: options };
}

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
 * @param {string[]} execArgv
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
  if (source.length < MAX_ARGUMENT) return { script: source, execArgv: [...(type === undefined ? [] : [`--input-type=${type}`]), '--eval'], name: NAME, birth: {} };
  return { script: RUNNER, execArgv: [], name: NAME, birth: { href: `data:text/javascript,${encodeURIComponent(source)}` } };
}

/**
 * @param {string} source
 * @param {string[]} execArgv
 * @returns {string | undefined} as `--input-type` has it; undefined: Node has to find it out
 */
function typeOf(source, execArgv) {
  const given = execArgv.findLast((argument) => argument.startsWith(INPUT_TYPE));
  if (given !== undefined) return given.slice(INPUT_TYPE.length);
  const syntax = syntaxOf(source);
  if (syntax === 'commonjs' || execArgv.includes('--no-experimental-detect-module')) return 'commonjs';
  if (Reflect.get(process.features, 'typescript')) return undefined; // a module may have types, too
  return syntax ?? 'commonjs'; // its mistake is told there
}

/** Megabytes that Node gives a worker in any case. */
const LEAST_OLD = 2;

/** Semi-spaces that the young generation of V8 is made of. */
const SEMI_SPACES = 3;

/** Kilobytes that there can be: beyond what the system gives a process, it would be ended by a signal. */
function mostStack() {
  try {
    const [, bytes] = /** @type {RegExpExecArray} */ (/^Max stack size\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1')));
    return bytes === 'unlimited' ? Infinity : Math.max(Number(bytes) / 1024 - STACK_MARGIN, STACK_MARGIN);
  } catch {
    return Infinity; // another system
  }
}

/** @param {import('node:worker_threads').ResourceLimits} limits */
function flagsFor({ maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb }) {
  const flags = [];
  if (typeof maxOldGenerationSizeMb === 'number') flags.push(`--max-old-space-size=${Math.ceil(Math.max(maxOldGenerationSizeMb, LEAST_OLD))}`);
  if (typeof maxYoungGenerationSizeMb === 'number') flags.push(`--max-semi-space-size=${Math.ceil(maxYoungGenerationSizeMb / SEMI_SPACES)}`);
  if (typeof stackSizeMb === 'number') flags.push(`--stack-size=${Math.floor(Math.min(stackSizeMb * 1000, mostStack()))}`);
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
  const { argv, env, execArgv, resourceLimits, stdin = false, name } = withDefaults(options);
  const { script, execArgv: before, name: first, birth } = readScript(filename, options.eval, execArgv);
  return {
    launch: { script, args: [], execPath: process.execPath, execArgv: [...forWorkers(execArgv), ...flagsFor(resourceLimits), ...before], env: envForWorkers(env), hasStdin: stdin },
    birth: { script: birth, argv: [...(first === undefined ? [] : [first]), ...argv.map(String)], execArgv: [...execArgv], resourceLimits: limitsOf(resourceLimits), name },
  };
}

/** What Node calls a worker without a name. */
const NAMELESS = MAJOR >= 24 ? 'WorkerThread' : '';

/** Whatever they are, undefined too. @param {NodeJS.ProcessEnv} env */
const asTexts = (env) => Object.fromEntries(Object.entries(env).map(([key, value]) => [key, `${value}`]));

/** What is false counts as not given, as in Node. @param {WorkerOptions} options */
function withDefaults({ argv, env, execArgv, resourceLimits, name, ...rest }) {
  return {
    ...rest,
    argv: argv || [],
    env: env === undefined || env === null ? process.env : asTexts(/** @type {NodeJS.ProcessEnv} */ (env)), // SHARE_ENV is no more
    execArgv: execArgv ? upToOptions(execArgv) : process.execArgv,
    resourceLimits: typeof resourceLimits === 'object' && resourceLimits !== null ? resourceLimits : {},
    name: name ? name.trim() : NAMELESS,
  };
}

/** @param {import('node:worker_threads').ResourceLimits} given  @returns {Record<string, number>} */
function limitsOf(given) {
  const limits = { maxYoungGenerationSizeMb: -1, maxOldGenerationSizeMb: -1, codeRangeSizeMb: -1, stackSizeMb: 4 };
  for (const name of /** @type {(keyof typeof limits)[]} */ (Object.keys(limits))) {
    const value = given[name];
    if (typeof value === 'number') limits[name] = value;
  }
  if (limits.maxOldGenerationSizeMb !== -1) limits.maxOldGenerationSizeMb = Math.max(limits.maxOldGenerationSizeMb, LEAST_OLD);
  return limits;
}

module.exports = { readOptions };
