// Identity: an object that is met again is written as a reference to where it stands. An array is looked for among arrays, and
// what V8 takes for an ordinary object among those: fewer to look at.
'use strict';

const { ByteWriter } = require('./byte-writer.js');
const { EARLY, VALUE } = require('../tags.js');
const { LINEAR_SEARCH } = require('../limits.js');
const { Seen } = require('./seen.js');

/** Invariant: what an object is, is asked the same way each time, so that it is looked for where it was put. */
class IdentityWriter extends ByteWriter {
  constructor() {
    super();
    this.ordinary = new Seen();
    this.arrays = new Seen();
    this.others = new Seen();
  }

  /**
   * Writes a reference to an object met before; else remembers that its tag will stand here.
   * @param {Seen} seen  those among which it would be
   * @param {object} object
   * @param {number} hash  0: nobody has asked
   */
  known(seen, object, hash) {
    const place = seen.meet(object, hash, this.pos);
    if (place < 0) return false;
    this.bytes[place] |= EARLY;
    this.tagged(VALUE.REFERENCE, place);
    return true;
  }

  /** Whether there are so many that each is better found by its number. */
  areMany() {
    return this.ordinary.count + this.arrays.count + this.others.count >= LINEAR_SEARCH;
  }

  forgetObjects() {
    this.ordinary.forget();
    this.arrays.forget();
    this.others.forget();
  }
}

module.exports = { IdentityWriter };
