// Members of one object, one after the other: what recursion would keep on the stack.
'use strict';

const { propertyStep, elementStep, mapKeyStep, mapValueStep, memberStep } = require('./path.js');
const { anchor } = require('./anchor.js');
const { namesOf, Holes } = require('./array-shape.js');

/** @typedef {import('./graph-writer.js').GraphWriter} GraphWriter */

const { hasOwn } = Object;
const mapForEach = Map.prototype.forEach;
const setForEach = Set.prototype.forEach;

/** Invariant: after next() has returned true, `member` is the value to be written and step() tells where it stands. */
class Frame {
  constructor() {
    /** @type {unknown} */
    this.member = undefined;
    this.index = -1;
  }

  /**
   * @param {GraphWriter} _writer
   * @returns {boolean} false: no more members
   */
  next(_writer) {
    return false;
  }

  /** @returns {string} */
  step() {
    return '';
  }
}

class RecordFrame extends Frame {
  /**
   * @param {any} object
   * @param {string[]} names
   * @param {number} place
   */
  constructor(object, names, place) {
    super();
    this.object = object;
    this.names = names;
    this.place = place;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    while (++this.index < this.names.length) {
      const name = this.names[this.index];
      if (hasOwn(this.object, name)) {
        this.member = this.object[name];
        return true;
      }
      writer.absent(this.place);
    }
    return false;
  }

  step() {
    return propertyStep(this.names[this.index]);
  }
}

/** Like a record, with every key in front of its value. */
class DictionaryFrame extends RecordFrame {
  /** @param {GraphWriter} writer */
  next(writer) {
    while (++this.index < this.names.length) {
      const name = this.names[this.index];
      writer.name(name);
      if (hasOwn(this.object, name)) {
        this.member = this.object[name];
        return true;
      }
      writer.absent(this.place);
    }
    return false;
  }
}

class ArrayFrame extends Frame {
  /**
   * @param {any[]} array
   * @param {number} length
   * @param {number} place
   */
  constructor(array, length, place) {
    super();
    this.array = array;
    this.length = length;
    this.place = place;
    /** @type {Holes | null} */
    this.holes = null;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    this.index++;
    while (this.index < this.length) {
      this.member = this.array[this.index];
      if (this.member !== undefined || hasOwn(this.array, this.index)) return true;
      this.holes ??= new Holes(this.array);
      this.index = writer.hole(this.holes, this.index, this.length, this.place);
    }
    return false;
  }

  step() {
    return elementStep(this.index);
  }
}

/** Elements first, then a dictionary of the named properties there were at the beginning. */
class NamedArrayFrame extends ArrayFrame {
  /**
   * @param {any[]} array
   * @param {number} length
   * @param {number} place
   */
  constructor(array, length, place) {
    super(array, length, place);
    this.names = namesOf(array);
    /** @type {DictionaryFrame | null} */
    this.named = null;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    if (this.named === null && super.next(writer)) return true;
    if (this.named === null) {
      if (writer.pos > writer.limit) writer.grow(0);
      writer.varint(this.names.length);
      this.named = new DictionaryFrame(this.array, this.names, this.place);
    }
    const more = this.named.next(writer);
    this.member = this.named.member;
    return more;
  }

  step() {
    return this.named === null ? super.step() : this.named.step();
  }
}

class MapFrame extends Frame {
  /** @param {Map<unknown, unknown>} map */
  constructor(map) {
    super();
    /** @type {unknown[]} keys and values as they were at the beginning */
    const entries = [];
    mapForEach.call(map, (value, key) => {
      entries.push(key, value);
    });
    this.entries = entries;
  }

  next() {
    if (++this.index === this.entries.length) return false;
    this.member = this.entries[this.index];
    return true;
  }

  step() {
    const place = this.index >> 1;
    return this.index % 2 === 0 ? mapKeyStep(place) : mapValueStep(this.entries[this.index - 1], place);
  }
}

class SetFrame extends Frame {
  /** @param {Set<unknown>} set */
  constructor(set) {
    super();
    /** @type {unknown[]} */
    const members = [];
    setForEach.call(set, (member) => {
      members.push(member);
    });
    this.members = members;
  }

  next() {
    if (++this.index === this.members.length) return false;
    this.member = this.members[this.index];
    return true;
  }

  step() {
    return memberStep(this.index);
  }
}

/** A few members that were looked up already, each with its step. */
class ListFrame extends Frame {
  /** @param {[step: string, member: unknown][]} list */
  constructor(list) {
    super();
    this.list = list;
  }

  next() {
    if (++this.index === this.list.length) return false;
    this.member = this.list[this.index][1];
    return true;
  }

  step() {
    return this.list[this.index][0];
  }
}

anchor(
  new RecordFrame({}, [], 0), new DictionaryFrame({}, [], 0), new ArrayFrame([], 0, 0), new NamedArrayFrame([], 0, 0),
  new MapFrame(new Map()), new SetFrame(new Set()), new ListFrame([]), new Holes([]),
);

module.exports = { Frame, RecordFrame, DictionaryFrame, ArrayFrame, NamedArrayFrame, MapFrame, SetFrame, ListFrame };
