// The memory behind views and buffers, written last: only then is it known who shares what.
'use strict';

const { NONE, SafeMap, arrayFilter, arraySort, bytesSlice, mapForEach } = require('../../native');
const { BESIDE, BESIDE_NEAR, MAX_RESERVED } = require('../limits.js');
const { extentOf } = require('../extent.js');
const { MEMORY } = require('../tags.js');
const { anchor } = require('../anchor.js');
const { Refusal } = require('./refusal.js');
const { shareIn } = require('./write-memory.js');

/**
 * @typedef {import('./graph-writer.js').GraphWriter} GraphWriter
 * @typedef {import('./graph-writer.js').Context} Context
 */

/** As they are when we load. */
const { ArrayBuffer, Uint8Array } = globalThis;

/** Some range [low, high) of one buffer, which becomes one ArrayBuffer on arrival. */
class Claim {
  /**
   * @param {ArrayBuffer} buffer
   * @param {number} low
   * @param {number} high
   * @param {boolean} loose a Node Buffer: it shares with Buffers that overlap it, not with its whole pool
   * @param {Uint8Array | null} bytes
   */
  constructor(buffer, low, high, loose, bytes) {
    this.buffer = buffer;
    this.low = low;
    this.high = high;
    this.loose = loose;
    /** Just these bytes, if there is such a view already: the program's, of which nothing may be asked but what is in it. */
    this.bytes = bytes;
    this.index = 0;
    this.claims = 1;
    /** Index in the table of the claim that covers this one, or -1. */
    this.coveredBy = -1;
  }
}

/** @type {Map<ArrayBuffer, Claim>} */
const NO_CLAIMS = new SafeMap();

/** Invariant: index order is the order of first appearance in the message. */
class MemoryTable {
  constructor() {
    /** @type {Claim[]} */
    this.claims = NONE;
    /** @type {Map<ArrayBuffer, Claim>} the first claim of each buffer; made when there is a second claim */
    this.byBuffer = NO_CLAIMS;
    this.reserved = 0;
  }

  /**
   * @param {ArrayBuffer} buffer
   * @param {number} low
   * @param {number} high
   * @param {boolean} loose
   * @param {Uint8Array | null} [bytes]  of the range
   * @returns {number} index in the table
   */
  claim(buffer, low, high, loose, bytes = null) {
    const known = this.#known(buffer);
    if (known === undefined) {
      const claim = this.#add(new Claim(buffer, low, high, loose, bytes));
      if (claim.index > 0) this.byBuffer.set(buffer, claim);
      return claim.index;
    }
    if (loose && known.loose) return this.#addLoose(known, low, high);
    if (known.loose) this.#sharpen(known);
    known.low = 0;
    known.high = extentOf(buffer).length;
    known.bytes = null;
    known.loose = false;
    return known.index;
  }

