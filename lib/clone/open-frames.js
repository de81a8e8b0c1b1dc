// The objects whose members are written, or read, by turns: those of all that does so inside of each other.
'use strict';

const { RETAINED_FRAMES } = require('./limits.js');

/**
 * One for all messages. A list for each might be put by the engine where it keeps what lives long, once such lists have; from there each that
 * is no longer needed keeps what it held alive, all the objects below it, until the whole heap is collected.
 * @template {object} Frame
 */
class OpenFrames {
  constructor() {
    this.count = 0;
    /** The first `count` are open, the others hold nothing. @type {(Frame | null)[]} */
    this.list = [];
  }

  /** The one whose turn it is. There is one. */
  get top() {
    return /** @type {Frame} */ (this.list[this.count - 1]);
  }

  /** @param {Frame} frame */
  open(frame) {
    this.list[this.count++] = frame;
  }

  close() {
    this.list[--this.count] = null;
  }

  /** Keeps nothing of a message alive. */
  forget() {
    if (this.count !== 0 || this.list.length > RETAINED_FRAMES) this.list = [];
    this.count = 0;
  }
}

module.exports = { OpenFrames };
