// The encoder: values in, bodies out, through one buffer that is used again and again.
'use strict';

const { NONE } = require('../../native');
const { GraphWriter } = require('./graph-writer.js');
const { Refusal } = require('./refusal.js');
const { RETAINED_BUFFER } = require('../limits.js');
const { VALUE, VERSION } = require('../tags.js');

/** @typedef {import('./graph-writer.js').Context} Context */

/** Invariant: `buffer` is the one that holds the last body, and onBuffer has been told so. */
class Encoder {
  #onBuffer;
  #writer = new GraphWriter();
  #busy = false;
  #settling = false;

  /** @param {(buffer: ArrayBuffer) => void} onBuffer called at once and whenever the buffer is another one */
  constructor(onBuffer) {
    this.#onBuffer = onBuffer;
    /** @type {ArrayBuffer} */
    this.buffer = this.#writer.bytes.buffer;
    /** @type {Uint8Array[]} large byte ranges that travel beside the body */
    this.clones = NONE;
    onBuffer(this.buffer);
  }

  /**
   * Writes the body into [0, length) of `buffer`. A getter may encode another message meanwhile.
   * @param {unknown} value
   * @param {Context | null} context
   * @returns {number} length
   */
  encode(value, context) {
    if (this.#busy) return this.#nested(value, context);
    this.#busy = true;
    try {
      return this.#write(this.#writer, value, context);
    } finally {
      this.#busy = false;
      if (this.#writer.bytes.length > RETAINED_BUFFER) this.#settleLater();
    }
  }

  /**
   * @param {GraphWriter} writer
   * @param {unknown} value
   * @param {Context | null} context
   */
  #write(writer, value, context) {
    writer.pos = 1;
    writer.bytes[0] = VERSION;
    if (context?.carried !== undefined && context.carried.length > 0) writeCarried(writer, context.carried);
    if (typeof value === 'object' && value !== null) this.#graph(writer, value, context);
    else this.#primitive(writer, value);
    if (writer.bytes.buffer !== this.buffer) this.#announce(writer.bytes.buffer);
    return writer.pos;
  }

  /**
   * @param {GraphWriter} writer
   * @param {object} value
   * @param {Context | null} context
   */
  #graph(writer, value, context) {
    try {
      this.clones = NONE;
      this.clones = writer.graph(value, context) ?? NONE;
    } catch (error) {
      throw error instanceof Refusal ? error.toError() : error;
    }
    if (this.clones !== NONE) this.#settleLater();
  }

  /**
   * @param {GraphWriter} writer
   * @param {unknown} value
   */
  #primitive(writer, value) {
    this.clones = NONE;
    if (typeof value === 'function' || typeof value === 'symbol') throw new Refusal(value).toError();
    writer.value(value, 0);
  }

  /**
   * @param {unknown} value
   * @param {Context | null} context
   */
  #nested(value, context) {
    return this.#write(new GraphWriter(), value, context);
  }

  /** @param {ArrayBuffer} buffer */
  #announce(buffer) {
    this.buffer = buffer;
    this.#onBuffer(buffer);
  }

  /** What was large is let go once the caller is done with it. */
  #settleLater() {
    if (this.#settling) return;
    this.#settling = true;
    process.nextTick(() => this.#settle());
  }

  #settle() {
    this.#settling = false;
    this.clones = NONE;
    this.#writer.shrink();
    if (this.#writer.bytes.buffer !== this.buffer) this.#announce(this.#writer.bytes.buffer);
  }
}

/**
 * @param {GraphWriter} writer
 * @param {import('./graph-writer.js').CarriedEntry[]} carried
 */
function writeCarried(writer, carried) {
  writer.tagged(VALUE.CARRIED_LIST, carried.length);
  for (let i = 0; i < carried.length; i++) {
    writer.reserve(0);
    writer.byte(carried[i].kind);
    writer.varint(carried[i].state);
  }
}

module.exports = { Encoder };
