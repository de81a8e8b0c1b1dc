// Which of the options that Node itself reads, among the arguments and in NODE_OPTIONS, a process worker is started with.
'use strict';

const { pathToFileURL } = require('node:url');
const { fileOf, hyphened, quoted } = require('../family');
const { takesValue } = require('./node-refusals.js');

/**
 * Arguments that are for the program of the main thread, not for its workers, and what was read of it: the variables of an `--env-file`
 * stand in the environment, and the file is looked for from the folder that the process is in, which may be another by now. Then
 * those of them whose value may be the next argument.
 */
const ONLY_MAIN = /^--(?:inspect|test|bench|watch|check|print|eval|interactive|input-type|snapshot-blob|env-file)(?:-[a-z-]+)?(?:=|$)|^--abort-on-uncaught-exception$|^-[epicpe]+$/;
const WITH_VALUE = new RegExp(`^(?:-p|-p?e|--(?:${[
  'eval', 'print', 'input-type', 'snapshot-blob', 'env-file', 'env-file-if-exists', 'inspect-(?:port|publish-uid)',
  'bench-(?:isolation|name-pattern|reporter(?:-destination)?|samples|warmup)',
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
 * Those of a list that have to do with some options: they themselves, and what is the value of one.
 * @param {string[]} list
 * @param {RegExp} options
 * @returns {boolean[]}
 */
function areOf(list, options) {
  const names = list.map(hyphened);
  const isOf = (/** @type {number} */ index) => options.test(names[index]);
  return names.map((_, index) => isOf(index) || (index > 0 && WITH_VALUE.test(names[index - 1]) && isOf(index - 1)));
}

/**
 * @param {string[]} list
 * @returns {string[]}
 */
function forWorkers(list) {
  const areOnlyMain = areOf(list, ONLY_MAIN);
  return list.map((argument, index) => withFile(argument, list[index - 1])).filter((_, index) => !areOnlyMain[index]);
}

/** What no process is started with as it is given, and what Node may not know or understand; by itself it lacks its value. */
const QUESTIONABLE = /^--(?:input-type(?:=|$)|env-file(?:-if-exists)?$|bench(?:$|-[a-z-]+=))/;

/** @param {string[]} list */
function questionable(list) {
  const areQuestionable = areOf(list, QUESTIONABLE);
  return list.filter((_, index) => areQuestionable[index]);
}

const INPUT_TYPE = '--input-type';

/**
 * The last one counts.
 * @param {string[]} list
 * @returns {string | undefined}
 */
function inputTypeOf(list) {
  const names = list.map(hyphened);
  const at = names.findLastIndex((name) => name === INPUT_TYPE || name.startsWith(`${INPUT_TYPE}=`));
  return names[at] === INPUT_TYPE ? list[at + 1] : names[at]?.slice(INPUT_TYPE.length + 1);
}

const OPTION = /^-(?!-?$)/;

/**
 * What Node reads of a worker's arguments: it stops without a word at what is neither an option nor the value of one, such as the
 * empty text that `''.split(',')` leaves. To a program that would be its script.
 * @param {unknown[]} list
 */
function upToOptions(list) {
  const given = list.map((argument) => `${argument}`); // of a symbol Node makes none, either
  const isValue = (/** @type {string | undefined} */ before = '') => OPTION.test(before) && !before.includes('=') && (WITH_VALUE.test(hyphened(before)) || takesValue(before));
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

module.exports = { upToOptions, forWorkers, questionable, inputTypeOf, envForWorkers };
