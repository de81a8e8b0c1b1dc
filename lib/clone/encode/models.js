// What is known of objects of a program's classes, within one message: to find out what each is and has takes most of the time of
// writing it. A copy that nobody else has stands for all that the engine takes for alike.
'use strict';

const { NONE, append, native } = require('../../native');
const { KIND, classifyOrdinary } = require('../kind');
const { MODEL_AFTER, MODELED_CLASSES, MODELS_OF_CLASS } = require('../limits.js');

/** @typedef {import('./shapes.js').Shape} Shape */

const { isLike } = native;
const { getOwnPropertyDescriptor, getOwnPropertySymbols, hasOwn, keys } = Object;

/**
 * Invariant: whatever is like the copy has these keys, in this order, as data and enumerable; it has the same prototype, and nothing by
 * which it could be more than a plain object. No user code has the copy, so that this remains true, whatever that does to others.
 * @typedef {object} Model
 * @property {object} copy
 * @property {string[]} names
 * @property {Shape | null} shape  null: nobody has asked, or they should be dictionaries
 */

/**
 * @param {object} object  ordinary, and not marked
 * @returns {Model | null} null: what is alike may have getters, or be something else
 */
function modelOf(object) {
  const copy = native.copyOf(object);
  if (copy === undefined || !isLike(object, copy) || !isNothingMore(copy)) return null;
  const names = keys(copy);
  for (let i = 0; i < names.length; i++) if (!hasOwn(/** @type {object} */ (getOwnPropertyDescriptor(copy, names[i])), 'value')) return null;
  return names.length === 0 ? null : { copy, names, shape: null };
}

/**
 * An emitter may be a socket, and what has a symbol may have a native half, by what stands there: another one that is alike, too.
 * @param {object} object
 */
const isNothingMore = (object) => classifyOrdinary(object) === KIND.PLAIN && getOwnPropertySymbols(object).length === 0 && !hasOwn(object, '_events');

/** Those of one class: its objects may have been given their members in different ways. */
class ClassModels {
  /** @type {Model[]} */
  #models = [];
  /** Objects that were like none, since the last model was made. */
  #unlike = 0;

  /** @param {object} proto */
  constructor(proto) {
    this.proto = proto;
  }

  /**
   * @param {object} object  of this prototype
   * @returns {Model | null}
   */
  alike(object) {
    const models = this.#models;
    for (let i = 0; i < models.length; i++) if (isLike(object, models[i].copy)) return models[i];
    if (++this.#unlike !== MODEL_AFTER) return null;
    const model = models.length < MODELS_OF_CLASS ? modelOf(object) : null;
    if (model === null) {
      models.length = 0; // each is of a shape of its own
      return null;
    }
    this.#unlike = 0;
    append(models, model);
    return model;
  }
}

class Models {
  /** @type {ClassModels[]} */
  #classes = NONE;

  /**
   * @param {object} object  ordinary, and not marked
   * @param {object} proto  its prototype
   * @returns {Model | null} one that the object is like
   */
  of(object, proto) {
    const classes = this.#classes;
    for (let i = 0; i < classes.length; i++) if (classes[i].proto === proto) return classes[i].alike(object);
    if (classes.length === MODELED_CLASSES) return null;
    const its = new ClassModels(proto);
    if (classes === NONE) this.#classes = [its];
    else append(classes, its);
    return its.alike(object);
  }

  forget() {
    this.#classes = NONE;
  }
}

module.exports = { Models };
