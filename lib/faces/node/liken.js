// Gives what stands in place of something of Node's the look that Node's has in this version: which properties a loop sees, what
// functions are called, how many arguments they say they take.
'use strict';

const { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames } = Object;

/**
 * @param {Function} ours
 * @param {Function} nodes
 */
function likenFunction(ours, nodes) {
  if (ours === nodes) return;
  for (const key of /** @type {const} */ (['length', 'name'])) {
    if (ours[key] !== nodes[key]) defineProperty(ours, key, { configurable: true, value: nodes[key] });
  }
}

/**
 * What only one of both has stays as it is, and symbols, which are the inside of either.
 * @param {object} ours
 * @param {object} nodes
 */
function liken(ours, nodes) {
  for (const key of getOwnPropertyNames(nodes)) {
    const mine = getOwnPropertyDescriptor(ours, key);
    const model = getOwnPropertyDescriptor(nodes, key);
    if (mine === undefined || model === undefined || !mine.configurable) continue;
    for (const part of /** @type {const} */ (['value', 'get', 'set'])) {
      if (typeof mine[part] === 'function' && typeof model[part] === 'function') likenFunction(mine[part], model[part]);
    }
    if (mine.enumerable !== model.enumerable) defineProperty(ours, key, { enumerable: model.enumerable });
  }
}

module.exports = { liken };
