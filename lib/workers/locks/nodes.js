// Node's own locks, which all threads of a process have in common, as they were when we loaded. Missing before Node 24.5.
'use strict';

const { worker_threads } = require('../../native');

/** @type {any} */
const manager = Reflect.get(worker_threads, 'locks');

/** What Node's object has its methods from. @type {{ request: any, query: any } | null} */
const methods = manager ? { ...Object.getPrototypeOf(manager) } : null;

/**
 * @param {any} name
 * @param {any} options
 * @param {any} [callback]
 * @returns {Promise<any>}
 */
const request = (name, options, callback) => Reflect.apply(methods?.request, manager, [name, options, callback]);

/** Locks that nobody holds any more go to who waits for them: Node does not look when the thread that held one is terminated. */
function passOn() {
  if (methods !== null) request('message-channel-main:pass-on', () => {});
}

module.exports = { manager, methods, request, passOn };
