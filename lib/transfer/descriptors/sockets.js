// Sockets and servers leave as descriptors: what a socket has read and nobody has had goes along, and a server's path stays.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const { ownBySymbol } = require('../../clone');
const { FOREIGN, HANDED, RUNTIME, SafeDataView, SafeWeakMap, append, bytesAlloc, defineValue, native, ownValue, subarray, uncurry } = require('../../native');

const { Boolean, Buffer, process } = globalThis;

/** @typedef {import('./index.js').Thing} Thing */

const { concat, from } = Buffer;
const { defineProperty, getOwnPropertyDescriptor } = Object;
const { deleteProperty } = Reflect;
const { Socket, Server } = net;
const closeServer = uncurry(Server.prototype.close);
const takeOut = uncurry(Socket.prototype.read);
const pause = uncurry(Socket.prototype.pause);
const putBack = uncurry(Socket.prototype.unshift);
const listen = uncurry(Server.prototype.listen);
const toText = uncurry(Buffer.prototype.toString);

/** The first byte of what goes along. */
const HALF_OPEN = 1;
const PAUSE_ON_CONNECT = 2;
const NO_DELAY = 4;
const KEEP_ALIVE = 8;

/** Where else what stands of a server: two numbers of four bytes, and its path. */
const DELAY = 1;
const HIGH_WATER_MARK = 5;
const PATH = 9;

const SECOND = 1000;

/** @param {any} handle */
const isPipe = (handle) => handle?.constructor?.name === 'Pipe';

/** @param {any} object */
const fdOf = (object) => object._handle?.fd ?? -1;

/** @param {object} object */
const isSocket = (object) => object instanceof Socket || object instanceof Server;

/**
 * @param {object} object  one of them
 * @returns {Thing}
 */
const leavingSocket = (object) => (object instanceof Socket ? new LeavingSocket(object) : new LeavingServer(object));

/**
 * Whether an encrypted socket was made of it, which then tells in its place whether it reads.
 * @param {any} socket
 */
const isUnderTls = ({ _handle }) => Boolean(_handle && getOwnPropertyDescriptor(_handle, 'reading')?.get);

/** Under one of these symbols Node notes at a socket which HTTP/2 session uses it. */
const SESSIONS = ['kBoundSession', 'kSession'];

/**
 * Whether an HTTP/2 session uses it, and reads and writes past it. Present versions of Node note that under the name 'undefined', by a
 * mistake of theirs: the symbol is missing where they ask for it.
 * @param {object} socket
 */
function isInSession(socket) {
  if (ownValue(socket, 'undefined') !== undefined) return true;
  for (let i = 0; i < SESSIONS.length; i++) if (ownBySymbol(socket, SESSIONS[i]) !== undefined) return true;
  return false;
}

/** @param {any} socket */
function refusalOfSocket(socket) {
  if (socket.encrypted || isUnderTls(socket)) return 'is encrypted: its keys cannot go along';
  if (socket.destroyed) return 'is destroyed, or has been handed over';
  if (FOREIGN) return `cannot be handed over: ${RUNTIME} does not let its reading be stopped`;
  if (socket.connecting) return 'is still connecting';
  if (fdOf(socket) < 0) return 'is not connected';
  if (socket.writableLength > 0) return 'has bytes that are not written yet';
  if (socket.writableEnded) return 'has been ended';
  if (socket.readableEncoding !== null) return 'has an encoding: what it has read is text and no bytes';
  if (socket.parser || socket._httpMessage) return 'is in the hands of an HTTP parser';
  if (isInSession(socket)) return 'is in the hands of an HTTP/2 session';
  return null;
}

class LeavingSocket {
  name = 'Socket';
  /** @readonly */ kind;
  #socket;
  /** What was taken out of it. @type {Buffer[] | null} */ #unread = null;
  /** Whether it read on then; null until it was told not to. @type {boolean | null} */ #reading = null;

  /** @param {any} socket */
  constructor(socket) {
    this.kind = isPipe(socket._handle) ? HANDED.UNIX_SOCKET : HANDED.TCP_SOCKET;
    this.#socket = socket;
  }

