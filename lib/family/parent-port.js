// The port to the parent, in a worker or in a child; null in a thread or process that was started otherwise.
'use strict';

const { EventEmitter } = require('node:events');
const { Link } = require('./link.js');
const { mainFace, watchListeners, UNCLONEABLE, refuseJSON } = require('../faces');
const { worker_threads: { isMainThread } } = require('../native');
const { parentLink } = require('./parent-link.js');
const { FACES, post } = require('../port');
const { readTransfer } = require('../transfer');

const { process } = globalThis;

/** @type {import('../port/endpoint.js').Face} */
const face = { ...mainFace, kind: FACES.parentPort };

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
    post(this.#link, arguments.length === 0 ? null : message, transfer, readTransfer, this.postMessage);
  }

  static {
    watchListeners(this.prototype, { message: (port, listening) => port.#link.listen(listening) });
    Object.defineProperty(this.prototype, 'toJSON', { value: refuseJSON });
  }
}

/** Whom Node's face has started has its parentPort there. */
const parentPort = parentLink.key === 0 || parentLink.manners !== 'electron' ? null : new ParentPort(parentLink.key);

if (isMainThread && parentPort !== null) Object.assign(process, { parentPort });

module.exports = { parentPort };
