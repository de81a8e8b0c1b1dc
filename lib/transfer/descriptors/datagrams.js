// Sockets of UDP leave as descriptors, with their address; what they have not read waits in the system until somebody listens.
'use strict';

const dgram = require('node:dgram');
const { ownBySymbol } = require('../../clone');
const { FOREIGN, HANDED, RUNTIME, apply, defineValue, deleteProperty, native, ownValue, uncurry } = require('../../native');

const { Buffer, Error } = globalThis;

/** @typedef {import('./index.js').Thing} Thing */
/** @typedef {import('node:dgram').Socket} Socket */

const { from } = Buffer;
const { createSocket } = dgram;
const { prototype } = dgram.Socket;
const bind = uncurry(prototype.bind);
const closeSocket = uncurry(prototype.close);
const waitingToLeave = uncurry(prototype.getSendQueueCount);
const listen = uncurry(prototype.on);
const unlisten = uncurry(prototype.off);
const { removeAllListeners } = prototype;

/** The byte that goes along. */
const IPV6 = 1;
const CONNECTED = 2;

/** What Node calls them. */
const BOUND = 2;
const CONNECTING = 1;
const HAS_PEER = 2;

/** @param {object} socket  @returns {any} undefined where Node keeps it in another way */
const stateOf = (socket) => ownBySymbol(socket, 'state symbol');

/** @param {object} object */
const isDatagramSocket = (object) => object instanceof dgram.Socket;

/** @param {any} socket */
function refusalOf(socket) {
  const { handle, bindState, connectState } = stateOf(socket);
  if (handle === null) return 'is closed, or has been handed over';
  if (FOREIGN) return `cannot be handed over: ${RUNTIME} does not let its reading be stopped`;
  if (bindState !== BOUND) return 'is not bound';
  if (connectState === CONNECTING) return 'is still connecting';
  if ((handle.fd ?? -1) < 0) return 'has no descriptor of its own';
  return waitingToLeave(socket) > 0 ? 'has datagrams that are not sent yet' : null;
}

/**
 * @param {any} socket
 * @returns {Thing}
 */
const leavingDatagrams = (socket) => ({
  name: 'dgram.Socket',
  kind: HANDED.DATAGRAMS,
  look: () => refusalOf(socket),
  fd: () => stateOf(socket).handle.fd,
  take: () => from([(socket.type === 'udp6' ? IPV6 : 0) | (stateOf(socket).connectState === HAS_PEER ? CONNECTED : 0)]),
  leave: () => closeSocket(socket),
  stay() {},
});

/**
 * @param {number} fd
 * @param {Uint8Array} body
 */
function openDatagrams(fd, body) {
  const socket = createSocket((body[0] & IPV6) === 0 ? 'udp4' : 'udp6');
  try {
    if (fd === 0) throw new Error('Node takes no descriptor 0 for a socket of UDP');
    bind(socket, { fd, exclusive: true });
  } catch (error) {
    native.closeDescriptor(fd);
    closeSocket(socket);
    throw error;
  }
  const state = stateOf(socket);
  if ((body[0] & CONNECTED) !== 0) state.connectState = HAS_PEER;
  pauseUntilHeard(socket, state);
  return { object: socket, close: () => closeSocket(socket) };
}

/**
 * Node gives a datagram to whoever listens at that moment, and throws it away if nobody does. So nothing is read before there is a
 * 'message' listener. We hear of that by a listener of our own, which comes back when the program removes all of its.
 * @param {Socket} socket
 * @param {any} state
 */
function pauseUntilHeard(socket, state) {
  state.handle.recvStop();
  const begin = (/** @type {string} */ event) => {
    if (event !== 'message') return;
    unlisten(socket, 'newListener', begin);
    if (ownValue(socket, 'removeAllListeners') === remove) deleteProperty(socket, 'removeAllListeners');
    state.handle?.recvStart();
  };
  /** @this {Socket} @param {[type?: string]} args */
  function remove(...args) {
    apply(removeAllListeners, this, args);
    if (args.length === 0 || args[0] === 'newListener') listen(socket, 'newListener', begin);
    return this;
  }
  defineValue(socket, 'removeAllListeners', remove);
  listen(socket, 'newListener', begin);
}

module.exports = { isDatagramSocket, leavingDatagrams, openDatagrams };
