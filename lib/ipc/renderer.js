// Electron's ipcRenderer: the way from a worker or a child to the WebContents that the parent sees it as.
'use strict';

const { AsyncResource } = require('node:async_hooks');
const { withCode, native, worker_threads: { isMainThread, threadId } } = require('../native');
const { checkArguments, isChannel } = require('./arguments.js');
const { INVOKE } = require('./frame.js');
const { KeptRequests } = require('./kept.js');
const { SYNC_TIMEOUT } = require('./limits.js');
const { IpcLink } = require('./link.js');
const { IpcPeer } = require('./peer.js');
const { answerWith } = require('./reply.js');
const { IpcScope, hasHandler, handlerCount, takeHandler } = require('./scope.js');
const { whenMainModuleLoaded, parentLink } = require('../family');
const { watchAllListeners, wrapWeb } = require('../faces');
const { FACES } = require('../port');

const { setImmediate } = globalThis;

/** @typedef {import('./frame.js').Request} Request */

/** Its link is made when somebody uses it first, whose async context is not that of all the others. */
const resource = new AsyncResource('IPCRENDERER');

const SIDE = { kind: FACES.ipcRenderer, wrap: wrapWeb };

/** @returns {number} the key of our end; 0 where there is no parent */
function findEnd() {
  if (isMainThread) return parentLink.ipc === 0 ? 0 : native.claim(parentLink.ipc);
  return native.meet(threadId);
}

class IpcRenderer extends IpcScope {
  /** Null before the first use, and where there is no parent. @type {IpcPeer | null} */
  #peer = null;
  #kept = new KeptRequests((request) => this.#wants(request), (request) => this.#deliverKept(request));
  #loaded = false;
  /** Nobody can say when the main module has loaded: somebody's listening has to do as a sign of it. */
  #loadedOnUse = false;

  /** How long sendSync waits for a reply, in milliseconds. */
  syncTimeout = SYNC_TIMEOUT;

  constructor() {
    super(() => this.#look());
    if (isMainThread && parentLink.ipc === 0) return;
    whenMainModuleLoaded(() => this.#stopKeeping(), () => {
      this.#loadedOnUse = true;
      this.#look();
    });
  }

  /** What opens the link: to send, to listen, or the end of loading. */
  #connected() {
    if (this.#peer !== null) return this.#peer;
    const key = findEnd();
    if (key === 0) return null;
    const receive = (/** @type {Request} */ request) => this.#receive(request);
    this.#peer = new IpcPeer((peer) => new IpcLink(key, SIDE, peer, parentLink.ipcSideCar, resource), receive, () => {});
    return this.#peer;
  }

  #parent() {
    const peer = this.#connected();
    if (peer === null) throw withCode(new Error('Nobody forked this process: there is no parent to send to'), 'ERR_NO_PARENT');
    return peer;
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  send(channel, ...args) {
    checkArguments(arguments, 1);
    this.#parent().send(channel, args);
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  sendSync(channel, ...args) {
    checkArguments(arguments, 1);
    return this.#parent().callSync(channel, args, this.syncTimeout);
  }

  /**
   * @param {string} channel
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(channel, message, transfer) {
    checkArguments(arguments, 2);
    this.#parent().postMessage(channel, message, transfer);
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  async invoke(channel, ...args) {
    checkArguments(arguments, 1);
    return this.#parent().invoke(channel, args);
  }

  /** Handlers or listeners have changed. */
  #look() {
    const holding = handlerCount(this) > 0 || this.eventNames().some(isChannel);
    const peer = holding ? this.#connected() : this.#peer;
    if (peer === null) return;
    if (holding) peer.open();
    peer.reference(holding);
    this.#kept.look();
    if (holding && this.#loadedOnUse) setImmediate(() => this.#stopKeeping());
  }

  /** @param {Request} request */
  #wants({ kind, channel }) {
    return kind === INVOKE ? hasHandler(this, channel) : this.listenerCount(channel) > 0;
  }

  /** @param {Request} request */
  #receive(request) {
    if (this.#kept.hasBefore(request) || !(this.#loaded || this.#wants(request))) this.#kept.keep(request);
    else this.#deliver(request);
  }

  /** @param {Request} request */
  #deliver(request) {
    const { kind, channel, args, ports, reply } = request;
    if (!this.#wants(request)) return this.#peer?.drop(request);
    const event = { sender: this, ports };
    if (kind !== INVOKE) return void this.emit(channel, event, ...args);
    const handler = /** @type {import('./scope.js').Handler} */ (takeHandler(this, channel));
    answerWith(handler, event, args, reply);
  }

  /** @param {Request} request */
  #deliverKept(request) {
    this.#peer?.run((kept) => this.#deliver(kept), request);
  }

  #stopKeeping() {
    this.#loaded = true;
    this.#loadedOnUse = false;
    this.#kept.end((request) => this.#peer?.drop(request));
    this.#connected()?.open();
  }

  static {
    watchAllListeners(this.prototype, (renderer) => renderer.#look());
  }
}

const ipcRenderer = new IpcRenderer();

module.exports = { ipcRenderer };
