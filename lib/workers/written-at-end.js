// What Node writes when a thread ends, its coverage and profiles: a worker in a process that is to end gets to write it, too.
'use strict';

const { beforeEnd, native, now } = require('../native');
const { receive } = require('../port');
const { LAST_TURN, LINGER_IN_ALL } = require('./limits.js');

const { process } = globalThis;

const PROFILES = /(?:^|\s)--(?:cpu|heap)[-_]prof(?:\s|$)/;

/**
 * Whether Node writes anything when this process ends.
 * @param {{ env?: NodeJS.ProcessEnv, execArgv: string[] }} launch
 */
function writesAtEnd({ env = process.env, execArgv }) {
  // Node puts this program's folder for coverage into a child's environment that names none.
  if (env.NODE_V8_COVERAGE ?? process.env.NODE_V8_COVERAGE) return true;
  return PROFILES.test(env.NODE_OPTIONS ?? '') || execArgv.some((argument) => PROFILES.test(argument));
}

/** @typedef {{ end: () => void, control: import('../family/link.js').Link }} Writer */

/** Those of this thread that run. @type {Set<Writer>} */
const running = new Set();

/** The program ends, and they with it: whoever started it may read what they write right after. */
function finish() {
  for (const writer of running) writer.end();
  const begun = now();
  for (const { control } of running) {
    try {
      let writes = false;
      for (let past = now() - begun; control.key !== 0 && past < LINGER_IN_ALL; past = now() - begun) {
        // What has come before is looked at in any case.
        if (native.wait(control.key, Math.max((writes ? LINGER_IN_ALL : LAST_TURN) - past, 1)) === 0) break;
        const received = receive(control);
        if (received === null) break; // it has ended
        writes ||= received?.message === 'ending';
      }
    } catch {
      // what it says is not to be understood
    }
  }
  running.clear();
}

let isAwaited = false;

/** @param {Writer} writer */
function add(writer) {
  if (!isAwaited) beforeEnd(finish);
  isAwaited = true;
  running.add(writer);
}

/** Ends this process, as a thread is: nothing of the program runs any more. @param {{ postMessage: (message: unknown) => void }} control */
function endHere(control) {
  control.postMessage('ending');
  native.flush();
  finish();
  Reflect.get(process, 'reallyExit').call(process, 1);
}

module.exports = { writesAtEnd, add, remove: (/** @type {Writer} */ writer) => running.delete(writer), endHere };
