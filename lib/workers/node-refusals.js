// Asks Node itself which arguments it takes: a list of them here would be wrong with its next version.
'use strict';

const { spawnSync } = require('node:child_process');
const { isRefusedForThread, own } = require('../family');
const { withCode } = require('../native');

const { process } = globalThis;

const INVALID = 'ERR_WORKER_INVALID_EXEC_ARGV';

/** The exit code of a Node that does not take its arguments. */
const INVALID_ARGUMENT = 9;

/**
 * What Node prints about arguments that it does not take for a program; null: it takes them. With `--version` it ends before it has
 * made a V8, in a fifth of the time of a start.
 * @param {string[]} execArgv
 * @param {NodeJS.ProcessEnv} env
 */
function complaints(execArgv, env) {
  const { status, stderr } = spawnSync(process.execPath, [...execArgv, '--version'], own({
    env: own(env), encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'],
  }));
  return status === INVALID_ARGUMENT ? stderr : null;
}

/**
 * Whether the argument after this option is its value. Threads are asked first, which takes no time: an option without a value
 * (`--no-warnings`) is accepted there. A flag of V8's is refused, and has its value behind a `=`.
 * @param {string} option
 */
const takesValue = (option) => isRefusedForThread({ execArgv: [option] })
  && (complaints([option], { ...process.env, NODE_OPTIONS: undefined })?.includes(`${option} requires an argument`) ?? false);

/** How Node begins a line about an option that it does not know. */
const BAD_OPTION = 'bad option: ';

/**
 * The faults in what Node has printed. After a value that V8 does not understand Node also lists options that nobody has given; those
 * are left out.
 * @param {string} text
 * @param {string[]} execArgv
 */
function faultsOf(text, execArgv) {
  const start = `${process.execPath}: `;
  const faults = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(start)) continue;
    const fault = line.slice(start.length);
    const option = fault.startsWith(BAD_OPTION) ? fault.slice(BAD_OPTION.length) : null;
    if (option === null) faults.push(fault);
    else if (execArgv.includes(option)) faults.push(option);
  }
  return faults;
}

/** With these a Node prints something and ends. */
const PRINTS = /^(?:-[vh]|--(?:version|help|v8-options|completion-bash))$/;

/** What was last accepted: a pool gives the same to each of its workers, and Node is asked once. @type {Record<string, string>} */
const accepted = { execArgv: '', env: '' };

/**
 * What is wrong with the arguments of a process, in Node's words; null: nothing. Whatever Node takes for a thread it takes for a
 * process, too. The rest, flags of V8's among it, is only allowed for a program, so a program is asked.
 * @param {'execArgv' | 'env'} name  of the option that they are in
 * @param {string[]} execArgv
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
function refusal(name, execArgv, env) {
  const key = name === 'env' ? `${env.NODE_OPTIONS}` : execArgv.join('\0');
  if (key === accepted[name]) return null;
  if (isRefusedForThread({ execArgv, env: { NODE_OPTIONS: env.NODE_OPTIONS } })) {
    const printing = execArgv.filter((argument) => PRINTS.test(argument));
    if (printing.length > 0) return printing.join(', ');
    const text = complaints(execArgv, env);
    if (text !== null) return faultsOf(text, execArgv).join(', ');
  }
  accepted[name] = key;
  return null;
}

/**
 * Throws as Node's constructor of a worker does. What a worker inherits is not looked at: its program has begun with it.
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

module.exports = { takesValue, checkForProcess };
