// Electron's utilityProcess on plain Node: a child process whose parentPort is linked to this object.
'use strict';

const { EventEmitter } = require('node:events');
const { constants: { signals } } = require('node:os');
const { native, illegalConstructor, isSingleExecutable } = require('../native');
const { readForkArguments } = require('./fork-options.js');
const { keptReadable, launch, openLinks, pipes } = require('./launch.js');
const { Link, childFace } = require('./link.js');
const { watchListeners } = require('../faces');
const { FACES, post } = require('../port');
const { readTransfer } = require('../transfer');
const { preloadOf } = require('./traces.js');

const { process } = globalThis;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {ReturnType<typeof readForkArguments>} ForkArguments */

const face = childFace(FACES.UtilityProcess);

/** Only fork() makes one. */
const OURS = Symbol('OURS');

/** @param {string | number} signal */
function signalName(signal) {
  return Object.entries(signals).find(([name, number]) => name === signal || number === signal)?.[0];
}

/** @type {(child: UtilityProcess, holdBack: (exit: () => void) => void) => number} */
let openIpc;

class UtilityProcess extends EventEmitter {
  /** @type {Link} */ #link;
  /** The id under which the end of the IPC link is parked until there is a WebContents. */
  #ipc;
  /** What has to be delivered before 'exit'. @type {(exit: () => void) => void} */
  #holdBack = (exit) => {
    native.close(native.claim(this.#ipc));
    exit();
  };
  /** Null when it could not even be tried. @type {ChildProcess | null} */ #child = null;
  /** @type {number | undefined} */ #pid;
  /** @type {import('node:stream').PassThrough | null} */ #stdout = null;
  /** @type {import('node:stream').PassThrough | null} */ #stderr = null;
  /** @type {NodeJS.Signals | number} */ #killSignal;
  /** The signals that were sent from here. @type {Set<string | undefined>} */ #sent;
  #reached = false;
  #failed = false;
  #exited = false;

  /**
   * @param {symbol} token
   * @param {ForkArguments} given
   */
  constructor(token, given) {
    if (token !== OURS) throw illegalConstructor();
    super();
    this.#killSignal = given.rest.killSignal ?? 'SIGTERM';
    // By itself Node sends it for these only.
    this.#sent = new Set(given.rest.timeout === undefined && given.rest.signal === undefined ? [] : [signalName(this.#killSignal)]);
    const links = openLinks();
    const isItself = given.execPath === process.execPath && isSingleExecutable();
    const child = launch({ ...given, preload: isItself ? [] : preloadOf('boot.js'), manners: 'electron' }, links, (error) => this.#fail(error));
    this.#ipc = native.parkHere(links.ipc);
    this.#link = new Link(links.key, this, face);
    this.#link.reference(false); // the process itself holds the loop
    if (child !== null) this.#follow(child);
  }

  /** @param {ChildProcess} child */
  #follow(child) {
    this.#child = child;
    this.#stdout = keptReadable(child, child.stdout);
    this.#stderr = keptReadable(child, child.stderr);
    child.on('spawn', () => {
      this.#pid = child.pid;
      this.emit('spawn');
    });
    child.on('error', (error) => {
      if (child.pid === undefined) return this.#fail(error);
      this.#failed ||= error.name === 'AbortError';
      this.#report(error);
    });
    child.on('exit', (code, signal) => {
      this.#link.conclude();
      this.#holdBack(() => this.#link.finish(() => this.#exit(code, signal)));
    });
  }

  /** @param {unknown} error */
  #report(error) {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }

  /**
   * It could not be started.
   * @param {unknown} error
   */
  #fail(error) {
    this.#failed = true;
    try {
      this.#report(error);
    } finally {
      this.#holdBack(() => this.#exit(null, null));
    }
  }

  /**
   * @param {number | null} code
   * @param {NodeJS.Signals | null} signal
   */
  #exit(code, signal) {
    this.#pid = undefined;
    this.#exited = true;
    this.#link.close(); // what nobody has listened for by now is dropped
    if (this.#failed) this.emit('exit', 1);
    else if (signal === null) this.emit('exit', code);
    else this.emit('exit', this.#child?.killed && this.#sent.has(signal) ? 0 : 128 + signals[signal], signal);
  }

  /**
   * @param {any} [message]
   * @param {import('../port/post.js').TransferArgument} [transfer]
   */
  postMessage(message, transfer) {
    if (!this.#exited) post(this.#link, arguments.length === 0 ? null : message, transfer, readTransfer, this.postMessage);
  }

  /**
   * @param {NodeJS.Signals | number} [signal]
   * @returns {boolean} true the first time it reaches a live process
   */
  kill(signal = this.#killSignal) {
    const sent = this.#child?.pid !== undefined && this.#child.kill(signal);
    if (signal === 0) return sent; // asks whether it is there
    if (sent) this.#sent.add(signalName(signal));
    const first = sent && !this.#reached;
    this.#reached ||= sent;
    return first;
  }

  ref() {
    this.#child?.ref();
    for (const pipe of pipes(this.#child)) pipe.ref?.();
  }

  unref() {
    this.#child?.unref();
    for (const pipe of pipes(this.#child)) pipe.unref?.();
  }

  /** Undefined before 'spawn' and from 'exit' on. */
  get pid() {
    return this.#pid;
  }

  get stdin() {
    return this.#child?.stdin ?? null;
  }

  get stdout() {
    return this.#stdout;
  }

  get stderr() {
    return this.#stderr;
  }

  static {
    watchListeners(this.prototype, { message: (child, listening) => child.#link.listen(listening) });
    openIpc = (child, holdBack) => {
      if (child.#exited) return 0;
      child.#holdBack = holdBack;
      return native.claim(child.#ipc);
    };
  }
}

const utilityProcess = {
  /**
   * @param {string | URL} modulePath
   * @param {string[] | import('./fork-options.js').ForkOptions} [args]
   * @param {import('./fork-options.js').ForkOptions} [options]
   */
  fork(modulePath, args, options) {
    return new UtilityProcess(OURS, readForkArguments(modulePath, args, options));
  },
};

module.exports = { utilityProcess, UtilityProcess, openIpc };
