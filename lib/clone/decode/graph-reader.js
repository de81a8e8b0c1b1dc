// Objects: what many messages have by recursion, everything rare, deep or circular by frames.
'use strict';

const { NONE, SafeMap, SafeSet, latin1Slice, mapSet, setAdd, ucs2Slice } = require('../../native');
const { ByteReader, NOTHING, NO_VIEW } = require('./byte-reader.js');
const { EARLY, OBJECT, VALUE, SHORT_STRING, SMALL_INT, WITH_TEXTS } = require('../tags.js');
const {
  BUDGET, BUDGET_FACTOR, COST, FEW_DICTIONARIES, KNOWN_TEXT, MAX_PRESIZED, MAX_RECORD_KEY,
  MAX_RECURSION, TABLE_KEYS,
} = require('../limits.js');
const { beginCollection, mayBeKnown } = require('./known-texts.js');
const { malformed } = require('./malformed.js');
const { OpenFrames } = require('../open-frames.js');
const { RecentKeys } = require('../recent-keys.js');
const { readKeys } = require('./key-lists.js');
const { readShape, construct, setOwn } = require('./shape-cache.js');
const { spendKey } = require('./element-room.js');
const { readError } = require('./read-errors.js');
const { readNumbers } = require('./read-numbers.js');
const { readTexts, readTextsBehind } = require('./read-texts.js');
const { open } = require('./read-objects.js');
const { startsWithDigit } = require('../array-shape.js');
const { readCarried } = require('./read-carried.js');
const { readMemoryTable } = require('./read-memory.js');

/**
 * @typedef {import('./shape-cache.js').KnownShape} KnownShape
 * @typedef {import('./read-frames.js').Frame} Frame
 * @typedef {import('./read-memory.js').Memory} Memory
 * @typedef {{ ports: object[], memories: (ArrayBuffer | string)[], shared: unknown[], carried: Openable[] }} Parts
 * @typedef {{ kind: number, open(): object, openWith(writable: Openable): object }} Openable
 */

/** @type {Parts} */
const NO_PARTS = { ports: [], memories: [], shared: [], carried: [] };

/** As they are when we load. */
const { Array, Date, Map, Set, Uint8Array } = globalThis;
const { setPrototypeOf } = Object;
const objectPrototype = Object.prototype;

/** First keys of dictionaries. */
const firstKeys = new RecentKeys();

class GraphReader extends ByteReader {
  constructor() {
    super();
    /** @type {Parts} */
    this.parts = NO_PARTS;
    /** @type {KnownShape[]} the shapes this message has defined */
    this.shapes = [];
    /** @type {Map<number, object> | null} objects that are referred to, by the place of their tag */
    this.early = null;
    /** @type {Memory[] | null} */
    this.memory = null;
    /** What travelled beside and was used. @type {Set<ArrayBuffer> | null} */
    this.used = null;
    /** @type {Frame | null} the members of the object that was just opened */
    this.opened = null;
    /** @type {OpenFrames<Frame>} */
    this.frames = new OpenFrames();
    /** What stands at its end. @type {string[]} */
    this.texts = NONE;
    /** So many of those have been used. */
    this.textsUsed = 0;
    /** Bytes that may still be taken for what this message is made of. */
    this.budget = 0;
    /** Dictionaries that were read so far, of all messages; no longer counted once they are not few. */
    this.dictionaries = 0;
    /** Nothing of the last message is left. */
    this.tidy = true;
    /** Levels read by recursion. */
    this.deepest = /** @type {number} */ (MAX_RECURSION);
  }

  /**
   * @param {Uint8Array} bytes
   * @param {DataView} view
   * @param {number} start
   * @param {number} end
   * @param {Parts} parts
   */
  graph(bytes, view, start, end, parts) {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.pos = start + 1;
    this.end = end;
    this.parts = parts;
    this.budget = BUDGET + BUDGET_FACTOR * (end - start);
    if (!this.tidy) this.#forgetParts(); // at the end of the stack there was no room to
    this.tidy = false;
    try {
      if (bytes[start] === WITH_TEXTS) this.texts = readTextsBehind(this);
      const value = this.value(0);
      if (this.pos !== this.end) throw malformed('there is something behind its end');
      if (this.textsUsed !== this.texts.length) throw malformed('texts that are nobody\'s');
      return value;
    } finally {
      this.#forget();
    }
  }

