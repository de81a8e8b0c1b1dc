// Tells a class of emitters when the listeners of one of its objects change, and whether it has any for an event.
'use strict';

const { SafeMap } = require('../native');

/** @typedef {import('node:events').EventEmitter} EventEmitter */

const { defineProperty, entries, keys } = Object;
const { apply } = Reflect;

/** What adds or removes listeners; everything else in EventEmitter (`once`, `events.on`, …) goes through these. */
const METHODS = /** @type {const} */ ([
  'on', 'addListener', 'prependListener', 'off', 'removeListener', 'removeAllListeners',
]);

/**
 * Wraps the methods instead of listening to 'newListener': nothing shows in `eventNames()`, and
 * `removeAllListeners()` cannot take the watch away.
 * @template {EventEmitter} E
 * @param {E} prototype  of the class
 * @param {(emitter: E, event: string | undefined) => void} changed  undefined: of any event; may be called without a change
 */
function watchAllListeners(prototype, changed) {
  for (const name of METHODS) {
    const inherited = /** @type {Function} */ (prototype[name]);
    defineProperty(prototype, name, {
      configurable: true,
      writable: true,
      value: {
        /** @this {E} @param {any[]} args */
        [name](...args) {
          try {
            return apply(inherited, this, args);
          } finally {
            changed(this, args[0]); // also where a listener of 'removeListener' throws
          }
        },
      }[name],
    });
  }
}

/**
 * @template {EventEmitter} E
 * @param {E} prototype  of the class
 * @param {Record<string, (emitter: E, listening: boolean) => void>} changes  by event; each may be called without a change
 */
function watchListeners(prototype, changes) {
  const changed = new SafeMap(entries(changes));
  const events = keys(changes);
  const look = (/** @type {E} */ emitter, /** @type {string} */ event) => changed.get(event)?.(emitter, emitter.listenerCount(event) > 0);
  watchAllListeners(prototype, (emitter, name) => {
    if (name !== undefined) look(emitter, name);
    else for (let i = 0; i < events.length; i++) look(emitter, events[i]);
  });
}

module.exports = { watchListeners, watchAllListeners };
