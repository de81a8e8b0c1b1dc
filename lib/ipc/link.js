// Carries the protocol over a link of its own, beside the one that parentPort has.
'use strict';

const { canPost, closeAll, receive, post } = require('../port');
const { readIpcTransfer } = require('./arguments.js');
const { Link } = require('../family');
const { SYNC_SLICE } = require('./limits.js');
const { native, isOverflow } = require('../native');
const { UNREAD } = require('./peer.js');

/** @typedef {import('../port/endpoint.js').Face} Face */
/** @typedef {Pick<Face, 'kind' | 'wrap'>} Side */
/** @typedef {import('./peer.js').IpcPeer} IpcPeer */
/** @typedef {import('./frame.js').Frame} Frame */

/**
 * @param {Side} side
 * @returns {Face}
 */
const faceOf = ({ kind, wrap }) => ({
  kind,
  wrap,
  message: (/** @type {IpcPeer} */ peer, frame, ports) => peer.receive(frame, ports),
  messageerror: (/** @type {IpcPeer} */ peer) => {
    peer.unread();
    return false;
  },
  close: (/** @type {IpcPeer} */ peer) => peer.ended(),
  drain: () => {},
});

/** It does not hold the event loop unless it is told to. */
class IpcLink extends Link {
  #finishing = false;

  /**
   * @param {number} key
   * @param {Side} side  gives arriving ports its face
   * @param {IpcPeer} peer
   * @param {import('../port/endpoint.js').Carrier['sideCar']} sideCar
   * @param {import('node:async_hooks').AsyncResource} [resource]  another async context than the present one
   */
  constructor(key, side, peer, sideCar, resource) {
    super(key, peer, faceOf(side), resource);
    this.sideCar = sideCar;
    this.reference(false);
  }

  /** @override @param {boolean} on */
  reference(on) {
    super.reference(on || this.#finishing);
  }

  /** @override @param {() => void} callback */
  finish(callback) {
    this.#finishing = true;
    this.conclude();
    super.finish(callback);
  }

  get closed() {
    return this.key === 0;
  }

  open() {
    this.listen(true);
  }

  /**
   * @param {Frame} frame
   * @param {unknown} [transfer]
   */
  post(frame, transfer) {
    post(this, frame, transfer, readIpcTransfer, this.post);
  }

  /** @param {unknown} value */
  canPost(value) {
    return canPost(value, this);
  }

  /** @param {number} milliseconds  after fewer it may say that there is nothing */
  receiveWithin(milliseconds) {
    if (this.key === 0) return null;
    this.open();
    native.flush();
    if (native.wait(this.key, Math.min(Math.ceil(milliseconds), SYNC_SLICE)) === 0) return undefined;
    try {
      return receive(this);
    } catch (error) {
      return isOverflow(error) ? undefined : UNREAD; // else it is gone
    }
  }

  /** @param {object[]} ports */
  dismiss(ports) {
    closeAll(ports);
  }
}

module.exports = { IpcLink };
