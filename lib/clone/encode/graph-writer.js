// Values: records, arrays and what is in them. Common ones by recursion, rare or deep ones by frames.
'use strict';

const { IdentityWriter } = require('./identity-writer.js');
const { EARLY, OBJECT, VALUE } = require('../tags.js');
const { NONE, append, dateGetTime, hasOwnProperty } = require('../../native');
const { INLINE_TEXT, KNOWN_TEXT, LISTED_TEXT, MAX_RECURSION, RARE_SHAPE, TABLE_KEYS, TEXT_BESIDE, TEXTS_BESIDE, TEXTS_FROM } = require('../limits.js');
const { isRefusal, Refusal, located } = require('./refusal.js');
const { propertyStep, memberStep } = require('./path.js');
const { entriesOf, entryStep, membersOf } = require('./collections.js');
const { ShapeTree, keysOf } = require('./shapes.js');
const { Models } = require('./models.js');
const { ownWriterOf, writerOf } = require('./shape-writer.js');
const { writeDefinition } = require('./definition.js');
const { writeKeys } = require('./key-lists.js');
const { KIND, SORT, SORT_BITS, SORT_MASK, classify, classifyOrdinary, isMarked, look } = require('../kind');
const { OpenFrames } = require('../open-frames.js');
const { MemoryTable } = require('./memory-table.js');
const { MembersFrame } = require('./write-frames.js');
const { openArray, writeArray } = require('./write-arrays.js');
const { ListedTexts } = require('./listed-texts.js');
const { writeRare } = require('./write-rare.js');

/**
 * @typedef {import('./shapes.js').Shape} Shape
 * @typedef {import('./write-frames.js').Frame} Frame
 * @typedef {{ tag: number, index: number, reason?: unknown }} Thing  what is handed over, beside ports and memory
 * @typedef {{ kind: number, state: number }} CarriedEntry
 * @typedef {object} Context
 * @property {Map<object, number>} ports
 * @property {Pick<Map<ArrayBuffer, number>, 'size' | 'has' | 'get'>} buffers
 * @property {(value: object) => number} [shared]
 * @property {(buffer: SharedArrayBuffer) => ((value: object) => number) | undefined} [sharing]  the same for what processes share
 * @property {(leaving: import('../value/blob-file.js').Leaving) => number} [hand]  takes a descriptor along; its index among what is carried
 * @property {Map<object, Thing>} [things]
 * @property {CarriedEntry[]} [carried]  what the last of the ports carry
 * @property {boolean} [near]  whether the message stays in this process
 */

const { isView } = ArrayBuffer;
const { min } = Math;
const { getPrototypeOf, hasOwn, keys } = Object;
const objectPrototype = Object.prototype;
const shapes = new ShapeTree();
let messages = RARE_SHAPE;

class GraphWriter extends IdentityWriter {
  constructor() {
    super();
    /** @type {Context | null} */
    this.context = null;
    /** Names this message in the shapes it has defined. */
    this.message = 0;
    this.definitions = 0;
    /** @type {MemoryTable | null} */
    this.memory = null;
    /** What travels beside: long texts, then ranges of memory. @type {(string | Uint8Array)[]} */
    this.beside = NONE;
    /** What stands at the end. */
    this.texts = new ListedTexts();
    /** So many of those that could stand there, and do not: of each text no more than makes a fourth of them. */
    this.characters = 0;
    this.models = new Models();
    /** Objects of classes: a message with one needs no models. */
    this.instances = 0;
    /** Nothing of the last message is left. */
    this.tidy = true;
    /** @type {OpenFrames<Frame>} */
    this.frames = new OpenFrames();
    /** What the engine tells of the elements of an array, by the depth of these. @type {Int32Array[]} */
    this.told = [];
    /** So many objects were begun of which one may have a getter: what is known of others need not be true any more. */
    this.began = 0;
    /** Somebody has put an enumerable property on Object.prototype: for-in shows it everywhere. */
    this.inherits = false;
  }

  /**
   * One value after the version byte, then the memory table if there is any.
   * @param {unknown} value
   * @param {Context | null} context
   * @returns {(string | Uint8Array)[]} what travels beside
   */
  graph(value, context) {
    this.context = context;
    this.message = ++messages;
    this.definitions = 0;
    if (!this.tidy) this.#forgetParts(); // at the end of the stack there was no room to
    this.tidy = false;
    this.inherits = hasEnumerable(objectPrototype);
    try {
      this.value(value, 0);
      const memory = /** @type {MemoryTable | null} */ (this.memory);
      if (memory !== null) memory.write(this, context);
      if (this.texts.count !== 0) this.texts.write(this);
      return this.beside;
    } finally {
      this.#forget();
    }
  }

