// What Node's EventTarget calls on itself when its listeners change, whoever changes them and how.
'use strict';

const { symbolOf } = require('../clone');

const { EventTarget, Symbol } = globalThis;

/** @param {string} description @returns {any} a symbol of nobody's where there is no such hook */
const hook = (description) => symbolOf(EventTarget.prototype, description) ?? Symbol(description);

/** `(count, type, …)`: how many there are of that type, with the new one, which is not to be asked for yet. */
const LISTENER_ADDED = hook('kNewListener');

/** `(count, type, …)`: how many are left. */
const LISTENER_REMOVED = hook('kRemoveListener');

/** Other runtimes tell nobody. */
const TELLS = LISTENER_ADDED in EventTarget.prototype && LISTENER_REMOVED in EventTarget.prototype;

module.exports = { LISTENER_ADDED, LISTENER_REMOVED, TELLS };
