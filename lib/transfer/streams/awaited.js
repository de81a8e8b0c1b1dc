// Who waits for a stream's end, by `closed` or by a pipe, waits at a promise that nobody has but the stream's own reader or writer, and
// it would go with these. So the port holds the stream from that question on, until the lock is released.
'use strict';

const { symbolOf } = require('../../clone');
const { defineProperty, objectKeys } = require('../../native');

const { Proxy, Symbol, queueMicrotask } = globalThis;

const VALUE = Symbol('close');
const ASKED = Symbol('asked');

/** One for all, so that what has it is of one shape. @type {any} */
const CLOSE = {
  __proto__: null,
  enumerable: true,
  configurable: true,
  /** @this {any} */
  get() {
    this[ASKED]();
    return this[VALUE];
  },
  /** @this {any} @param {any} value */
  set(value) {
    this[VALUE] = value;
  },
};

/**
 * A reader's or writer's state that tells when somebody asks for its promise; to release the lock is to ask, too.
 * @param {any} state
 * @param {() => void} asked
 */
function askable(state, asked) {
  const keys = objectKeys(state);
  /** @type {any} */
  const copy = { [ASKED]: asked, [VALUE]: state.close };
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === 'close') defineProperty(copy, 'close', CLOSE);
    else copy[keys[i]] = state[keys[i]];
  }
  return copy;
}

/**
 * Node notes in a stream's state who has locked it. A state that tells of that stands in its place until then, and not where chunks go by.
 * Where Node keeps it in another way nothing happens.
 * @param {any} stream  that has arrived
 * @param {'reader' | 'writer'} role
 * @param {import('../end.js').End} end
 */
function holdWhileAwaited(stream, role, end) {
  const symbol = symbolOf(stream, 'kState');
  if (symbol === undefined || !(role in stream[symbol])) return;
  const state = stream[symbol];
  const heard = /** @type {any} */ ({
    __proto__: null,
    set(/** @type {any} */ _, /** @type {PropertyKey} */ key, /** @type {any} */ value) {
      state[key] = value;
      if (key === role && value !== undefined) locked(value);
      return true;
    },
  });
  const unlocked = () => {
    end.awaited = null;
    stream[symbol] = new Proxy(state, heard);
  };
  const locked = (/** @type {any} */ lock) => {
    stream[symbol] = state;
    const own = symbolOf(lock, 'kState');
    if (own === undefined) return;
    lock[own] = askable(lock[own], () => {
      if (end.closed || state[role] !== lock) return;
      end.awaited = stream;
      queueMicrotask(() => {
        if (state[role] === undefined) unlocked();
        else if (state[role] !== lock) locked(state[role]); // who may have been asked already
      });
    });
  };
  unlocked();
}

module.exports = { holdWhileAwaited };
