// The web's MessageEvent, whose ports may be ours, and the trusted events that a port fires.
'use strict';

const { endpointOf } = require('../../port');
const { FOREIGN, NONE, invalidType, withCode, worker_threads } = require('../../native');
const { iteratorOf, listOf } = require('./sequence.js');

const { Event, EventTarget, TypeError } = globalThis;
const { defineProperty, freeze, getOwnPropertySymbols, setPrototypeOf } = Object;
const { apply, construct, deleteProperty, get } = Reflect;
const isInstance = Function.prototype[Symbol.hasInstance];

/** @type {Function | null} */
let PlatformMessageEvent = null;

/** Whether the global name leads to ours. */
let standsIn = false;

/** By its global name; where that is ours by now, or a program has taken it away, the class of the events that Node's own ports make. */
function findPlatformClass() {
  const named = standsIn ? undefined : get(globalThis, 'MessageEvent');
  if (typeof named === 'function' && typeof named.prototype === 'object') return named;
  const { prototype } = worker_threads.MessagePort;
  const make = getOwnPropertySymbols(prototype).find(({ description }) => description === 'kCreateEvent');
  return make === undefined ? Event : apply(get(prototype, make), {}, [null, 'message']).constructor;
}

/**
 * The platform's class, which ours stands in for. Looked at only when an event is made: a newer Node loads it then, with
 * code that reads the global `MessagePort`, which a script that is just declaring `const { MessagePort } = require(…)` hides.
 * @returns {Function}
 */
function platformClass() {
  if (PlatformMessageEvent === null) {
    /** @type {Function} Node has it, its types have not. */
    const found = findPlatformClass();
    setPrototypeOf(MessageEvent.prototype, found.prototype);
    PlatformMessageEvent = found;
  }
  return PlatformMessageEvent;
}

const { dispatchEvent } = EventTarget.prototype;

/**
 * What of an event hardly anybody sets.
 * @typedef {{ origin: string, lastEventId: string, source: object | null }} Provenance
 */

/** @type {Provenance} */
const NOWHERE = freeze({ origin: '', lastEventId: '', source: null });

/** @param {unknown} value */
const isPort = (value) => endpointOf(value) !== undefined || value instanceof worker_threads.MessagePort;

/**
 * In the words of the platform's class, which are others in each version.
 * @param {object} init  what that refuses, too
 * @param {string} text  in case it does not
 */
function refusal(init, text) {
  try {
    construct(platformClass(), ['message', init]);
  } catch (error) {
    const refused = /** @type {Error & { code?: string }} */ (error);
    return refused.code === undefined ? withCode(refused, 'ERR_INVALID_ARG_TYPE') : refused;
  }
  return invalidType(text);
}

/**
 * @param {any} value
 * @returns {object | null}
 */
function toSource(value) {
  if (value == null) return null;
  if (!isPort(value)) throw refusal({ source: value }, "MessageEvent: 'source' is not a MessagePort");
  return value;
}

/**
 * @param {any} value
 * @returns {readonly object[]}
 */
function toPorts(value) {
  if (value === undefined) return NONE;
  const noSequence = () => refusal({ ports: value }, "MessageEvent: 'ports' is not a sequence");
  return freeze(listOf(value, iteratorOf(value), checkPort, noSequence));
}

/**
 * @param {unknown} element
 * @param {object[]} before
 */
function checkPort(element, before) {
  if (!isPort(element)) throw refusal({ ports: [...before, element] }, "MessageEvent: an element of 'ports' is not a MessagePort");
}

/** @param {unknown} value */
function toUSVString(value) {
  const string = /** @type {any} */ (`${value}`);
  return string.toWellFormed === undefined ? string : string.toWellFormed();
}

/** @type {(type: 'message' | 'messageerror', data: any, ports: object[], trusted: boolean) => MessageEvent} */
let messageEvent;

/** @type {(target: EventTarget, type: 'message' | 'messageerror', data: any, ports: object[]) => void} */
let fireMessageEvent;

/**
 * Node marks only its own events as trusted, and forgets the current target after the first listener: hence the
 * getters for both, here and below.
 */
class MessageEvent extends Event {
  /** @type {any} */ #data = null;
  /** @type {readonly object[]} */ #ports = NONE;
  #provenance = NOWHERE;
  #trusted = false;
  /** @type {EventTarget | null} */ #current = null;

