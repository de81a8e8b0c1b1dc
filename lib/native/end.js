// Calls back when this process or thread ends; in process.exit() also where a program has taken away all listeners of 'exit'.
'use strict';

const { process } = globalThis;
const { apply, get, set } = Reflect;

/** @type {((code: unknown) => void)[]} */
const endings = [];

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
    apply(inherited, this, arguments);
  });
}

module.exports = { beforeEnd };
