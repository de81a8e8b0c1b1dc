// Calls back when this process or thread ends; in process.exit() also where a program has taken away all listeners of 'exit'.
'use strict';

const { process } = globalThis;
const { apply, get, set } = Reflect;

/** @type {((code: unknown) => void)[]} */
const endings = [];

/** @type {(() => void) | null} */
let last = null;

/**
 * Calls it among the 'exit' listeners, and again at the very end of process.exit(): after all of them, or after one that has thrown.
 * @param {(code: unknown) => void} listener
 */
function beforeEnd(listener) {
  process.on('exit', listener);
  if (endings.push(listener) > 1) return;
  const inherited = get(process, 'reallyExit');
  if (typeof inherited !== 'function') return; // in another runtime
  set(process, 'reallyExit', /** @this {NodeJS.Process} @param {unknown} code */ function reallyExit(code) {
    for (let i = 0; i < endings.length; i++) endings[i](code);
    last?.();
    apply(inherited, this, arguments);
  });
}

/** What is called after all of them, in process.exit() only: where a program ends by itself, the end of its environment is there for that. @param {() => void} listener */
function atExit(listener) {
  last = listener;
}

module.exports = { atExit, beforeEnd };