  /**
   * @param {string} type
   * @param {any} [init]
   */
  constructor(type, init = undefined) {
    if (arguments.length === 0) throw invalidType("MessageEvent: the argument 'type' is missing");
    platformClass();
    super(type, init);
    if (init != null) this.#initialise(init);
  }

  /** @param {any} init */
  #initialise({ data = null, lastEventId = '', origin = '', ports, source = null }) {
    const provenance = { origin: toUSVString(origin), lastEventId: `${lastEventId}`, source: toSource(source) };
    this.#ports = toPorts(ports);
    this.#provenance = provenance;
    this.#data = data;
  }

  /** @param {any} event */
  static #own(event) {
    if (typeof event === 'object' && event !== null && #data in event) return event;
    throw withCode(new TypeError('Value of "this" must be of type MessageEvent'), 'ERR_INVALID_THIS');
  }

  get data() {
    return MessageEvent.#own(this).#data;
  }

  get origin() {
    return MessageEvent.#own(this).#provenance.origin;
  }

  get lastEventId() {
    return MessageEvent.#own(this).#provenance.lastEventId;
  }

  get source() {
    return MessageEvent.#own(this).#provenance.source;
  }

  get ports() {
    return MessageEvent.#own(this).#ports;
  }

  /**
   * @param {string} type
   * @param {boolean} [bubbles]
   * @param {boolean} [cancelable]
   * @param {any} [data]
   * @param {string} [origin]
   * @param {string} [lastEventId]
   * @param {object | null} [source]
   * @param {object[]} [ports]
   */
  initMessageEvent(type, bubbles = false, cancelable = false, data, origin, lastEventId, source, ports) {
    if (arguments.length === 0) throw invalidType("initMessageEvent: the argument 'type' is missing");
    if (MessageEvent.#own(this).#current !== null || this.eventPhase !== 0) return;
    this.#initialise({ data, origin, lastEventId, source, ports });
    this.initEvent(type, bubbles, cancelable);
    this.#trusted = false;
  }

  get isTrusted() {
    return MessageEvent.#own(this).#trusted;
  }

  /** @returns {any} */
  get currentTarget() {
    return MessageEvent.#own(this).#current ?? super.currentTarget;
  }

  /**
   * Who puts this class in the place of the platform's still gets the platform's events from elsewhere.
   * @param {unknown} value
   */
  static [Symbol.hasInstance](value) {
    return apply(isInstance, this === MessageEvent ? platformClass() : this, [value]);
  }

  static {
    const { prototype } = this;
    for (const name of ['data', 'origin', 'lastEventId', 'source', 'ports', 'initMessageEvent', 'isTrusted', 'currentTarget']) {
      defineProperty(prototype, name, { enumerable: true });
    }
    defineProperty(prototype, Symbol.toStringTag, { configurable: true, value: 'MessageEvent' });

    messageEvent = (type, data, ports, trusted) => {
      const event = new MessageEvent(type);
      event.#data = data;
      if (ports.length > 0) event.#ports = freeze(ports);
      event.#trusted = trusted;
      return event;
    };

    fireMessageEvent = (target, type, data, ports) => {
      const event = messageEvent(type, data, ports, true);
      event.#current = target;
      apply(dispatchEvent, target, [event]);
      event.#current = null;
    };
  }
}

/** Passes for a plain Event, so nobody else gets at the class. */
class TrustedEvent extends Event {
  /** @type {EventTarget | null} */ #current = null;

  get isTrusted() {
    return true;
  }

  /** @returns {any} */
  get currentTarget() {
    return this.#current ?? super.currentTarget;
  }

  /**
   * @param {EventTarget} target
   * @param {string} type
   */
  static fire(target, type) {
    const event = new TrustedEvent(type);
    event.#current = target;
    apply(dispatchEvent, target, [event]);
    event.#current = null;
  }
}
defineProperty(TrustedEvent.prototype, 'constructor', { value: Event });

const { fire: fireEvent } = TrustedEvent;

/**
 * Puts our class in the place of the platform's, which is taken away first: a newer Node loads a hundred modules when somebody
 * looks at it, or defines another.
 */
function standIn() {
  if (FOREIGN) platformClass(); // it cannot be found afterwards: ports of another runtime have no kCreateEvent
  standsIn = true;
  deleteProperty(globalThis, 'MessageEvent');
  defineProperty(globalThis, 'MessageEvent', { configurable: true, enumerable: false, writable: true, value: MessageEvent });
}

module.exports = { MessageEvent, standIn, messageEvent, fireMessageEvent, fireEvent };
