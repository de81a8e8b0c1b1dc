// Other copies of this package in the same program: nested dependencies, a bundle beside node_modules.
'use strict';

const { withCode } = require('./errors.js');

/**
 * What copies have to agree on: the rooms that they lend each other, what a worker or child is told of its link, and the
 * addon. It changes with any of these.
 */
const PROTOCOL = 1;

/** Under this key a realm has the rooms of the copy that was loaded first. */
const ROOMS = Symbol.for('message-channel-main:rooms');

/**
 * Throws where a copy of another protocol has made what this one is to use.
 * @param {unknown} protocol  the other one's
 */
function agree(protocol) {
  if (protocol === PROTOCOL) return;
  const text = `Two versions of message-channel-main meet that cannot share ports (protocol ${protocol} there, ${PROTOCOL} here): `
    + 'use one version of it; `npm ls message-channel-main` shows who brings which.';
  throw withCode(new Error(text), 'ERR_PROTOCOL_VERSION');
}

/**
 * @template T
 * @param {T} rooms  ours
 * @returns {T} those of the copy that came first
 */
function share(rooms) {
  const first = Reflect.get(globalThis, ROOMS);
  if (first === undefined) {
    Object.defineProperty(globalThis, ROOMS, { value: { protocol: PROTOCOL, rooms } });
    return rooms;
  }
  agree(first.protocol);
  return first.rooms;
}

module.exports = { PROTOCOL, agree, share };
