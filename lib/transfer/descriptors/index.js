// What leaves as a descriptor: the copy is native's, made at the post; here is what there is to know of it beside.
'use strict';

const { OBJECT, openFileBlob, ownBySymbol } = require('../../clone');
const { HANDED, NONE, native } = require('../../native');
const { registerHanded } = require('../../port');
const { isFileDescriptor, leavingDescriptor, openDescriptor } = require('./file-descriptor.js');

/**
 * How one kind of objects leaves. Until `leave` nobody notices.
 * @typedef {object} Thing
 * @property {string} name
 * @property {number} kind  what the receiver makes sure of
 * @property {() => string | null} look  why it cannot leave now
 * @property {() => number} fd
 * @property {() => Uint8Array} take  what else goes along
 * @property {() => void} leave  it has left: closes the original
 * @property {() => void} stay  it does not: puts back what was taken
 */

const { hasOwn } = Object;

/** Loaded when there is one: with them Node loads its own. */
const sockets = () => require('./sockets.js');
const datagrams = () => require('./datagrams.js');
const files = () => require('./file-handle.js');

/** What a descriptor is not, if it is not what its object says. @type {Record<number, string>} */
const IS_NOT = {
  [HANDED.ANY]: 'has a descriptor that is not open any more',
  [HANDED.FILE]: 'has a descriptor that is no file\'s any more',
  [HANDED.DATAGRAMS]: 'is no socket of UDP',
};

/** A {@link import('../departure.js').Departure} that takes no port. */
class HandedDeparture {
  /** @readonly */ name;
  /** @readonly */ tag = OBJECT.CARRIED;
  isPort = false;
  isHanded = true;
  parts = NONE;
  entries = NONE;
  #thing;

  /** @param {Thing} thing */
  constructor(thing) {
    this.name = thing.name;
    this.#thing = thing;
  }

  get refusal() {
    const { kind } = this.#thing;
    const refusal = this.#thing.look();
    if (refusal !== null || native.isOfKind(kind, this.#thing.fd())) return refusal;
    return IS_NOT[kind] ?? 'is no socket of TCP or of unix';
  }

  claim() {
    return NONE;
  }

  /** @returns {[kind: number, fd: number, body: Uint8Array]} */
  hand() {
    const body = this.#thing.take();
    return [this.#thing.kind, this.#thing.fd(), body];
  }

  depart() {
    this.#thing.leave();
  }

  stay() {
    this.#thing.stay();
  }
}

/** Each kind by what its objects have of their own: nothing is loaded for what has none of it. All of them are emitters. */
const kinds = [
  {
    looksSo: (/** @type {object} */ object) => hasOwn(object, '_handle') || hasOwn(object, '_hadError'),
    is: (/** @type {object} */ object) => sockets().isSocket(object),
    leaving: (/** @type {object} */ object) => sockets().leavingSocket(object),
  },
  {
    looksSo: (/** @type {object} */ object) => ownBySymbol(object, 'state symbol') !== undefined,
    is: (/** @type {object} */ object) => datagrams().isDatagramSocket(object),
    leaving: (/** @type {object} */ object) => datagrams().leavingDatagrams(object),
  },
  {
    looksSo: (/** @type {object} */ object) => hasOwn(object, 'close') && ownBySymbol(object, 'kHandle') !== undefined,
    is: (/** @type {object} */ object) => files().isFileHandle(object),
    leaving: (/** @type {object} */ object) => files().leavingFileHandle(object),
  },
];

/** @param {object} object  no proxy */
function kindOf(object) {
  if (!hasOwn(object, '_events')) return undefined; // which is soon found out
  for (let i = 0; i < kinds.length; i++) if (kinds[i].looksSo(object) && kinds[i].is(object)) return kinds[i];
  return undefined;
}

/**
 * Whether it leaves as a descriptor, and is nothing that the codec knows for the platform's.
 * @param {object} object  no proxy
 */
const isHanded = (object) => isFileDescriptor(object) || kindOf(object) !== undefined;

/**
 * @param {object} object  no proxy
 * @returns {HandedDeparture | null}
 */
function handedDeparture(object) {
  if (isFileDescriptor(object)) return new HandedDeparture(leavingDescriptor(/** @type {any} */ (object)));
  const kind = kindOf(object);
  return kind === undefined ? null : new HandedDeparture(kind.leaving(object));
}

/**
 * For objects of Node's, which close with this thread by themselves: native need not close the descriptor any more.
 * @param {(fd: number, body: Uint8Array) => import('../../port/handed.js').Made} make
 * @returns {import('../../port/handed.js').Maker}
 */
const closedByNode = (make) => (fd, body, number) => {
  native.releaseOwned(number);
  return make(fd, body);
};

registerHanded(HANDED.ANY, openDescriptor);
registerHanded(HANDED.CONTENT, openFileBlob);
registerHanded(HANDED.FILE, closedByNode((fd) => files().openFileHandle(fd)));
registerHanded(HANDED.DATAGRAMS, closedByNode((fd, body) => datagrams().openDatagrams(fd, body)));
for (const kind of [HANDED.TCP_SOCKET, HANDED.UNIX_SOCKET]) registerHanded(kind, closedByNode((fd, body) => sockets().openSocket(fd, body)));
for (const kind of [HANDED.TCP_SERVER, HANDED.UNIX_SERVER]) registerHanded(kind, closedByNode((fd, body) => sockets().openServer(fd, body)));

module.exports = { handedDeparture, isHanded };
