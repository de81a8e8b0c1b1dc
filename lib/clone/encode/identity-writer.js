// Identity: an object that is met again is written as a reference to where it stands. An array is looked for among arrays, and
// what V8 takes for an ordinary object among those: fewer to look at.
'use strict';

const { ByteWriter } = require('./byte-writer.js');
const { EARLY, VALUE } = require('../tags.js');
const { hashedSortOf, sortOf } = require('../kind');
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

  /**
   * What the engine tells of an object: its sort and, once there are so many that each is better found by it, its number.
   * @param {object} object
   */
  tell(object) {
    const { ordinary, arrays, others } = this;
    return ordinary.count + arrays.count + others.count >= LINEAR_SEARCH ? hashedSortOf(object) : sortOf(object);
  }

  forgetObjects() {
    this.ordinary.forget();
    this.arrays.forget();
    this.others.forget();
  }
}

module.exports = { IdentityWriter };