  /** Nothing is kept alive between two messages. */
  #forget() {
    this.bytes = NOTHING;
    this.view = NO_VIEW;
    this.parts = NO_PARTS;
    this.#forgetParts();
    this.tidy = true;
  }

  #forgetParts() {
    this.opened = null;
    this.frames.forget();
    if (this.shapes.length !== 0) this.shapes = [];
    this.early = null;
    this.memory = null;
    this.used = null;
    this.texts = NONE;
    this.textsUsed = 0;
  }

  /**
   * Asks before something is made that takes many times its bytes in the message.
   * @param {number} bytes
   */
  spend(bytes) {
    if ((this.budget -= bytes) < 0) throw malformed('it would take far more memory than its size (MESSAGE_PORTS_BUDGET is the limit)');
  }

  /**
   * @param {number} depth
   * @returns {unknown}
   */
  value(depth) {
    const pos = this.pos;
    if (pos >= this.end) throw malformed('it ends too early');
    const tag = this.bytes[pos];
    this.pos = pos + 1;
    if (tag >= 0x80) return tag - SMALL_INT;
    if (tag >= SHORT_STRING) return this.shortString(tag - SHORT_STRING);
    if (tag < VALUE.NULL) return this.object(tag, pos, depth);
    if (tag === VALUE.INT16 && pos + 2 < this.end) {
      this.pos = pos + 3;
      return this.view.getInt16(pos + 1, true);
    }
    if (tag === VALUE.INT32 && pos + 4 < this.end) {
      this.pos = pos + 5;
      return this.view.getInt32(pos + 1, true);
    }
    if (tag === VALUE.FLOAT64 && pos + 8 < this.end) {
      this.pos = pos + 9;
      return this.view.getFloat64(pos + 1, true);
    }
    if (tag === VALUE.NEXT_TEXT) return this.nextText();
    return this.primitive(tag);
  }

  /**
   * @param {number} tag
   * @param {number} pos of the tag
   * @param {number} depth
   * @returns {unknown}
   */
  object(tag, pos, depth) {
    if (depth < this.deepest) {
      switch (tag) {
        case OBJECT.RECORD: return construct(this.knownShape(), this, depth + 1);
        case OBJECT.RECORD_NEW: return construct(this.newShape(), this, depth + 1);
        case OBJECT.ARRAY: return this.array(depth + 1);
        case OBJECT.DATE: return new Date(this.float64());
        case OBJECT.NUMBERS: return readNumbers(this);
        case OBJECT.TEXTS: return readTexts(this);
        case OBJECT.DICTIONARY: return this.dictionary(depth + 1);
        case OBJECT.TABLE: return this.keyedTable(depth + 1);
        case OBJECT.MAP: return this.map(depth + 1);
        case OBJECT.SET: return this.set(depth + 1);
        case OBJECT.ERROR: return readError(this, depth + 1);
        default:
      }
    }
    const object = open(this, tag, pos);
    if (this.opened !== null) this.run(this.opened, depth);
    return object;
  }

  /** @param {number} tag */
  primitive(tag) {
    switch (tag) {
      case VALUE.FLOAT64: return this.float64();
      case VALUE.INT16: return this.int16();
      case VALUE.INT32: return this.int32();
      case VALUE.LATIN1: return this.latin1();
      case VALUE.TRUE: return true;
      case VALUE.FALSE: return false;
      case VALUE.NULL: return null;
      case VALUE.UNDEFINED: return undefined;
      case VALUE.REFERENCE: return this.reference();
      case VALUE.UTF16: return this.utf16();
      case VALUE.BIGINT64: return this.bigint64();
      case VALUE.BIGINT_POSITIVE: return this.longBigint(false);
      case VALUE.BIGINT_NEGATIVE: return this.longBigint(true);
      case VALUE.TEXT: return this.textBeside();
      case VALUE.CARRIED_LIST: return this.behindCarried();
      default: throw malformed(`unknown tag ${tag}`);
    }
  }

  text() {
    const tag = this.pos < this.end ? this.bytes[this.pos] : VALUE.NULL;
    if (tag !== VALUE.TEXT && tag !== VALUE.NEXT_TEXT) return super.text();
    this.pos++;
    return tag === VALUE.TEXT ? this.textBeside() : this.nextText();
  }

  /** The next of those that stand at the end. */
  nextText() {
    if (this.textsUsed >= this.texts.length) throw malformed('a text that is not there');
    return this.texts[this.textsUsed++];
  }

  /** One that did not leave its process is there; of any other there are bytes. */
  textBeside() {
    const index = this.varint();
    const length = this.varint();
    const text = this.parts.memories[index];
    if (typeof text === 'string') return text;
    const bytes = new Uint8Array(this.bufferBeside(index));
    if (bytes.length === length) return latin1Slice(bytes, 0, length);
    if (bytes.length !== 2 * length) throw malformed('a text of another length');
    return ucs2Slice(bytes, 0, bytes.length);
  }

  /**
   * Memory that travelled beside. It is used once: otherwise a few bytes could ask for many copies.
   * @param {number} index
   */
  bufferBeside(index) {
    const buffer = this.parts.memories[index];
    this.used ??= new SafeSet();
    if (buffer === undefined || typeof buffer === 'string' || this.used.has(buffer)) throw malformed('memory that is not there');
    this.used.add(buffer);
    return buffer;
  }

  /** The value behind the list of what ports carry, which has been read before: it says what the parts are. */
  behindCarried() {
    if (this.pos !== this.start + 2) throw malformed('a list of what ports carry that stands inside');
    const { length } = readCarried(this);
    // Behind what ports carry stands what is a descriptor.
    if (length > 0 && !(this.parts.carried[length - 1]?.kind > 0)) throw malformed('ports are missing');
    return this.value(0);
  }

  reference() {
    const object = this.early?.get(this.varint());
    if (object === undefined) throw malformed('a reference to no object');
    return object;
  }

  /**
   * An array without holes that nobody refers to.
   * @param {number} depth
   */
  array(depth) {
    const length = this.varint();
    if (length > this.end - this.pos) throw malformed('an array is longer than the message');
    this.spend(arrayCost(length));
    // The short ones are literals, which compiled code makes by itself.
    switch (length) {
      case 0: return [];
      case 1: return [this.value(depth)];
      case 2: return [this.value(depth), this.value(depth)];
      case 3: return [this.value(depth), this.value(depth), this.value(depth)];
      case 4: return [this.value(depth), this.value(depth), this.value(depth), this.value(depth)];
      default:
    }
    const array = length > MAX_PRESIZED ? [] : new Array(length);
    for (let i = 0; i < length; i++) array[i] = this.value(depth);
    return array;
  }

  /**
   * A dictionary without absent members that nobody refers to.
   * @param {number} depth
   */
  dictionary(depth) {
    const count = this.varint();
    this.spend(COST.OBJECT);
    if (count === 0) return {};
    const key = this.text();
    if (count > TABLE_KEYS || this.#earnsTable(key)) return this.table(key, count, depth);
    let room = spendKey(this, key, 0);
    // A key in brackets is an own property, whatever it is: nothing needs to be asked first.
    if (count === 1) return { [key]: this.value(depth) };
    /** @type {Record<string, unknown>} */
    const object = {};
    setOwn(object, key, this.value(depth));
    for (let i = 1; i < count; i++) {
      const next = this.text();
      room = spendKey(this, next, room);
      setOwn(object, next, this.value(depth));
    }
    return object;
  }

  /**
   * Of a few keys. The engine describes each list of keys that it meets, which takes most of the time of an object that remains the only one
   * with its keys. It describes none of what is a table from the beginning. Of what comes again a table takes longer: so only
   * who has sent many dictionaries gets tables, and only with first keys that are new. Elements need no description.
   * @param {string} key  the first one
   */
  #earnsTable(key) {
    if (this.dictionaries < FEW_DICTIONARIES) {
      this.dictionaries++;
      return false;
    }
    return this.budget >= BUDGET / 2 && key.length <= MAX_RECORD_KEY && !startsWithDigit(key) && firstKeys.isNew(key);
  }

  /**
   * A dictionary as a table. It has no prototype until it is filled, so that every key makes an own property.
   * @param {string} key
   * @param {number} count
   * @param {number} depth
   * @returns {object}
   */
  table(key, count, depth) {
    this.spend(COST.TABLE + COST.NAME * count);
    const object = /** @type {Record<string, unknown>} */ ({ __proto__: null });
    let room = spendKey(this, key, 0);
    object[key] = this.value(depth);
    const known = beginCollection(count);
    for (let i = 1; i < count; i++) {
      const next = known && mayBeKnown() ? this.name() : this.text();
      room = spendKey(this, next, room);
      object[next] = this.value(depth);
    }
    return setPrototypeOf(object, objectPrototype);
  }

  /**
   * The same with all keys in front.
   * @param {number} depth
   */
  keyedTable(depth) {
    const { keys, literal } = this.keyList();
    const object = literal === null ? /** @type {Record<string, unknown>} */ ({ __proto__: null }) : literal();
    for (let i = 0; i < keys.length; i++) object[keys[i]] = this.value(depth);
    return setPrototypeOf(object, objectPrototype);
  }

  /** Those of a table. */
  keyList() {
    const count = this.varint();
    if (count <= TABLE_KEYS) throw malformed('a table of few keys');
    this.spend(COST.OBJECT + COST.TABLE + COST.NAME * count);
    const list = readKeys(this, count);
    this.spend(list.cost);
    return list;
  }

  /**
   * A Map that nobody refers to.
   * @param {number} depth
   */
  map(depth) {
    const size = this.varint();
    this.spend(COST.MAP + COST.ENTRY * size);
    const map = new Map();
    let i = beginCollection(size) ? this.#knownKeys(map, size, depth) : 0;
    for (; i < size; i++) mapSet(map, this.value(depth), this.value(depth));
    return map;
  }

  /**
   * A Set that nobody refers to.
   * @param {number} depth
   */
  set(depth) {
    const size = this.varint();
    this.spend(COST.SET + COST.ENTRY * size);
    const set = new Set();
    let i = beginCollection(size) ? this.#knownMembers(set, size, depth) : 0;
    for (; i < size; i++) setAdd(set, this.value(depth));
    return set;
  }

  /**
   * Reads entries for as long as their keys may be known.
   * @param {Map<unknown, unknown>} map
   * @param {number} size
   * @param {number} depth
   * @returns {number} how many
   */
  #knownKeys(map, size, depth) {
    let i = 0;
    for (; i < size && mayBeKnown(); i++) mapSet(map, this.key(depth), this.value(depth));
    return i;
  }

  /**
   * The same of a Set.
   * @param {Set<unknown>} set
   * @param {number} size
   * @param {number} depth
   */
  #knownMembers(set, size, depth) {
    let i = 0;
    for (; i < size && mayBeKnown(); i++) setAdd(set, this.key(depth));
    return i;
  }

  /**
   * What is hashed: a short text may be known, with its hash.
   * @param {number} depth
   */
  key(depth) {
    return this.#short() ?? this.value(depth);
  }

  /** The same where nothing but a text may stand. */
  name() {
    return this.#short() ?? this.text();
  }

  /** The text that comes next, if it is short; anything else is still to be read. */
  #short() {
    const pos = this.pos;
    const length = pos < this.end ? this.bytes[pos] - SHORT_STRING : 0;
    if (length <= 0 || length > KNOWN_TEXT) return undefined;
    this.pos = pos + 1;
    return this.knownString(length);
  }

  knownShape() {
    const shape = this.shapes[this.varint()];
    if (shape === undefined) throw malformed('a record of an unknown shape');
    return shape;
  }

  newShape() {
    this.spend(COST.SHAPE);
    const shape = readShape(this);
    this.shapes[this.shapes.length] = shape;
    return shape;
  }

  /**
   * Called for every object that is made before its members.
   * @param {number} tag
   * @param {number} pos of the tag
   * @param {object} object
   */
  register(tag, pos, object) {
    if ((tag & EARLY) === 0) return;
    this.early ??= new SafeMap();
    this.early.set(pos - this.start, object);
  }

  /**
   * Reads members until there are no more.
   * @param {Frame} first
   * @param {number} depth
   */
  run(first, depth) {
    const { frames } = this;
    const outer = frames.count;
    frames.open(first);
    while (frames.count > outer) {
      const frame = frames.top;
      if (!frame.next(this)) {
        frames.close();
        continue;
      }
      const inner = this.member(frame, depth + frames.count - outer);
      if (inner !== null) frames.open(inner);
    }
  }

  /**
   * Reads one member, or only opens it if it is too deep.
   * @param {Frame} frame
   * @param {number} depth
   * @returns {Frame | null}
   */
  member(frame, depth) {
    const pos = this.pos;
    if (depth < this.deepest || pos >= this.end || this.bytes[pos] >= VALUE.NULL) {
      frame.put(this.value(depth));
      return null;
    }
    this.pos = pos + 1;
    const object = open(this, this.bytes[pos], pos);
    const inner = this.opened;
    frame.put(object);
    return inner;
  }

  /**
   * Steps over an absent member.
   * @returns {boolean}
   */
  absent() {
    if (this.pos >= this.end || this.bytes[this.pos] !== VALUE.HOLE) return false;
    this.pos++;
    return true;
  }

  /**
   * The table behind the graph, read when the first view or buffer asks for it; it moves `end` in front of itself.
   */
  memoryTable() {
    return (this.memory ??= readMemoryTable(this));
  }
}

/** @param {number} length */
function arrayCost(length) {
  return length < 5 ? COST.ARRAY + COST.ELEMENT * length : COST.SHORT_ARRAY + COST.ELEMENT * length;
}

module.exports = { NO_PARTS, GraphReader };