  look() {
    return refusalOfSocket(this.#socket);
  }

  fd() {
    return fdOf(this.#socket);
  }

  take() {
    const socket = this.#socket;
    this.#unread = [];
    readSilently(socket, this.#unread);
    this.#reading = socket._handle.reading;
    read(socket, false);
    return concat([from([socket.allowHalfOpen ? HALF_OPEN : 0]), concat(this.#unread)]);
  }

  leave() {
    this.#socket.destroy();
  }

  stay() {
    if (this.#unread === null) return;
    for (let i = this.#unread.length - 1; i >= 0; i--) putBack(this.#socket, this.#unread[i]);
    if (this.#reading !== null) read(this.#socket, this.#reading);
    this.#unread = this.#reading = null;
  }
}

/**
 * All that a socket has read and not given to anybody, without a word to its listeners.
 * @param {import('node:net').Socket} socket
 * @param {Buffer[]} chunks  gets it, also where this throws
 */
function readSilently(socket, chunks) {
  const own = getOwnPropertyDescriptor(socket, 'emit');
  defineValue(socket, 'emit', () => false);
  try {
    while (socket.readableLength > 0) append(chunks, takeOut(socket, socket.readableLength));
  } finally {
    if (own === undefined) deleteProperty(socket, 'emit');
    else defineProperty(socket, 'emit', own);
  }
}

/**
 * @param {any} socket
 * @param {boolean} on  whether it takes from the system what is there
 */
function read({ _handle }, on) {
  _handle.reading = on;
  if (on) _handle.readStart();
  else _handle.readStop();
}

/** @param {any} server */
function refusalOfServer(server) {
  if (typeof server.setSecureContext === 'function') return 'speaks TLS: its keys cannot go along';
  if (!server.listening) return 'is not listening, or has been handed over';
  return fdOf(server) < 0 ? 'has no descriptor of its own' : null;
}

/** Servers that have arrived: their path is what somebody says, and libuv removes none of theirs. @type {WeakMap<object, true>} */
const arrived = new SafeWeakMap();

class LeavingServer {
  name = 'Server';
  /** @readonly */ kind;
  #server;

  /** @param {any} server */
  constructor(server) {
    this.kind = isPipe(server._handle) ? HANDED.UNIX_SERVER : HANDED.TCP_SERVER;
    this.#server = server;
  }

  look() {
    return refusalOfServer(this.#server);
  }

  fd() {
    return fdOf(this.#server);
  }

  take() {
    const { allowHalfOpen, pauseOnConnect, noDelay, keepAlive, keepAliveInitialDelay, highWaterMark } = this.#server;
    const flags = (allowHalfOpen ? HALF_OPEN : 0) | (pauseOnConnect ? PAUSE_ON_CONNECT : 0) | (noDelay ? NO_DELAY : 0) | (keepAlive ? KEEP_ALIVE : 0);
    const head = bytesAlloc(PATH);
    const view = new SafeDataView(head.buffer, head.byteOffset, PATH);
    view.setUint8(0, flags);
    view.setUint32(DELAY, keepAliveInitialDelay, true);
    view.setUint32(HIGH_WATER_MARK, highWaterMark, true);
    return concat([head, from(this.#path())]);
  }

  #path() {
    const address = this.kind === HANDED.UNIX_SERVER ? this.#server.address() : null;
    return typeof address === 'string' ? address : '';
  }

  leave() {
    const close = () => closerOf(this.#server)(this.#server);
    const path = this.#path();
    if (path === '' || path[0] === '\0' || arrived.has(this.#server)) close();
    else keepPath(path, close);
  }

  stay() {}
}

/**
 * An http.Server has a timer that keeps it, and connections without a request: only its own class's function ends them.
 * @param {any} server
 */
function closerOf(server) {
  if (typeof server.closeIdleConnections !== 'function') return closeServer;
  const http = require('node:http');
  return server instanceof http.Server ? uncurry(http.Server.prototype.close) : closeServer;
}

/**
 * libuv removes the path of a server that it closes; under another name it survives that, for the blink of an eye in between.
 * @param {string} path
 * @param {() => void} close
 */
function keepPath(path, close) {
  const aside = otherName(path);
  close();
  if (aside !== null) fs.renameSync(aside, path);
}

/**
 * One that is free: who was killed in between has left its own, and another thread may hand over a server of the same path.
 * @param {string} path
 * @returns {string | null} null: nobody could find it there any more
 */
function otherName(path) {
  for (let count = 0; ; count++) {
    const aside = `${path}.${process.pid}.${count}`;
    try {
      fs.linkSync(path, aside);
      return aside;
    } catch (/** @type {any} */ error) {
      if (error.code !== 'EEXIST') return null;
    }
  }
}

/**
 * @param {number} fd
 * @param {Uint8Array} body
 */
function openSocket(fd, body) {
  const options = { fd, readable: true, writable: true, allowHalfOpen: (body[0] & HALF_OPEN) !== 0, pauseOnCreate: true };
  const socket = orClosed(fd, () => new Socket(options));
  pause(socket);
  if (body.length > 1) putBack(socket, subarray(body, 1));
  /** @type {any} */ (socket).readableFlowing = null; // so that a 'data' listener is enough for it to begin, as for any new socket
  return { object: socket, close: () => socket.destroy() };
}

/**
 * @param {number} fd
 * @param {Uint8Array} body
 */
function openServer(fd, body) {
  const has = (/** @type {number} */ flag) => (body[0] & flag) !== 0;
  const view = body.length < PATH ? undefined : new SafeDataView(body.buffer, body.byteOffset, PATH);
  const options = {
    allowHalfOpen: has(HALF_OPEN), pauseOnConnect: has(PAUSE_ON_CONNECT), noDelay: has(NO_DELAY), keepAlive: has(KEEP_ALIVE),
    keepAliveInitialDelay: (view?.getUint32(DELAY, true) ?? 0) * SECOND, highWaterMark: view?.getUint32(HIGH_WATER_MARK, true),
  };
  const server = orClosed(fd, () => listen(new Server(options), { fd, exclusive: true }));
  arrived.set(server, true);
  // What address() tells; the handle knows of no path, and so removes none.
  if (body.length > PATH) /** @type {any} */ (server)._pipeName = toText(from(subarray(body, PATH)));
  return { object: server, close: () => server.close() };
}

/**
 * @template T
 * @param {number} fd
 * @param {() => T} make
 */
function orClosed(fd, make) {
  try {
    return make();
  } catch (error) {
    native.closeDescriptor(fd);
    throw error;
  }
}

module.exports = { isSocket, leavingSocket, openSocket, openServer };
