// An AbortSignal leaves as a port that carries its reason, once it has one. The sender's stays as it is; the one that arrives
// is kept while somebody may hear of it, and neither holds the event loop.
'use strict';

const { AsyncResource } = require('node:async_hooks');
const { isSet } = require('node:util/types');
const { CARRIED, OBJECT, symbolOf } = require('../clone');
const {
  NONE, SafeSet, SafeWeakMap, append, arrayFilter, arrayIndexOf, arrayMap, getter, retold, setForEach, setSize, symbolDescription, uncurry,
} = require('../native');
const { Exit, openOver } = require('./end.js');

/** @typedef {import('../port/carried.js').Bearer} Bearer */
/** @typedef {import('./end.js').End} End */

const { AbortController, AbortSignal, EventTarget, WeakRef } = globalThis;
const { getOwnPropertySymbols } = Object;
const { isArray } = Array;
/** Missing in the first releases of Node 20. @type {((signals: AbortSignal[]) => AbortSignal) | undefined} */
const any = AbortSignal.any?.bind(AbortSignal);
const isAborted = getter(AbortSignal.prototype, 'aborted');
const reasonOf = getter(AbortSignal.prototype, 'reason');
const addEventListener = uncurry(EventTarget.prototype.addEventListener);
const removeEventListener = uncurry(EventTarget.prototype.removeEventListener);
const abort = uncurry(AbortController.prototype.abort);
/** What Node calls on a signal that has lost a listener, with how many are left. */
const listenerGone = symbolOf(AbortSignal.prototype, 'kRemoveListener');

/** @param {object} object  no proxy */
function isSignal(object) {
  try {
    isAborted(object);
    return true;
  } catch {
    return false;
  }
}

/**
 * The async context of every end that stays with a signal: none of a program's, which may lead to that very signal and would keep it.
 * Nothing of a program runs in it.
 */
const NOBODYS = new AsyncResource('MESSAGEPORT');

