// A queue of any length: its first goes without the rest being copied, as the engine copies that of a long array.
'use strict';

/** @template T @typedef {{ value: T, next: Link<T> | null }} Link */

/** @template T */
class Queue {
  /** @type {Link<T> | null} */ #first = null;
  /** @type {Link<T> | null} */ #last = null;
  length = 0;

  /** @param {T} value */
  push(value) {
    const link = { value, next: null };
    if (this.#last === null) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
    this.length += 1;
  }

  /** @returns {T | undefined} */
  get first() {
    return this.#first?.value;
  }

  /** @returns {T | undefined} */
  shift() {
    const link = this.#first;
    if (link === null) return undefined;
    this.#first = link.next;
    this.length -= 1;
    if (link.next === null) this.#last = null;
    return link.value;
  }
}

module.exports = { Queue };
