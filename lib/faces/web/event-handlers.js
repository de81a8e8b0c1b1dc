// HTML's event handler attributes (`onmessage` and its like) over addEventListener.
'use strict';

const { Map } = globalThis;

/** @typedef {{ callback: object, listener: (event: Event) => void }} Handler */

/** A handler keeps its place among the listeners while it is replaced, and loses it when it is set to null. */
class EventHandlers {
  #target;
  /** @type {Map<string, Handler>} */ #handlers = new Map();

  /** @param {EventTarget} target */
  constructor(target) {
    this.#target = target;
  }

  /** @param {string} type  of the event */
  get(type) {
    return this.#handlers.get(type)?.callback ?? null;
  }

  /**
   * @param {string} type
   * @param {unknown} value  what is not an object counts as null
   */
  set(type, value) {
    const callback = typeof value === 'object' || typeof value === 'function' ? value : null;
    const handler = this.#handlers.get(type);
    if (callback === null) this.#remove(type, handler);
    else if (handler !== undefined) handler.callback = callback;
    else this.#add(type, callback);
  }

  /**
   * @param {string} type
   * @param {object} callback
   */
  #add(type, callback) {
    /** @type {Handler} */
    const handler = {
      callback,
      listener(event) {
        if (typeof handler.callback !== 'function') return;
        if (handler.callback.call(this, event) === false) event.preventDefault();
      },
    };
    this.#handlers.set(type, handler);
    this.#target.addEventListener(type, handler.listener);
  }

  /**
   * @param {string} type
   * @param {Handler | undefined} handler
   */
  #remove(type, handler) {
    if (handler === undefined) return;
    this.#handlers.delete(type);
    this.#target.removeEventListener(type, handler.listener);
  }
}

module.exports = { EventHandlers };
