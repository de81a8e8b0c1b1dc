// Which of the options that Node itself reads, among the arguments and in NODE_OPTIONS, a process worker is started with.
'use strict';

const { pathToFileURL } = require('node:url');
const { fileOf, quoted } = require('../family');
const { takesValue } = require('./node-refusals.js');

/** Arguments that are for the program of the main thread, not for its workers; and those of them whose value may be the next argument. */
const ONLY_MAIN = /^--(?:inspect|test|bench|watch|check|print|eval|interactive|input-type|snapshot-blob)(?:-[a-z-]+)?(?:=|$)|^--abort[-_]on[-_]uncaught[-_]exception$|^-[epicpe]+$/;
const WITH_VALUE = new RegExp(`^(?:-p|-p?e|--(?:${[
  'eval', 'print', 'input-type', 'snapshot-blob', 'inspect-(?:port|publish-uid)', 'bench-(?:isolation|name-pattern|reporter(?:-destination)?|samples|warmup)',
  'watch-(?:path|kill-signal)', 'test-coverage-(?:branches|exclude|functions|include|lines)',
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

module.exports = { upToOptions, forWorkers, envForWorkers };