  /** @param {ArrayBuffer} buffer */
  #known(buffer) {
    if (this.claims.length === 0) return undefined;
    const first = this.claims[0];
    if (this.byBuffer === NO_CLAIMS) this.byBuffer = new SafeMap().set(first.buffer, first);
    return this.byBuffer.get(buffer);
  }

  /** @param {Claim} claim */
  #add(claim) {
    claim.index = this.claims.length;
    // An array that grows from nothing gets room for seventeen.
    if (claim.index === 0) this.claims = [claim];
    else this.claims[claim.index] = claim;
    return claim;
  }

  /**
   * @param {Claim} first
   * @param {number} low
   * @param {number} high
   */
  #addLoose(first, low, high) {
    first.claims++;
    return this.#add(new Claim(first.buffer, low, high, true, null)).index;
  }

  /**
   * Somebody shows more of the buffer than Buffers do: now all of them share all of it.
   * @param {Claim} first
   */
  #sharpen(first) {
    const { claims } = this;
    for (let i = 0; i < claims.length; i++) {
      if (claims[i].buffer === first.buffer && claims[i] !== first) claims[i].coveredBy = first.index;
    }
  }

  /**
   * @param {GraphWriter} writer
   * @param {Context | null} context
   */
  write(writer, context) {
    const start = writer.pos;
    if (this.byBuffer !== NO_CLAIMS) this.#joinOverlapping();
    writer.reserve(10);
    writer.varint(this.claims.length);
    for (let i = 0; i < this.claims.length; i++) {
      writer.reserve(40);
      this.#writeClaim(writer, this.claims[i], context);
    }
    writer.reserve(4);
    writer.uint32(start);
  }

  /** Loose claims of one buffer that overlap become one range. */
  #joinOverlapping() {
    mapForEach(this.byBuffer, (/** @type {Claim} */ first, /** @type {ArrayBuffer} */ buffer) => {
      if (!first.loose || first.claims === 1) return;
      /** @type {Claim[]} */
      const claims = arrayFilter(this.claims, (/** @type {Claim} */ claim) => claim.buffer === buffer);
      if (!isAscending(claims)) arraySort(claims, (/** @type {Claim} */ a, /** @type {Claim} */ b) => a.low - b.low || a.index - b.index);
      let group = [claims[0]];
      let { high } = claims[0];
      for (let i = 1; i < claims.length; i++) {
        if (claims[i].low >= high) {
          join(group, high);
          group = [];
          high = 0;
        }
        group[group.length] = claims[i];
        if (claims[i].high > high) ({ high } = claims[i]);
      }
      join(group, high);
    });
  }

  /**
   * @param {GraphWriter} writer
   * @param {Claim} claim
   * @param {Context | null} context
   */
  #writeClaim(writer, claim, context) {
    const { buffer, low, high } = claim;
    if (claim.coveredBy >= 0) return writer.tagged(MEMORY.SAME, claim.coveredBy);
    const extent = extentOf(buffer);
    if (extent.shared) return writer.tagged(MEMORY.SHARED, /** @type {any} */ (shareIn(context, buffer))(buffer));
    if (high > extent.length) throw new Refusal(buffer, 'a getter resized or detached it meanwhile');
    const resizable = this.#reserve(buffer, extent);
    const flags = (resizable ? MEMORY.RESIZABLE : 0) | (extent.immutable ? MEMORY.IMMUTABLE : 0);
    const transfer = context?.buffers.get(buffer);
    const beside = transfer === undefined && travelsBeside(high - low, context);
    if (transfer !== undefined) writer.tagged(MEMORY.BESIDE | flags, transfer);
    else if (beside) writer.tagged(MEMORY.BESIDE | flags, writer.putBeside(new Uint8Array(buffer, low, high - low)));
    else writer.tagged(MEMORY.BYTES | flags, high - low);
    writer.varint(transfer === undefined ? low : 0);
    if (resizable) writer.varint(extent.maximum);
    if (transfer !== undefined || beside) return;
    const bytes = claim.bytes ?? new Uint8Array(buffer, low, high - low);
    // V8 refuses to set() from one that cannot change, as if it were to.
    writer.copy(extent.immutable ? bytesSlice(bytes) : bytes, high - low);
  }

  /**
   * @param {ArrayBuffer} buffer
   * @param {import('../extent.js').Extent} extent
   * @returns {boolean} whether it is resizable
   */
  #reserve(buffer, { maximum }) {
    if (maximum < 0) return false;
    this.reserved += maximum;
    if (this.reserved > MAX_RESERVED) throw new Refusal(buffer, 'resizable buffers may grow to 4 GiB in one message');
    return true;
  }
}

/**
 * As they are for the most part: Node takes them from its pool one behind the other.
 * @param {Claim[]} claims  in the order of their indices
 */
function isAscending(claims) {
  for (let i = 1; i < claims.length; i++) if (claims[i].low < claims[i - 1].low) return false;
  return true;
}

/**
 * @param {number} bytes
 * @param {Context | null} context
 */
function travelsBeside(bytes, context) {
  return bytes >= BESIDE || (bytes >= BESIDE_NEAR && context?.near === true);
}

/**
 * @param {Claim[]} group sorted by `low`
 * @param {number} high
 */
function join(group, high) {
  if (group.length === 1) return;
  let first = group[0];
  for (let i = 1; i < group.length; i++) if (group[i].index < first.index) first = group[i];
  first.low = group[0].low;
  first.high = high;
  first.bytes = null;
  for (let i = 0; i < group.length; i++) if (group[i] !== first) group[i].coveredBy = first.index;
}

anchor(() => [new MemoryTable(), new Claim(new ArrayBuffer(0), 0, 0, false, null)]);

module.exports = { MemoryTable };
