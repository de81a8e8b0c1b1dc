// Which of the options that Node itself reads, among the arguments and in NODE_OPTIONS, a process worker is started with.
'use strict';

const { spawnSync } = require('node:child_process');
const { pathToFileURL } = require('node:url');
const { fileOf, own, quoted } = require('../family');
const { withCode, worker_threads } = require('../native');

const { process } = globalThis;

/** Arguments that are for the program of the main thread, not for its workers; and those of them whose value may be the next argument. */
const ONLY_MAIN = /^--(?:inspect|test|watch|check|print|eval|interactive|input-type)(?:-[a-z-]+)?(?:=|$)|^--abort[-_]on[-_]uncaught[-_]exception$|^-[epicpe]+$/;
const WITH_VALUE = new RegExp(`^(?:-p|-p?e|--(?:${[
  'eval', 'print', 'input-type', 'inspect-(?:port|publish-uid)', 'watch-(?:path|kill-signal)', 'test-coverage-(?:branches|exclude|functions|include|lines)',
  'test-(?:concurrency|global-setup|isolation|name-pattern|random-seed|reporter|reporter-destination|rerun-failures|shard|skip-pattern|timeout)',
].join('|')}))$`);

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

const INVALID = 'ERR_WORKER_INVALID_EXEC_ARGV';

/**
 * Whether Node refuses it for a thread. It fails before one starts, in any case: functions cannot be cloned.
 * @param {import('node:worker_threads').WorkerOptions} options
 */
function isRefusedForThread(options) {
  try {
    new worker_threads.Worker('', { ...options, eval: true, workerData: isRefusedForThread });
    return false;
  } catch (error) {
    return /** @type {any} */ (error).code === INVALID;
  }
}

/** The exit code of a program that was told what it does not know. */
const INVALID_ARGUMENT = 9;

/**
 * What a program says of its arguments, where it does not take them. It looks before it has a V8, in a fifth of the time of a start.
 * @param {string[]} execArgv
 * @param {NodeJS.ProcessEnv} env
 */
function complaints(execArgv, env) {
  const { status, stderr } = spawnSync(process.execPath, [...execArgv, '--version'], own({ env: own(env), encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] }));
  return status === INVALID_ARGUMENT ? stderr : null;
}

/**
 * Whether what follows is its value: `--no-warnings` has none, nor has a flag of V8's, which Node refuses for a thread.
 * @param {string} option
 */
const takesValue = (option) => isRefusedForThread({ execArgv: [option] })
  && (complaints([option], { ...process.env, NODE_OPTIONS: undefined })?.includes(`${option} requires an argument`) ?? false);

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
    .replace(PRELOAD_OPTION, (_, before, flag, between) => `${before}${flag}${between}${quoted(preloadFor(flag))}`);
  return { ...env, NODE_OPTIONS: options };
}

/** How Node begins to name what it does not know. */
const BAD_OPTION = 'bad option: ';

/** What was last found to be good for a process, which is what a pool gives to each of its workers. @type {Record<string, string>} */
const taken = { execArgv: '', env: '' };

/**
 * What is wrong with the arguments of a process, in Node's words. What it takes for a thread it takes for a process, too. Of the rest,
 * which is V8's and of the whole program, only a program knows.
 * @param {'execArgv' | 'env'} name  of the option that they are in
 * @param {string[]} execArgv
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
function refusal(name, execArgv, env) {
  const key = name === 'env' ? `${env.NODE_OPTIONS}` : execArgv.join('\0');
  if (key === taken[name]) return null;
  if (isRefusedForThread({ execArgv, env: { NODE_OPTIONS: env.NODE_OPTIONS } })) {
    const text = complaints(execArgv, env);
    if (text !== null) return faultsOf(text, execArgv).join(', ');
  }
  taken[name] = key;
  return null;
}

/**
 * Where V8 does not understand a value it reads no further, and Node names flags of its own besides.
 * @param {string} text
 * @param {string[]} execArgv
 */
function faultsOf(text, execArgv) {
  const start = `${process.execPath}: `;
  const faults = text.split('\n').filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
  return faults.filter((fault) => !fault.startsWith(BAD_OPTION) || execArgv.includes(fault.slice(BAD_OPTION.length)))
    .map((fault) => (fault.startsWith(BAD_OPTION) ? fault.slice(BAD_OPTION.length) : fault));
}

/**
 * Throws as Node's constructor does; what a worker inherits its program has begun with.
 * @param {string[]} execArgv  that was given
 * @param {NodeJS.ProcessEnv} env
 */
function checkForProcess(execArgv, env) {
  const { NODE_OPTIONS } = env;
  const flags = execArgv.length === 0 ? null : refusal('execArgv', execArgv, { ...env, NODE_OPTIONS: undefined });
  if (flags !== null) throw withCode(new Error(`Initiated Worker with invalid execArgv flags: ${flags}`), INVALID);
  const isInherited = NODE_OPTIONS === undefined || NODE_OPTIONS === process.env.NODE_OPTIONS;
  const options = isInherited ? null : refusal('env', [], env);
  if (options !== null) throw withCode(new Error(`Initiated Worker with invalid NODE_OPTIONS env variable: ${options}`), INVALID);
}

module.exports = { upToOptions, forWorkers, envForWorkers, checkForProcess };
