// Members of one object, one after the other: what recursion would keep on the stack.
'use strict';

const { arraySlice } = require('../../native');
const { propertyStep, elementStep, memberStep } = require('./path.js');
const { entriesOf, entryStep, membersOf } = require('./collections.js');
const { anchor } = require('../anchor.js');
const { Uneven } = require('../array-shape.js');

const { Map, Set } = globalThis;

/** @typedef {import('./graph-writer.js').GraphWriter} GraphWriter */

const { hasOwn } = Object;

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

/** An object's, in the order of `names`. */
class MembersFrame extends Frame {
  /**
   * @param {any} object
   * @param {string[]} names
   * @param {boolean} named  every key stands in front of its value
   * @param {number} place
   */
  constructor(object, names, named, place) {
    super();
    this.object = object;
    this.names = names;
    this.named = named;
    this.place = place;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    while (++this.index < this.names.length) {
      const name = this.names[this.index];
      if (this.named) writer.name(name);
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

/** An array that is even: a hole in it is an element that a getter has deleted meanwhile. */
class ArrayFrame extends Frame {
  /**
   * @param {any[]} array
   * @param {number} length  that it had at first
   * @param {number} place
   */
  constructor(array, length, place) {
    super();
    this.array = array;
    this.length = length;
    this.place = place;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    while (++this.index < this.length) {
      if (hasOwn(this.array, this.index)) {
        this.member = this.array[this.index];
        return true;
      }
      writer.absent(this.place);
    }
    return false;
  }

  step() {
    return elementStep(this.index);
  }
}

/** An array with holes: the elements there were at the beginning, then a dictionary of the named properties. */
class UnevenArrayFrame extends Frame {
  /**
   * @param {any} array
   * @param {number} length
   * @param {Uneven} uneven
   * @param {number} place
   */
  constructor(array, length, uneven, place) {
    super();
    this.array = array;
    this.length = length;
    this.uneven = uneven;
    this.place = place;
    /** The index behind what was written last. */
    this.end = 0;
    /** @type {MembersFrame | null} */
    this.named = null;
  }

  /** @param {GraphWriter} writer */
  next(writer) {
    if (this.named !== null) return this.#nextNamed(writer, this.named);
    const { names, indices } = this.uneven;
    while (++this.index < indices) {
      const name = names[this.index];
      if (!hasOwn(this.array, name)) continue;
      this.#holes(writer, +name);
      this.end = +name + 1;
      this.member = this.array[name];
      return true;
    }
    this.#holes(writer, this.length);
    if (indices === names.length) return false;
    if (writer.pos > writer.limit) writer.grow(0);
    writer.varint(names.length - indices);
    this.named = new MembersFrame(this.array, arraySlice(names, indices), true, this.place);
    return this.#nextNamed(writer, this.named);
  }

  /**
   * @param {GraphWriter} writer
   * @param {number} index  the holes end in front of it
   */
  #holes(writer, index) {
    const count = index - this.end;
    if (count > 0) writer.holes(count, this.place);
  }

  /**
   * @param {GraphWriter} writer
   * @param {MembersFrame} named
   */
  #nextNamed(writer, named) {
    const more = named.next(writer);
    this.member = named.member;
    return more;
  }

  step() {
    return this.named === null ? elementStep(+this.uneven.names[this.index]) : this.named.step();
  }
}

class MapFrame extends Frame {
  /** @param {Map<unknown, unknown>} map */
  constructor(map) {
    super();
    this.entries = entriesOf(map);
  }

  next() {
    if (++this.index === this.entries.length) return false;
    this.member = this.entries[this.index];
    return true;
  }

  step() {
    return entryStep(this.entries, this.index);
  }
}

class SetFrame extends Frame {
  /** @param {Set<unknown>} set */
  constructor(set) {
    super();
    this.members = membersOf(set);
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

anchor(() => [
  new MembersFrame({}, [], false, 0), new ArrayFrame([], 0, 0), new UnevenArrayFrame([], 0, new Uneven([]), 0),
  new MapFrame(new Map()), new SetFrame(new Set()), new ListFrame([]),
]);

module.exports = { Frame, MembersFrame, ArrayFrame, UnevenArrayFrame, MapFrame, SetFrame, ListFrame };
