// Electron's webContents: a worker or a child as its parent sees it.
'use strict';

const { EventEmitter } = require('node:events');
const { illegalConstructor, invalidType, withCode, native, worker_threads } = require('../native');
const { checkArguments, checkSendChannel } = require('./arguments.js');
const { SEND, POST, INVOKE, SYNC } = require('./frame.js');
const { IpcLink } = require('./link.js');
const { ipcMain } = require('./main.js');
const { IpcMainEvent, IpcMainSyncEvent } = require('./main-event.js');
const { IpcPeer } = require('./peer.js');
const { answerWith } = require('./reply.js');
const { IpcScope, hasHandler, takeHandler } = require('./scope.js');
const { wrapMain } = require('../faces');
const { FACES } = require('../port');
const { UtilityProcess, openIpc, Worker, ipcSideCarOf, isEnding, holdBackExit } = require('../family');

const { process, setImmediate } = globalThis;
const { nextTick } = process;

/** @typedef {import('./frame.js').Request} Request */

/**
 * What a WebContents is the view of.
 * @typedef {object} Place
 * @property {(holdBack: (exit: () => void) => void) => number} connect  gives the key of our end, 0 when the place has
 *   ended; `holdBack` is called when it ends, and calls `exit` when everything was delivered
 * @property {() => number | undefined} processId
 * @property {number} threadId
 * @property {import('../port/endpoint.js').Carrier['sideCar']} sideCar
 */

const SIDE = { kind: FACES.WebContents, wrap: wrapMain };

/** Only webContents makes them. */
const OURS = Symbol('OURS');

/** Those that are not destroyed, by id. @type {Map<number, WebContents>} */
const all = new Map();

let lastId = 0;

/** @param {IpcPeer | null} peer */
function living(peer) {
  if (peer === null) throw withCode(new TypeError('Object has been destroyed'), 'ERR_OBJECT_DESTROYED');
  return peer;
}

/** There is one in each WebContents: what it says of its place among others is what Electron says of a page without any. */
class WebFrameMain {
  #peer;
  #processId;

  /**
   * @param {symbol} token
   * @param {() => IpcPeer | null} peer  null once it is destroyed
   * @param {Place} place
   */
  constructor(token, peer, place) {
    if (token !== OURS) throw illegalConstructor();
    this.#peer = peer;
    this.#processId = place.processId;
    this.ipc = new IpcScope();
    this.threadId = place.threadId;
  }

  get processId() {
    return this.#processId();
  }

  get osProcessId() {
    return this.#processId();
  }

  get parent() {
    return null;
  }

  get top() {
    return this;
  }

  get frames() {
    return [];
  }

  get framesInSubtree() {
    return [this];
  }

