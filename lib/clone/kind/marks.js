// Objects that somebody has marked as not to be cloned: worker_threads' markAsUncloneable.
'use strict';

const { SafeWeakMap } = require('../../native');

/** Null until there is one: every object of every message is asked for. @type {WeakMap<object, true> | null} */
let marks = null;

/** @param {object} object */
function markAsUncloneable(object) {
  marks ??= new SafeWeakMap();
  marks.set(object, true);
}

/** @param {object} object */
const isMarked = (object) => marks !== null && marks.has(object);

module.exports = { isMarked, markAsUncloneable };
