// What Node's own ports are made of: an EventTarget with an EventEmitter's methods, and the hooks that tell of listeners.
'use strict';

const { symbolOf } = require('../../clone');
const { withCode, worker_threads } = require('../../native');
const { LISTENER_ADDED, LISTENER_REMOVED, TELLS } = require('../listener-hooks.js');
const { refuseJSON } = require('../uncloneable.js');

const NodePort = worker_threads.MessagePort;

/** Not public, and the only class of its kind. @type {any} */
const NodeEventTarget = Object.getPrototypeOf(NodePort);

/** Hands out a value: to listeners in Node's manner as it is, to others in an event that is made when there is one. */
const DISPATCH = Symbol.for('nodejs.internal.kHybridDispatch');

/** @type {any} */
const CREATE_EVENT = symbolOf(NodePort?.prototype ?? {}, 'kCreateEvent');

if (CREATE_EVENT === undefined || !TELLS || !(DISPATCH in NodeEventTarget.prototype)) {
  throw withCode(
    new Error('message-channel-main/worker_threads needs the NodeEventTarget of Node.js, which this runtime does not have'),
    'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
  );
}

/** What is on its prototype does not show among the methods of a port, which are Node's. */
class Emitter extends NodeEventTarget {
  static {
    Object.defineProperty(this.prototype, 'toJSON', { value: refuseJSON });
  }
}

module.exports = { Emitter, CREATE_EVENT, DISPATCH, LISTENER_ADDED, LISTENER_REMOVED };
