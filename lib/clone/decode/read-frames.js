// Objects that were made before their members: where the next member goes.
'use strict';

const { defineValue, mapSet, setAdd, uncurry } = require('../../native');
const { FREE_HOLES, HOLES_PER_ELEMENT } = require('../limits.js');
const { VALUE } = require('../tags.js');
const { malformed } = require('./malformed.js');
const { spendKey } = require('./element-room.js');
const { anchor } = require('../anchor.js');
const { setOwn } = require('./shape-cache.js');
const { isArrayIndex } = require('../array-shape.js');

const { AbortController, Map, Set } = globalThis;

/** @typedef {import('./graph-reader.js').GraphReader} GraphReader */

const { hasOwn } = Object;
const arrayPrototype = Array.prototype;
const abort = uncurry(AbortController.prototype.abort);

/**
 * The longest there is. Setting the length of an array allocates for its holes too, except in the dictionary mode which
 * the longest of all arrays are in. So an array that is mostly holes is sent there.
 */
const MAX_LENGTH = 0xffffffff;

/** Invariant: after next() has returned true, a member follows and put() takes it. */
class Frame {
  constructor() {
    this.index = 0;
    /** No member may be absent: nothing but how deep it stands tells the object from one that is read by recursion. */
    this.whole = false;
  }

  /**
   * @param {GraphReader} _reader
   * @returns {boolean} false: no more members
   */
  next(_reader) {
    return false;
  }

  /** @param {unknown} _member */
  put(_member) {}
}

class RecordFrame extends Frame {
  /**
   * @param {Record<string, unknown>} object
   * @param {readonly string[]} keys
   */
  constructor(object, keys) {
    super();
    this.object = object;
    this.keys = keys;
  }

  /** @param {GraphReader} reader */
  next(reader) {
    while (!this.whole && this.index < this.keys.length && reader.absent()) this.index++;
    return this.index < this.keys.length;
  }

  /** @param {unknown} member */
  put(member) {
    setOwn(this.object, this.keys[this.index++], member);
  }
}

class DictionaryFrame extends Frame {
  /**
   * @param {any} object
   * @param {number} count
   */
  constructor(object, count) {
    super();
    this.object = object;
    this.count = count;
    this.key = '';
    this.room = 0;
  }

  /** @param {GraphReader} reader */
  next(reader) {
    while (this.index < this.count) {
      this.index++;
      this.key = reader.text();
      this.room = spendKey(reader, this.key, this.room);
      if (this.whole || !reader.absent()) return true;
    }
    return false;
  }

  /** @param {unknown} member */
  put(member) {
    setOwn(this.object, this.key, member);
  }
}

class ArrayFrame extends Frame {
  /**
   * @param {unknown[]} array
   * @param {number} length
   */
  constructor(array, length) {
    super();
    this.array = array;
    this.length = length;
    this.holes = 0;
  }

  /** @param {GraphReader} reader */
  next(reader) {
    while (!this.whole && this.index < this.length && reader.pos < reader.end) {
      const tag = reader.bytes[reader.pos];
      if (tag !== VALUE.HOLE && tag !== VALUE.HOLES) return true;
      reader.pos++;
      this.#skip(tag === VALUE.HOLE ? 1 : reader.varint());
    }
    return this.index < this.length;
  }

  /** @param {number} count */
  #skip(count) {
    if (count > this.length - this.index) throw malformed('a hole is longer than its array');
    this.index += count;
    this.holes += count;
    if (this.holes > FREE_HOLES + HOLES_PER_ELEMENT * (this.index - this.holes)) this.array.length = MAX_LENGTH;
    this.array.length = this.index;
  }

  /** @param {unknown} member */
  put(member) {
    this.array[this.index++] = member;
  }
}

/** Elements, then named properties. */
class NamedArrayFrame extends ArrayFrame {
  /**
   * @param {unknown[]} array
   * @param {number} length
   */
  constructor(array, length) {
    super(array, length);
    /** @type {NamesFrame | null} */
    this.names = null;
  }

  /** @param {GraphReader} reader */
  next(reader) {
    if (this.names === null && super.next(reader)) return true;
    this.names ??= this.#openNames(reader);
    return this.names.next(reader);
  }

  /** @param {GraphReader} reader */
  #openNames(reader) {
    const names = new NamesFrame(this.array, reader.varint());
    names.whole = this.whole;
    return names;
  }

  /** @param {unknown} member */
  put(member) {
    if (this.names === null) super.put(member);
    else this.names.put(member);
  }
}

/** Named properties of an array, which has setters of its own kind to avoid and a length to leave alone. */
class NamesFrame extends DictionaryFrame {
  /**
   * Written out, since Node 20 iterates over the arguments where it is not, in whatever way the program has arrays iterated.
   * @param {any} object
   * @param {number} count
   */
  constructor(object, count) {
    super(object, count);
  }

  /** @param {unknown} member */
  put(member) {
    if (isArrayIndex(this.key) || this.key === 'length') throw malformed('an index among the names of an array');
    if (this.key in arrayPrototype) {
      defineValue(this.object, this.key, member, true);
    } else {
      this.object[this.key] = member;
    }
  }
}

class MapFrame extends Frame {
  /**
   * @param {Map<unknown, unknown>} map
   * @param {number} size
   */
  constructor(map, size) {
    super();
    this.map = map;
    this.left = size * 2;
    /** @type {unknown} */
    this.key = undefined;
  }

  next() {
    return this.left > 0;
  }

  /** @param {unknown} member */
  put(member) {
    if (this.left-- % 2 === 0) this.key = member;
    else mapSet(this.map, this.key, member);
  }
}

class SetFrame extends Frame {
  /**
   * @param {Set<unknown>} set
   * @param {number} size
   */
  constructor(set, size) {
    super();
    this.set = set;
    this.left = size;
  }

  next() {
    return this.left > 0;
  }

  /** @param {unknown} member */
  put(member) {
    this.left--;
    setAdd(this.set, member);
  }
}

/** A few named members that are not enumerable: what errors have. */
class HiddenFrame extends Frame {
  /**
   * @param {any} object
   * @param {string[]} names
   */
  constructor(object, names) {
    super();
    this.object = object;
    this.names = names;
  }

  next() {
    return this.index < this.names.length;
  }

  /** @param {unknown} value */
  put(value) {
    const name = this.names[this.index++];
    if (hasOwn(this.object, name)) this.object[name] = value;
    else defineValue(this.object, name, value);
  }
}

/** The reason of a signal that has aborted; it may refer to the signal. */
class AbortFrame extends Frame {
  /** @param {AbortController} controller */
  constructor(controller) {
    super();
    this.controller = controller;
  }

  next() {
    return this.index === 0;
  }

  /** @param {unknown} reason */
  put(reason) {
    this.index++;
    abort(this.controller, reason);
  }
}

anchor(() => [
  new RecordFrame({}, []), new DictionaryFrame({}, 0), new ArrayFrame([], 0), new NamedArrayFrame([], 0),
  new NamesFrame([], 0), new MapFrame(new Map(), 0), new SetFrame(new Set(), 0), new HiddenFrame({}, []),
  new AbortFrame(/** @type {any} */ (null)), // a controller would take longer than all of these
]);

module.exports = {
  Frame, RecordFrame, DictionaryFrame, ArrayFrame, NamedArrayFrame, MapFrame, SetFrame, HiddenFrame, AbortFrame,
};