  isDestroyed() {
    return this.#peer() === null;
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  send(channel, ...args) {
    const peer = living(this.#peer());
    checkSendChannel(channel);
    peer.send(channel, args);
  }

  /**
   * @param {string} channel
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(channel, message, transfer) {
    const peer = living(this.#peer());
    checkArguments(arguments, 2);
    peer.postMessage(channel, message, transfer);
  }
}

class WebContents extends EventEmitter {
  /** Null once it is destroyed. @type {IpcPeer | null} */
  #peer = null;

  /**
   * @param {symbol} token
   * @param {Place} place
   */
  constructor(token, place) {
    if (token !== OURS) throw illegalConstructor();
    super();
    this.id = ++lastId;
    this.ipc = new IpcScope();
    this.mainFrame = new WebFrameMain(OURS, () => this.#peer, place);
    const key = place.connect((exit) => this.#holdBack(exit));
    if (key !== 0) this.#connect(key, place.sideCar);
  }

  /**
   * What was sent so far is delivered when whoever asked for this object has had a turn to listen.
   * @param {number} key
   * @param {Place['sideCar']} sideCar
   */
  #connect(key, sideCar) {
    const connect = (/** @type {IpcPeer} */ peer) => new IpcLink(key, SIDE, peer, sideCar);
    const peer = new IpcPeer(connect, (request) => this.#receive(request), () => this.#end());
    this.#peer = peer;
    all.set(this.id, this);
    setImmediate(() => peer.open());
  }

  /** The place has ended. @param {() => void} exit */
  #holdBack(exit) {
    if (this.#peer === null) exit();
    else this.#peer.finish(exit);
  }

  #end() {
    this.#peer = null;
    all.delete(this.id);
    emitTo(this, 'destroyed');
  }

  isDestroyed() {
    return this.#peer === null;
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  send(channel, ...args) {
    this.mainFrame.send(channel, ...args);
  }

  /** @param {[channel: string, message: any, transfer?: any]} args */
  postMessage(...args) {
    this.mainFrame.postMessage(...args);
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  async invoke(channel, ...args) {
    const peer = living(this.#peer);
    checkSendChannel(channel);
    return peer.invoke(channel, args);
  }

  /** From the narrowest to the widest. */
  get #scopes() {
    return [this.mainFrame.ipc, this.ipc, ipcMain];
  }

  /** @param {Request} request */
  #receive(request) {
    const { kind, channel, args, ports, reply } = request;
    if (kind === INVOKE) {
      const scope = this.#scopes.find((each) => hasHandler(each, channel));
      const handler = scope && takeHandler(scope, channel);
      if (handler === undefined) return this.#peer?.drop(request);
      return answerWith(handler, new IpcMainEvent(this, ports), args, reply);
    }
    const event = kind === SYNC ? new IpcMainSyncEvent(this, request) : new IpcMainEvent(this, ports);
    let heard = kind !== POST && emitTo(this, kind === SEND ? 'ipc-message' : 'ipc-message-sync', event, channel, ...args);
    for (const scope of this.#scopes) heard = emitTo(scope, channel, event, ...args) || heard;
    if (!heard) this.#peer?.drop(request);
  }
}

/**
 * A listener that throws is an uncaught exception, and does not keep the other scopes from hearing.
 * @param {EventEmitter} emitter
 * @param {string} name
 * @param {any[]} args
 * @returns {boolean} whether anybody listens
 */
function emitTo(emitter, name, ...args) {
  try {
    return emitter.emit(name, ...args);
  } catch (error) {
    nextTick(() => { throw error; });
    return true;
  }
}

/**
 * @param {import('node:worker_threads').Worker} worker
 * @returns {Place}
 */
function workerPlace(worker) {
  const { threadId } = worker;
  return {
    processId: () => process.pid,
    threadId,
    sideCar: worker instanceof Worker ? ipcSideCarOf(worker) : null,
    connect(holdBack) {
      if (threadId === -1 || (worker instanceof Worker && isEnding(worker))) return 0;
      let ended = false;
      const end = (/** @type {() => void} */ exit) => {
        if (ended) return exit();
        ended = true;
        native.part(threadId);
        holdBack(exit);
      };
      holdBackExit(worker, (_, exit) => end(exit));
      // Node delivers what its worker has posted last while it ends: whoever asks for the contents then is too late to hold it back.
      worker.prependOnceListener('exit', () => end(() => {}));
      return native.meetWhileHere(threadId);
    },
  };
}

/**
 * @param {import('../family/utility-process.js').UtilityProcess} child
 * @returns {Place}
 */
function processPlace(child) {
  return { processId: () => child.pid, threadId: 0, sideCar: null, connect: (holdBack) => openIpc(child, holdBack) };
}

/** @type {WeakMap<object, WebContents>} */
const known = new WeakMap();

/**
 * @template {object} T
 * @param {T} owner
 * @param {(owner: T) => Place} placeOf
 */
function contentsOf(owner, placeOf) {
  const contents = known.get(owner) ?? new WebContents(OURS, placeOf(owner));
  known.set(owner, contents);
  return contents;
}

/** One with Node's face is named: somebody may well try it. */
const NO_WORKER = 'fromWorker: the argument is not a Worker of message-channel-main or of Node.js; those of message-channel-main/worker_threads have no IPC';

const webContents = {
  /** @param {import('node:worker_threads').Worker} worker */
  fromWorker(worker) {
    if (!(worker instanceof worker_threads.Worker)) throw invalidType(NO_WORKER);
    return contentsOf(worker, workerPlace);
  },

  /** @param {import('../family/utility-process.js').UtilityProcess} child */
  fromProcess(child) {
    if (!(child instanceof UtilityProcess)) throw invalidType('fromProcess: the argument is not a UtilityProcess');
    return contentsOf(child, processPlace);
  },

  /** @param {number} id */
  fromId(id) {
    return all.get(id);
  },

  getAllWebContents() {
    return [...all.values()];
  },
};

module.exports = { webContents, WebContents };
