// The encoder's memory of key lists: a tree walked key by key, whose nodes keep the bytes of their list.
'use strict';

const { SafeMap } = require('../../native');
const { startsWithDigit } = require('../array-shape.js');
const { RecentKeys } = require('../recent-keys.js');
const { MANY_BRANCHES, MAX_RECORD_KEY, MAX_RECORD_KEYS, MAX_SHAPE_NODES } = require('../limits.js');

const { Array } = globalThis;

/** One key list. The path from the root to a node spells it. */
class Shape {
  /**
   * @param {Shape | null} parent
   * @param {string} key
   */
  constructor(parent, key) {
    this.parent = parent;
    this.key = key;
    /** @type {number} */
    this.length = parent === null ? 0 : parent.length + 1;
    /** The key that followed last time, and where it led: mostly it is the same again. */
    this.nextKey = '';
    /** @type {Shape | null} */
    this.next = null;
    /** @type {Map<string, Shape> | null} */
    this.others = null;
    /** The message this shape was last defined in, and its index there. */
    this.message = 0;
    this.index = 0;
    /** @type {string[]} */
    this.keys = NO_KEYS;
    /** @type {Uint8Array | null} the definition, once one was needed */
    this.definition = null;
    /** The last message with an object of this shape. */
    this.seen = -1;
    /** Objects that were written without a function for it. */
    this.uses = 0;
    /** @type {import('./shape-writer.js').ShapeWriter | null} */
    this.write = null;
    /** The same for objects of a class: see there. @type {import('./shape-writer.js').ShapeWriter | null} */
    this.writeOwn = null;
  }
}

/** @type {string[]} */
const NO_KEYS = [];

class ShapeTree {
  constructor() {
    this.root = new Shape(null, '');
    this.size = 0;
    /** Of those that followed lists which many follow. */
    this.recent = new RecentKeys();
  }

  /**
   * The slow half of a step. The fast half stands in the encoder, where it costs no call: `shape.nextKey === key ? shape.next : ...`.
   * @param {Shape} shape
   * @param {string} key
   * @returns {Shape | null} null: a list with this key is not worth knowing
   */
  step(shape, key) {
    const { others } = shape;
    if (others !== null && others.size >= MANY_BRANCHES && this.recent.isNew(key)) return null;
    const next = others?.get(key) ?? this.#grow(shape, key);
    if (next !== null) {
      shape.nextKey = key;
      shape.next = next;
    }
    return next;
  }

  /**
   * @param {Shape} shape
   * @param {string} key
   */
  #grow(shape, key) {
    if (shape.length === MAX_RECORD_KEYS || key.length > MAX_RECORD_KEY || startsWithDigit(key)) return null;
    if (this.size++ === MAX_SHAPE_NODES) this.#forget();
    const next = new Shape(shape, key);
    shape.others ??= new SafeMap();
    shape.others.set(key, next);
    return next;
  }

  /** Shapes in use live on until their message is done; nobody finds them afterwards. */
  #forget() {
    this.root = new Shape(null, '');
    this.size = 1;
  }
}

/**
 * The list that ends here. Kept, because every object of this shape is checked against it.
 * @param {Shape} shape
 */
function keysOf(shape) {
  if (shape.keys.length === shape.length) return shape.keys;
  const keys = new Array(shape.length);
  for (let node = shape; node.parent !== null; node = node.parent) keys[node.length - 1] = node.key;
  return (shape.keys = keys);
}

module.exports = { Shape, ShapeTree, keysOf };
