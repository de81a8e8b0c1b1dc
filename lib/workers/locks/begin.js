// In a process that stands for a worker, Node's `locks` are those of the family: the one object that there is, by whatever name
// (`navigator.locks` too), has our methods. Who asks for no lock loads no more than this.
'use strict';

const { manager, methods } = require('./nodes.js');

const ours = {
  /** @param {any} name @param {any} options @param {any} [callback] */
  async request(name, options, callback = undefined) {
    return require('./asking.js').request(name, options, callback);
  },
  /** @this {unknown} */
  async query() {
    return require('./asking.js').query(this);
  },
};

function begin() {
  if (methods === null) return;
  const prototype = Object.getPrototypeOf(manager);
  for (const [name, value] of Object.entries(ours)) Object.defineProperty(prototype, name, { value });
}

module.exports = { begin };
