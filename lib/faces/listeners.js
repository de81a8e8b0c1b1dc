// Tells a class of emitters when one of its objects has listeners for an event and when it has none.
'use strict';

/** @typedef {import('node:events').EventEmitter} EventEmitter */

/** What adds or removes listeners; everything else in EventEmitter (`once`, `events.on`, …) goes through these. */
const METHODS = /** @type {const} */ ([
  'on', 'addListener', 'prependListener', 'off', 'removeListener', 'removeAllListeners',
]);

/**
 * Wraps the methods instead of listening to 'newListener': nothing shows in `eventNames()`, and
 * `removeAllListeners()` cannot take the watch away.
 * @template {EventEmitter} E
 * @param {E} prototype  of the class
 * @param {string} event
 * @param {(emitter: E, listening: boolean) => void} changed  may be called without a change
 */
function watchListeners(prototype, event, changed) {
  for (const name of METHODS) {
    const inherited = /** @type {Function} */ (prototype[name]);
    Object.defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: {
        /** @this {E} @param {any[]} args */
        [name](...args) {
          const result = Reflect.apply(inherited, this, args);
          if (args.length === 0 || args[0] === event) changed(this, this.listenerCount(event) > 0);
          return result;
        },
      }[name],
    });
  }
}

module.exports = { watchListeners };