/** A {@link Departure}. */
class SignalDeparture {
  name = 'AbortSignal';
  isPort = false;
  isHanded = false;
  parts = NONE;
  refusal = null;
  /** @readonly */ tag;
  /** @readonly */ reason;
  /** @readonly */ entries;
  #signal;
  /** @type {Exit | null} */ #exit = null;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    const over = isAborted(signal);
    this.#signal = signal;
    this.tag = over ? OBJECT.ABORTED : OBJECT.CARRIED;
    this.reason = over ? reasonOf(signal) : undefined;
    this.entries = over ? NONE : [{ kind: CARRIED.SIGNAL, state: 0 }];
  }

  claim() {
    if (this.tag === OBJECT.ABORTED) return NONE;
    this.#exit = new Exit(null, NOBODYS);
    return [this.#exit.going];
  }

  depart() {
    if (this.#exit !== null) watch(this.#signal, this.#exit.here);
  }

  stay() {
    this.#exit?.close();
    this.#exit = null;
  }
}

/** A signal that nobody has any more never aborts, nor is one heard of that nobody can reach. @type {FinalizationRegistry<{ close: () => void }>} */
const unreachable = new FinalizationRegistry((forgotten) => forgotten.close());

/** @type {WeakMap<AbortSignal, Watch>} */
const watches = new SafeWeakMap();

/** Tells all ports that a signal has left through, by one listener. It does not hold the signal. */
class Watch {
  #signal;
  /** @type {Set<End>} @readonly */ #ends = new SafeSet();
  #listener = () => this.#aborted();

  /** @param {AbortSignal} signal */
  constructor(signal) {
    this.#signal = new WeakRef(signal);
    watches.set(signal, this);
    addEventListener(signal, 'abort', this.#listener);
    unreachable.register(signal, this, this);
  }

  /** @param {End} end */
  add(end) {
    this.#ends.add(end);
    end.serve({ message: () => {}, broken: () => {}, gone: () => this.#remove(end) });
  }

  /** @param {End} end  nobody is there to hear of it */
  #remove(end) {
    this.#ends.delete(end);
    const signal = this.#signal.deref();
    if (setSize(this.#ends) > 0 || signal === undefined) return;
    removeEventListener(signal, 'abort', this.#listener);
    watches.delete(signal);
    unreachable.unregister(this); // which a signal that lives for long would keep, one for each time
  }

  #aborted() {
    const reason = reasonOf(this.#signal.deref());
    setForEach(this.#ends, (/** @type {End} */ end) => report(end, reason));
  }

  close() {
    setForEach(this.#ends, (/** @type {End} */ end) => end.close());
  }
}

/**
 * @param {AbortSignal} signal  may have aborted meanwhile: a getter of the message ran
 * @param {End} end
 */
function watch(signal, end) {
  if (isAborted(signal)) report(end, reasonOf(signal));
  else (watches.get(signal) ?? new Watch(signal)).add(end);
}

/** @param {unknown} reason */
const message = (reason) => [reason];

/**
 * @param {End} end
 * @param {unknown} reason  if it cannot be cloned, what is wrong with it takes its place
 */
function report(end, reason) {
  try {
    end.post(message(reason));
  } catch (error) {
    end.postThrown(retold(error, 'message[0]', 'reason'), message);
  }
  end.close();
}

/**
 * One that has arrived. The user gets a signal made of ours by any(): Node keeps such a signal while it has listeners. What it
 * is made of, Node does not keep, so the port does, as long as the user has any signal that is made of it.
 */
class Arrival {
  #end;
  /** Null once it will not abort any more. @type {AbortController | null} */ #controller = new AbortController();
  /** What the user was given. @type {WeakRef<AbortSignal> | null} */ #given = null;

  /** @param {End} end */
  constructor(end) {
    this.#end = end;
  }

  /** Called once. */
  signal() {
    const { signal } = /** @type {AbortController} */ (this.#controller);
    const given = any === undefined ? signal : any([signal]);
    this.#given = new WeakRef(given);
    const { 0: source } = notesOf(given, 'kSourceSignals');
    if (arrayIndexOf(alive(notesOf(signal, 'kDependantSignals')), given) !== -1) unreachable.register(given, this);
    else if (source?.deref() === signal) unreachable.register(source, this);
    this.#end.serve(this);
    return given;
  }

  /** Nobody has the signal any more, but another may have been made of it. */
  close() {
    const { 0: heir } = this.#controller === null ? NONE : alive(notesOf(this.#controller.signal, 'kDependantSignals'));
    if (heir === undefined) this.#end.close();
    else unreachable.register(heir, this);
  }

  /** @param {any} message */
  message(message) {
    this.#end.close();
    if (isArray(message) && message.length === 1 && this.#controller !== null) abort(this.#controller, message[0]);
    this.#over();
  }

  broken() {
    this.#over();
  }

  gone() {
    this.#over();
  }

  /**
   * Nobody will hear anything any more. Node keeps what is made of others while it has listeners, up to Node 22 for ever, and else
   * as long as there is what it is made of: it lets go when the last listener has gone, which it is told here.
   */
  #over() {
    this.#end.close();
    const given = /** @type {any} */ (this.#given?.deref());
    if (given !== undefined && listenerGone !== undefined) given[listenerGone](0, 'abort');
    this.#controller = null;
  }
}

/**
 * The weak references that Node keeps of what was made of a signal, or of what it is made of. Every signal that is made of
 * one shares those that this one has. Another runtime has none: there a port goes with the sender's signal.
 * @param {any} signal
 * @param {'kSourceSignals' | 'kDependantSignals'} name
 * @returns {WeakRef<object>[]}
 */
function notesOf(signal, name) {
  /** @type {WeakRef<object>[]} */
  const notes = [];
  const symbols = getOwnPropertySymbols(signal);
  for (let i = 0; i < symbols.length; i++) {
    const set = signal[symbols[i]];
    if (symbolDescription(symbols[i]) !== name || !isSet(set)) continue;
    setForEach(set, (/** @type {any} */ weak) => { if (typeof weak?.deref === 'function') append(notes, weak); });
  }
  return notes;
}

/**
 * Those of them that are still there.
 * @param {WeakRef<object>[]} notes
 */
function alive(notes) {
  return arrayFilter(arrayMap(notes, deref), (/** @type {object | undefined} */ signal) => signal !== undefined);
}

/** @param {WeakRef<object>} weak */
const deref = (weak) => weak.deref();

/** @param {Bearer} bearer */
function openSignal(bearer) {
  return openOver(bearer, (end) => new Arrival(end).signal());
}

module.exports = { isSignal, SignalDeparture, openSignal };
