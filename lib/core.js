// The rooms that the entries show: those of the copy of this package that this thread has loaded first.
'use strict';

const { share } = require('./native/copies.js');

/** @type {Map<string, unknown>} */
const loaded = new Map();

/**
 * Also where a test runner has had `require` forget what it has loaded.
 * @template T
 * @param {string} name
 * @param {() => T} load
 * @returns {T}
 */
function once(name, load) {
  if (!loaded.has(name)) loaded.set(name, load());
  return /** @type {T} */ (loaded.get(name));
}

/**
 * All parts of a room, which loads each when it is asked for it: later a test runner may have had `require` forget what they use.
 * @template {object} T
 * @param {T} room
 * @returns {T}
 */
function whole(room) {
  for (const [name, value] of Object.entries(room)) Object.defineProperty(room, name, { value, enumerable: true });
  return room;
}

module.exports = share({
  get faces() { return once('faces', () => whole(require('./faces'))); },
  get family() { return once('family', () => whole(require('./family'))); },
  get inspect() { return once('inspect', () => require('./inspect')); },
  get ipc() { return once('ipc', () => require('./ipc')); },
  get shared() { return once('shared', () => require('./shared')); },
  get transfer() { return once('transfer', () => require('./transfer')); },
  get workers() { return once('workers', () => require('./workers')); },
  // What a child preloads, without all that its script may never use.
  get parentLink() { return require('./family/parent-link.js').parentLink; },
  get parentPort() { return require('./family/parent-port.js').parentPort; },
  get mayBePreceded() { return require('./family/main-module.js').mayBePreceded; },
  get renderer() { return require('./ipc/renderer.js'); },
});