  #forget() {
    this.#forgetParts();
    this.context = null;
    this.tidy = true;
  }

  #forgetParts() {
    this.forgetObjects();
    this.frames.forget();
    if (this.instances > 0) this.models.forget();
    this.instances = 0;
    this.memory = null;
    this.beside = NONE;
    this.texts.forget();
    this.characters = 0;
  }

  /**
   * @param {unknown} value
   * @param {number} depth
   */
  value(value, depth) {
    if (this.pos > this.limit) this.grow(0);
    switch (typeof value) {
      case 'string': return value.length <= INLINE_TEXT ? this.string(value) : this.text(value);
      case 'number': return this.number(value);
      case 'boolean': return this.byte(value ? VALUE.TRUE : VALUE.FALSE);
      case 'object': return value === null ? this.byte(VALUE.NULL) : this.object(value, depth);
      case 'undefined': return this.byte(VALUE.UNDEFINED);
      case 'bigint': return this.bigint(value);
      default: throw new Refusal(value);
    }
  }

  /**
   * One that is not very short: at the end of the message, if that has many.
   * @param {string} value
   */
  text(value) {
    if (value.length > LISTED_TEXT || this.characters < TEXTS_FROM) {
      this.characters += min(value.length, TEXTS_FROM / 4);
      return this.string(value);
    }
    this.byte(VALUE.NEXT_TEXT);
    this.texts.add(value);
  }

  /**
   * What is hashed where it arrives: a short text may be known there.
   * @param {unknown} value
   * @param {number} depth
   */
  key(value, depth) {
    if (typeof value === 'string' && value.length <= KNOWN_TEXT) this.name(value);
    else this.value(value, depth);
  }

  /** @param {string} value */
  longString(value) {
    const { length } = value;
    if (length < TEXT_BESIDE || this.beside.length === TEXTS_BESIDE || this.context?.near !== true) return super.longString(value);
    this.reserve(0);
    this.tagged(VALUE.TEXT, this.putBeside(value));
    this.varint(length);
  }

  /**
   * @param {string | Uint8Array} what  travels beside the body
   * @returns {number} its index among all memory of the message, of which what is transferred comes first
   */
  putBeside(what) {
    if (this.beside === NONE) this.beside = [];
    append(this.beside, what);
    return (this.context?.buffers.size ?? 0) + this.beside.length - 1;
  }

  /**
   * @param {object} object
   * @param {number} depth
   */
  object(object, depth) {
    if (depth >= MAX_RECURSION) return this.run(this.openObject(object), depth);
    if (isView(object)) return this.objectOfSort(object, SORT.VIEW, 0, depth);
    const told = this.tell(object);
    this.objectOfSort(object, told & SORT_MASK, told >> SORT_BITS, depth);
  }

  /**
   * The same of one whose sort was asked for.
   * @param {object} object
   * @param {number} told  its sort
   * @param {number} hash  0: nobody has asked
   * @param {number} depth
   */
  objectOfSort(object, told, hash, depth) {
    const sort = told === SORT.UNTOLD ? look(object) : told;
    if (sort === SORT.ORDINARY || sort === SORT.TABLE) {
      if (this.known(this.ordinary, object, hash)) return;
      const proto = getPrototypeOf(object);
      if (proto !== objectPrototype || isMarked(object)) return this.ofClass(object, proto, sort, depth);
      return sort === SORT.ORDINARY ? this.plain(object, depth) : this.instance(object, depth);
    }
    if (sort === SORT.PROXY) throw new Refusal(object);
    if (sort === SORT.ARRAY || sort === SORT.FULL_ARRAY) {
      return this.known(this.arrays, object, hash) ? undefined : writeArray(this, /** @type {any} */ (object), sort, depth);
    }
    if (this.known(this.others, object, hash)) return;
    if (sort === SORT.DATE) return this.date(object);
    this.kind(object, classify(object, sort), depth);
  }

  /**
   * An ordinary object that is not known yet.
   * @param {object} object
   * @param {object | null} proto  its prototype
   * @param {number} sort
   * @param {number} depth
   */
  ofClass(object, proto, sort, depth) {
    const model = this.instances++ === 0 || proto === null || sort !== SORT.ORDINARY || isMarked(object) ? null : this.models.of(object, proto);
    if (model === null) return this.kind(object, classifyOrdinary(object), depth);
    const { names } = model;
    model.shape ??= this.shapeWith(names);
    const place = this.pos;
    const { shape } = model;
    const named = this.head(shape, names);
    const write = named || shape === null ? null : shape.writeOwn ?? ownWriterOf(shape, names);
    if (write === null) this.members(object, names, named, place, depth);
    else write(this, object, depth + 1, place);
  }

  /**
   * @param {object} object  that is not known yet
   * @param {number} kind
   * @param {number} depth
   */
  kind(object, kind, depth) {
    switch (kind) {
      case KIND.PLAIN: return this.instance(object, depth);
      case KIND.MAP: return this.map(/** @type {any} */ (object), depth);
      case KIND.SET: return this.set(/** @type {any} */ (object), depth);
      case KIND.DATE: return this.date(object);
      default: this.run(writeRare(this, object, kind, depth), depth);
    }
  }

  /** @param {object} date */
  date(date) {
    this.byte(OBJECT.DATE);
    this.float64(dateGetTime(date));
  }

  /**
   * The shape of a plain object; null if it should be a dictionary.
   * @param {object} object
   */
  shapeOf(object) {
    /** @type {Shape | null} */
    let shape = shapes.root;
    for (const key in object) {
      shape = step(shape, key);
      if (shape === null) break;
    }
    return shape;
  }

  /**
   * The same of an object with these keys of its own.
   * @param {string[]} names
   */
  shapeWith(names) {
    /** @type {Shape | null} */
    let shape = shapes.root;
    for (let i = 0; i < names.length && shape !== null; i++) shape = step(shape, names[i]);
    return shape;
  }

  /**
   * Tag and key list of an object of this shape. The first one in a long time is a dictionary: many have no second.
   * @param {Shape | null} shape  null: none that is worth knowing
   * @param {string[]} names  its keys
   * @returns {boolean} a dictionary: keys stand in front of their values
   */
  head(shape, names) {
    if (shape !== null && shape.message === this.message) {
      this.tagged(OBJECT.RECORD, shape.index);
      return false;
    }
    if (shape === null || !this.#isFrequent(shape)) return this.#unshaped(names);
    shape.message = this.message;
    shape.index = this.definitions++;
    this.byte(OBJECT.RECORD_NEW);
    writeDefinition(this, shape);
    return false;
  }

  /**
   * The same of one without a shape.
   * @param {string[]} names
   */
  #unshaped(names) {
    const { length } = names;
    if (length > TABLE_KEYS) {
      const place = this.pos;
      this.tagged(OBJECT.TABLE, length);
      if (writeKeys(this, names)) return false;
      this.pos = place;
    }
    this.tagged(OBJECT.DICTIONARY, length);
    return true;
  }

  /** @param {Shape} shape  of an object of this message */
  #isFrequent(shape) {
    const pause = this.message - shape.seen;
    shape.seen = this.message;
    return pause <= RARE_SHAPE;
  }

  /** @param {string} key in front of its value */
  name(key) {
    if (this.pos > this.limit) this.grow(0);
    this.string(key);
  }

  /**
   * An object whose prototype is Object.prototype.
   * @param {any} object
   * @param {number} depth
   */
  plain(object, depth) {
    this.began++;
    if (this.inherits) return this.run(this.openPlain(object, true), depth);
    const shape = this.shapeOf(object);
    if (shape === shapes.root) return this.byte(OBJECT.EMPTY);
    const place = this.pos;
    const names = shape === null ? keys(object) : keysOf(shape);
    const named = this.head(shape, names);
    if (!named && shape !== null) {
      const write = shape.write ?? writerOf(shape, names);
      if (write !== null) return write(this, object, depth + 1, place);
    }
    let i = 0;
    try {
      for (const key in object) {
        if (!hasOwnProperty(object, key)) continue; // it is inherited: from what a getter has deleted or made meanwhile
        for (; names[i] !== key && i < names.length; i++) this.late(object, names[i], named, place, depth);
        if (i === names.length) break; // a getter has made it the object's own
        if (named) this.name(key);
        this.value(object[key], depth + 1);
        i++;
      }
      for (; i < names.length; i++) this.late(object, names[i], named, place, depth);
    } catch (error) {
      throw located(error, propertyStep(names[i]));
    }
  }

  /**
   * An object of whatever prototype: only what is its own counts. Or one with a table or elements, whose keys the engine puts in order, or makes,
   * each time that it is asked for them.
   * @param {any} object
   * @param {number} depth
   */
  instance(object, depth) {
    this.began++;
    const names = keys(object);
    if (names.length === 0) return this.byte(OBJECT.EMPTY);
    const place = this.pos;
    this.members(object, names, this.head(this.shapeWith(names), names), place, depth);
  }

  /**
   * @param {any} object
   * @param {string[]} names  its keys
   * @param {boolean} named  each stands in front of its value
   * @param {number} place  of the object's tag
   * @param {number} depth
   */
  members(object, names, named, place, depth) {
    let i = 0;
    try {
      for (; i < names.length; i++) this.late(object, names[i], named, place, depth);
    } catch (error) {
      throw located(error, propertyStep(names[i]));
    }
  }

  /**
   * A member which need not be there any more, or not where it was: a getter may have deleted or hidden it meanwhile.
   * @param {any} object
   * @param {string} name
   * @param {boolean} named
   * @param {number} place
   * @param {number} depth
   */
  late(object, name, named, place, depth) {
    if (named) this.name(name);
    if (hasOwn(object, name)) this.value(object[name], depth + 1);
    else this.absent(place);
  }

  /**
   * @param {number} place of the tag of the object whose member is absent
   */
  absent(place) {
    if (this.pos > this.limit) this.grow(0);
    this.bytes[place] |= EARLY;
    this.byte(VALUE.HOLE);
  }

  /**
   * @param {Map<unknown, unknown>} map
   * @param {number} depth
   */
  map(map, depth) {
    const entries = entriesOf(map);
    const { length } = entries;
    let i = 0;
    this.tagged(OBJECT.MAP, length / 2);
    try {
      for (; i < length; i++) {
        if (i % 2 === 0) this.key(entries[i], depth + 1);
        else this.value(entries[i], depth + 1);
      }
    } catch (error) {
      throw located(error, entryStep(entries, i));
    }
  }

  /**
   * @param {Set<unknown>} set
   * @param {number} depth
   */
  set(set, depth) {
    const members = membersOf(set);
    const { length } = members;
    let i = 0;
    this.tagged(OBJECT.SET, length);
    try {
      for (; i < length; i++) this.key(members[i], depth + 1);
    } catch (error) {
      throw located(error, memberStep(i));
    }
  }

  /**
   * @param {number} count
   * @param {number} place of the array's tag
   */
  holes(count, place) {
    this.absent(place);
    if (count === 1) return;
    this.pos--;
    this.tagged(VALUE.HOLES, count);
  }

  /**
   * As object(), but for its members: writes its head, or a reference to it.
   * @param {object} object
   * @returns {Frame | null} its members, if it has any
   */
  openObject(object) {
    const told = this.tell(object);
    const hash = told >> SORT_BITS;
    let sort = told & SORT_MASK;
    if (sort === SORT.UNTOLD) sort = look(object);
    if (sort === SORT.ORDINARY || sort === SORT.TABLE) {
      if (this.known(this.ordinary, object, hash)) return null;
      return getPrototypeOf(object) === objectPrototype && !isMarked(object)
        ? this.openPlain(object, this.inherits || sort === SORT.TABLE) : writeRare(this, object, classifyOrdinary(object), MAX_RECURSION);
    }
    if (sort === SORT.PROXY) throw new Refusal(object);
    if (sort === SORT.ARRAY || sort === SORT.FULL_ARRAY) {
      return this.known(this.arrays, object, hash) ? null : openArray(this, /** @type {any} */ (object), sort);
    }
    return this.known(this.others, object, hash) ? null : writeRare(this, object, classify(object, sort), MAX_RECURSION);
  }

  /**
   * As plain(), or instance(), but for the members.
   * @param {object} object
   * @param {boolean} ownOnly  it may inherit enumerable properties, or is like what instance() writes
   */
  openPlain(object, ownOnly) {
    const own = ownOnly ? keys(object) : null;
    const shape = own === null ? this.shapeOf(object) : this.shapeWith(own);
    const place = this.pos;
    if (shape === shapes.root) {
      this.byte(OBJECT.EMPTY);
      return null;
    }
    const names = own ?? (shape === null ? keys(object) : keysOf(shape));
    const named = this.head(shape, names);
    return new MembersFrame(object, names, named, place);
  }

  /**
   * Writes members until there are no more. Members of members recurse while the depth allows, else they get frames.
   * @param {Frame | null} first  null: there are none
   * @param {number} depth
   */
  run(first, depth) {
    this.began++;
    if (first === null) return;
    const { frames } = this;
    const outer = frames.count;
    frames.open(first);
    try {
      while (frames.count > outer) {
        const frame = frames.top;
        if (!frame.next(this)) {
          frames.close();
          continue;
        }
        const inner = this.member(frame.member, depth + frames.count - outer);
        if (inner !== null) frames.open(inner);
      }
    } catch (error) {
      if (isRefusal(error)) for (; frames.count > outer; frames.close()) error.passed(frames.top.step());
      throw error;
    }
  }

  /**
   * @param {unknown} member
   * @param {number} depth
   * @returns {Frame | null}
   */
  member(member, depth) {
    if (depth < MAX_RECURSION || typeof member !== 'object' || member === null) {
      this.value(member, depth);
      return null;
    }
    if (this.pos > this.limit) this.grow(0);
    return this.openObject(member);
  }

  /** The table behind the views and buffers of this message. */
  memoryTable() {
    return (this.memory ??= new MemoryTable());
  }
}

/**
 * From one list of keys to that with one more.
 * @param {Shape} shape
 * @param {string} key
 */
const step = (shape, key) => (shape.nextKey === key ? shape.next : shapes.step(shape, key));

/** @param {object} object */
function hasEnumerable(object) {
  for (const _key in object) return true;
  return false;
}

module.exports = { GraphWriter };
