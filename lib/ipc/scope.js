// What listens to and answers the other side: listeners by channel, and at most one handler for each.
'use strict';

const { EventEmitter } = require('node:events');
const { checkArguments } = require('./arguments.js');
const { invalidType, withCode } = require('../native');

/** @typedef {(event: any, ...args: any[]) => unknown} Handler */

/** @param {unknown} listener @returns {asserts listener is Handler} */
function checkHandler(listener) {
  if (typeof listener === 'function') return;
  throw invalidType(`Expected handler to be a function, but found type '${typeof listener}'`);
}

/** @type {(scope: IpcScope, channel: string) => boolean} */
let hasHandler;

/** @type {(scope: IpcScope) => number} */
let handlerCount;

/** The handler, for one call. @type {(scope: IpcScope, channel: string) => Handler | undefined} */
let takeHandler;

/** Programs see it: what only we call is no member. */
class IpcScope extends EventEmitter {
  /** @type {Map<string, { handler: Handler, once: boolean }>} */
  #handlers = new Map();
  #changed;

  /** @param {() => void} [changed]  handlers have */
  constructor(changed = () => {}) {
    super();
    this.#changed = changed;
  }

  /**
   * @param {string} channel
   * @param {Handler} listener
   */
  handle(channel, listener) {
    this.#add(channel, listener, false);
  }

  /**
   * @param {string} channel
   * @param {Handler} listener
   */
  handleOnce(channel, listener) {
    this.#add(channel, listener, true);
  }

  /**
   * @param {string} channel
   * @param {unknown} listener
   * @param {boolean} once
   */
  #add(channel, listener, once) {
    checkArguments(arguments, 1);
    if (this.#handlers.has(channel)) {
      throw withCode(new Error(`Attempted to register a second handler for '${channel}'`), 'ERR_HANDLER_EXISTS');
    }
    checkHandler(listener);
    this.#handlers.set(channel, { handler: listener, once });
    this.#changed();
  }

  /** @param {string} channel */
  removeHandler(channel) {
    if (this.#handlers.delete(channel)) this.#changed();
  }

  /**
   * An EventEmitter throws for an 'error' that nobody listens to; here that is a channel like any other.
   * @override
   * @param {string | symbol} channel
   * @param {any[]} args
   */
  emit(channel, ...args) {
    return this.listenerCount(channel) > 0 && super.emit(channel, ...args);
  }

  static {
    hasHandler = (scope, channel) => scope.#handlers.has(channel);
    handlerCount = (scope) => scope.#handlers.size;
    takeHandler = (scope, channel) => {
      const found = scope.#handlers.get(channel);
      if (found?.once) scope.removeHandler(channel);
      return found?.handler;
    };
  }
}

module.exports = { IpcScope, hasHandler, handlerCount, takeHandler };
