// Electron's utilityProcess on plain Node: a child process whose parentPort is linked to this object.
'use strict';

const { EventEmitter } = require('node:events');
const { spawn } = require('node:child_process');
const { constants: { signals } } = require('node:os');
const { PassThrough } = require('node:stream');
const { native, KEY, illegalConstructor } = require('../native');
const { readForkArguments } = require('./fork-options.js');
const { Link, childFace } = require('./link.js');
const { watchListeners } = require('../faces');
const { own } = require('./own.js');
const { FACES, post } = require('../port');
const { readTransfer } = require('../transfer');
const { BOOT, LINK_VARIABLE } = require('./traces.js');

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
  /** @type {PassThrough | null} */ #stdout = null;
  /** @type {PassThrough | null} */ #stderr = null;
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
    this.#sent = new Set([signalName(this.#killSignal)]);
    const { key, ipc, child, error } = launch(given);
    this.#ipc = native.park(ipc);
    this.#link = new Link(key, this, face);
    this.#link.reference(false); // the process itself holds the loop
    if (child === null) process.nextTick(() => this.#fail(error));
    else this.#follow(child);
  }

  /** @param {ChildProcess} child */
  #follow(child) {
    this.#child = child;
    this.#stdout = keptReadable(child.stdout);
    this.#stderr = keptReadable(child.stderr);
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
    if (!this.#exited) post(this.#link, arguments.length === 0 ? null : message, transfer, readTransfer);
  }

  /**
   * @param {NodeJS.Signals | number} [signal]
   * @returns {boolean} true the first time it reaches a live process
   */
  kill(signal = this.#killSignal) {
    const sent = this.#child?.kill(signal) ?? false;
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
    watchListeners(this.prototype, 'message', (child, listening) => child.#link.listen(listening));
    openIpc = (child, holdBack) => {
      if (child.#exited) return 0;
      child.#holdBack = holdBack;
      return native.claim(child.#ipc);
    };
  }
}

/**
 * Starts the process with the other ends of new links as its last descriptors.
 * @param {ForkArguments} given
 * @returns {{ key: number, ipc: number, child: ChildProcess | null, error?: unknown }}
 */
function launch(given) {
  const [[key, far], [ipc, farIpc]] = [createChannel(), createChannel()];
  const open = [key, far, ipc, farIpc];
  /** @type {number[]} */
  const descriptors = [];
  try {
    for (const end of [far, farIpc]) {
      descriptors.push(native.intoDescriptor(end));
      open.splice(open.indexOf(end), 1);
    }
    return { key, ipc, child: spawnLinked(given, descriptors) };
  } catch (error) {
    if (descriptors.length === 2 && isSpawnFailure(error)) return { key, ipc, child: null, error };
    for (const end of open) native.close(end);
    throw error;
  } finally {
    for (const descriptor of descriptors) native.closeDescriptor(descriptor);
  }
}

function createChannel() {
  const key = native.createChannel();
  return [key, native.control[KEY]];
}

/**
 * Our preload comes first: one of the user's already finds process.parentPort and nothing of ours.
 * @param {ForkArguments} given
 * @param {number[]} descriptors
 */
function spawnLinked({ script, args, execPath, execArgv, env, stdio, rest }, descriptors) {
  return spawn(execPath, ['--require', BOOT, ...execArgv, script, ...args], own({
    ...rest,
    env: own({ ...env, [LINK_VARIABLE]: descriptors.map((_, index) => stdio.length + index).join() }),
    stdio: [...stdio, ...descriptors],
  }));
}

/** Node throws some failures of the system at once and emits others; arguments that it refuses are thrown as they are. */
const isSpawnFailure = (/** @type {any} */ error) => typeof error?.syscall === 'string' && error.syscall.startsWith('spawn');

/**
 * Node throws away what nobody has read from a child that exits; what is read into a stream of ours stays.
 * @param {import('node:stream').Readable | null} stream
 */
function keptReadable(stream) {
  if (stream === null) return null;
  const kept = new PassThrough();
  kept.once('close', () => stream.destroy());
  stream.on('error', (error) => kept.destroy(error));
  return stream.pipe(kept);
}

/**
 * @param {ChildProcess | null} child
 * @returns {import('node:net').Socket[]}
 */
function pipes(child) {
  const streams = child === null ? [] : [child.stdin, child.stdout, child.stderr];
  return /** @type {import('node:net').Socket[]} */ (streams.filter((stream) => stream !== null));
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
