// The port to the parent, in a worker or in a child; null in a thread or process that was started otherwise.
'use strict';

const { EventEmitter } = require('node:events');
const { Link } = require('./link.js');
const { watchListeners } = require('../faces/listeners.js');
const { wrapMain } = require('../faces/main/port.js');
const { parentLink } = require('./parent-link.js');
const { post } = require('../port/post.js');
const { UNCLONEABLE, refuseJSON } = require('../faces/uncloneable.js');

/** @typedef {import('../port/endpoint.js').Face} Face */

class ParentPort extends EventEmitter {
  /** @type {Link} */
  #link;
  _uncloneable = UNCLONEABLE;

  /** @param {number} key */
  constructor(key) {
    super();
    this.#link = new Link(key, this, face);
    this.#link.sideCar = parentLink.sideCar;
  }

  /**
   * @param {any} [message]
   * @param {import('../port/post.js').TransferArgument} [transfer]
   */
  postMessage(message, transfer) {
    post(this.#link, arguments.length === 0 ? null : message, transfer);
  }

  static {
    watchListeners(this.prototype, 'message', (port, listening) => port.#link.listen(listening));
    Object.defineProperty(this.prototype, 'toJSON', { value: refuseJSON });
  }
}

/** @type {Face} */
const face = {
  wrap: wrapMain,
  message: (/** @type {ParentPort} */ port, data, ports) => { port.emit('message', { data, ports }); },
  messageerror: (/** @type {ParentPort} */ port, error, ports) => port.emit('messageerror', { error, ports }),
  close: (/** @type {ParentPort} */ port) => { port.emit('close'); },
  drain: (/** @type {ParentPort} */ port) => { port.emit('drain'); },
};

const parentPort = parentLink.key === 0 ? null : new ParentPort(parentLink.key);

module.exports = { parentPort };
