// Asks Node which options it takes for a thread: a list of them here would be wrong with its next version.
'use strict';

const { worker_threads: { Worker } } = require('../native');
const { own } = require('./own.js');

/** No option of any Node: with it no thread is made, nor is a number of one used up, and no hook is told of one. */
const NONE = '--not-an-option';

/**
 * What Node says to these options beside NONE, which comes first: it reads no further than to what is no option.
 * @param {import('node:worker_threads').WorkerOptions} options
 * @returns {string}
 */
function answerTo(options) {
  const { execArgv = [], ...rest } = own(options);
  try {
    new Worker('', own({ ...rest, eval: true, execArgv: [NONE, ...execArgv] }));
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  throw new Error(`Node.js takes ${NONE} for an option`);
}

/** @param {import('node:worker_threads').WorkerOptions} options */
const isRefusedForThread = (options) => answerTo(options) !== answerTo({});

/**
 * Those that a thread can be given. The value of an option is none by itself, and an option by itself lacks its value: neither is
 * refused. What is refused is listed behind NONE, by its name or by that of what it stands for.
 * @param {string[]} execArgv
 */
function allowedForThread(execArgv) {
  const refused = `${answerTo({})}, `;
  return execArgv.filter((argument) => !answerTo({ execArgv: [argument] }).startsWith(refused));
}

module.exports = { isRefusedForThread, allowedForThread };
