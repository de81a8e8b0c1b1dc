// The encoder: values in, bodies out, through one buffer that is used again and again.
'use strict';

const { NONE, onceLater } = require('../../native');
const { GraphWriter } = require('./graph-writer.js');
const { Refusal, isRefusal } = require('./refusal.js');
const { RETAINED_BUFFER, TEXT_BESIDE } = require('../limits.js');
const { VALUE, VERSION } = require('../tags.js');

const { process } = globalThis;
const { nextTick } = process;

/** @typedef {import('./graph-writer.js').Context} Context */

/** Invariant: `buffer`, which is behind `#bytes`, is the one that holds the last body, and onBuffer has been told so. */
class Encoder {
  #onBuffer;
  #writer = new GraphWriter();
  /** Looked at for each message: their buffer would be asked for in the engine. */ #bytes = this.#writer.bytes;
  #busy = false;

  /** @param {(buffer: ArrayBuffer) => void} onBuffer called at once and whenever the buffer is another one */
  constructor(onBuffer) {
    this.#onBuffer = onBuffer;
    /** @type {ArrayBuffer} */
    this.buffer = this.#bytes.buffer;
    /** Long texts and large byte ranges that travel beside the body. @type {(string | Uint8Array)[]} */
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
    if ((typeof value === 'object' && value !== null) || isLong(value)) this.#graph(writer, value, context);
    else this.#primitive(writer, value);
    if (writer.bytes !== this.#bytes) this.#announce(writer.bytes);
    return writer.pos;
  }

  /**
   * @param {GraphWriter} writer
   * @param {unknown} value
   * @param {Context | null} context
   */
  #graph(writer, value, context) {
    try {
      this.clones = NONE;
      this.clones = writer.graph(value, context);
    } catch (error) {
      throw isRefusal(error) ? error.toError() : error;
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
    if (typeof value === 'string') writer.string(value);
    else writer.value(value, 0);
  }

  /**
   * @param {unknown} value
   * @param {Context | null} context
   */
  #nested(value, context) {
    this.#recoverLater();
    return this.#write(new GraphWriter(), value, context);
  }

  /** Where the engine has ended a message at once, for a vm's timeout, nothing has said so: by the next tick none is written any more. */
  #recoverLater = onceLater(nextTick, () => {
    if (this.#busy) this.#writer = new GraphWriter();
    this.#busy = false;
  });

  /** @param {Buffer<ArrayBuffer>} bytes */
  #announce(bytes) {
    this.#bytes = bytes;
    this.buffer = bytes.buffer;
    this.#onBuffer(this.buffer);
  }

  /** What was large is let go once the caller is done with it. */
  #settleLater = onceLater(nextTick, () => {
    this.clones = NONE;
    this.#writer.shrink();
    if (this.#writer.bytes !== this.#bytes) this.#announce(this.#writer.bytes);
  });
}

/**
 * A text that may travel beside its message.
 * @param {unknown} value
 */
const isLong = (value) => typeof value === 'string' && value.length >= TEXT_BESIDE;

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
