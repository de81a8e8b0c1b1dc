// A worker in a process: what Node's Worker is for a thread. Its link is its parentPort's other end; on a second one it tells
// that it runs, and what it died of.
'use strict';

const { constants: { signals } } = require('node:os');
const { nodeFace } = require('../faces');
const { Link, closeDescriptors, keptReadable, launch, openLinks, pipes, preloadOf } = require('../family');
const { FACES, post, prepare } = require('../port');
const { atExit, native, withCode, isSingleExecutable, worker_threads: { isMainThread } } = require('../native');
const { packed } = require('./birth.js');
const { join } = require('./broadcast.js');
const { withOwnCounters } = require('./counters.js');
const { inheritedData } = require('./environment-data.js');
const { readError, wholeCode } = require('./errors.js');
const { LAST_TURN, LAST_WORDS, LINGER_IN_ALL } = require('./limits.js');
const { threadIdOf } = require('./place.js');
const { readOptions } = require('./process-options.js');
const { Questions, check, methods, notRunning } = require('./questions.js');
const { WorkerResource } = require('./resource.js');
const { show, whenRead } = require('./stdio.js');
const threadMessages = require('./thread-messages.js');
const { Utilization } = require('./utilization.js');
const writtenAtEnd = require('./written-at-end.js');

const { clearTimeout, process, setImmediate, setTimeout } = globalThis;

const { retell, wrapNode, readNodeTransfer, missingMessage } = nodeFace();

/** @typedef {import('./worker.js').Tell} Tell */
/** @typedef {import('node:child_process').ChildProcess} ChildProcess */
/** @typedef {import('./process-options.js').WorkerOptions} Options */

/** The first thing that the process loads. */
const BOOT = preloadOf('process-worker.js');

/** Why there can be none. */
const BUNDLED = 'A worker in a process loads files of message-channel-main: leave that out of the bundle, as external';
const SINGLE = 'A worker in a process runs a file, and a single executable only its own program: in one, workers are threads';

/** @type {import('../port/endpoint.js').Face} */
const face = {
  kind: FACES.Worker,
  retell,
  wrap: wrapNode,
  message: (/** @type {{ tell: Tell }} */ worker, data) => worker.tell('message', data),
  messageerror: (/** @type {{ tell: Tell }} */ worker, error) => {
    worker.tell('messageerror', error);
    return false; // of its ports nobody is told
  },
  close() {},
  drain() {},
};

/** @type {import('../port/endpoint.js').Face} */
const controlFace = { ...face, message: (/** @type {{ told: (message: any) => void }} */ worker, message) => worker.told(message) };

/** Exit code of a worker that was terminated when it ran, or that an error has ended. */
const ENDED = 1;

/** What the engine says before it ends the process, and by what: that depends on when it is. */
const OUT_OF_MEMORY = /heap out of memory|Fatal JavaScript (?:OOM|out of memory)/i;
const OWN_ENDS = ['SIGABRT', 'SIGTRAP', 'SIGILL'];

const ignore = () => {};

if (isMainThread) atExit(native.endFamily);

/** @param {string} reason @param {{ cause: unknown }} [options] */
const initFailure = (reason, options) => ({ error: withCode(new Error(`Worker initialization failure: ${reason}`, options), 'ERR_WORKER_INIT_FAILED') });

class ProcessWorker {
  /** @type {Tell} */ tell;
  #utilization = new Utilization();
  /** @readonly */ performance = { eventLoopUtilization: this.#utilization.measure };
  /** @readonly For our part of the process. @type {import('./thread-messages.js').Send} */
  #tellIt = (message, transfer) => post(this.#control, message, transfer, readNodeTransfer, this.postMessage);
  #questions = new Questions(this.#tellIt);
  /** Where broadcasts go along. @type {ReturnType<typeof join> | null} */ #others = null;
  /** @type {import('../family/link.js').Link} */ #link;
  /** @type {import('../family/link.js').Link} */ #control;
  /** Null when it could not even be tried. @type {ChildProcess | null} */ #child = null;
  /** @type {import('node:stream').PassThrough | null} */ #stdout = null;
  /** @type {import('node:stream').PassThrough | null} */ #stderr = null;
  #resource = new WorkerResource();
  #threadId = -1;
  #name;
  #limits;
  /** It has said that it runs. */
  #begun = false;
  #terminated = false;
  /** Where it has something to write at its end, for which it is told of it. @type {{ end: () => void, control: import('../family/link.js').Link } | null} */
  #writer = null;
  /** It has begun to, and ends by itself. */
  #writes = false;
  /** For when it does not come to that. @type {ReturnType<typeof setTimeout> | undefined} */ #patience;
  #exited = false;
  /** The last of what it wrote to stderr, which alone says that memory ran out. */
  #lastWords = '';
  /** The exit code that it told, where a system cannot. @type {unknown} */ #code;
  /** What it died of. @type {{ error: unknown } | null} */ #failure = null;
  /** Null after 'exit'. @type {Promise<number> | null} */ #end;
  /** @type {(code: number) => void} */ #resolveEnd = () => {};

  /**
   * @param {string | URL} filename
   * @param {Options} options  without a prototype
   * @param {Tell} tell
   * @param {boolean} everywhere  whether its own workers are processes, too
   */
  constructor(filename, options, tell, everywhere) {
    const obstacle = isSingleExecutable() ? SINGLE : BOOT.length === 0 ? BUNDLED : null;
    if (obstacle !== null) throw withCode(new Error(obstacle), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
    const { launch: given, birth } = readOptions(filename, options);
    this.tell = tell;
    this.#name = birth.name;
    this.#limits = birth.resourceLimits;
    this.#end = new Promise((resolve) => { this.#resolveEnd = resolve; });
    const links = openLinks();
    this.#link = new Link(links.key, this, face);
    this.#control = new Link(links.ipc, this, controlFace);
    for (const link of [this.#link, this.#control]) link.reference(false); // the process itself holds the loop
    let prepared = null;
    try {
      const { workerData, transferList } = options;
      const told = packed({ ...birth, parent: process.pid, workerData, environmentData: inheritedData(), everywhere });
      prepared = prepare(told, readNodeTransfer(transferList, this.#link), this.#link);
      const stdio = /** @type {import('../family/launch.js').Launch['stdio']} */ ([options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe']);
      this.#start({ ...given, stdio, preload: BOOT, manners: 'node', rest: {} }, links);
      prepared.commit(this.#link);
    } catch (error) {
      prepared?.drop();
      closeDescriptors(links.descriptors);
      this.tell = ignore; // of whom nobody has
      this.#kill();
      this.#close();
      throw retell(error, { 'message[0]': 'workerData', 'message[2]': 'environmentData' }); // as packed() has them
    }
    for (const link of [this.#link, this.#control]) link.listen(true); // what nobody listens to is gone, as in Node
    this.#joinFamily(given);
    this.#showOutput(options);
  }

  /** Broadcasts, messages to threads and the end of the program reach it from now on. @param {{ env: NodeJS.ProcessEnv, execArgv: string[] }} given */
  #joinFamily(given) {
    const pid = this.#child?.pid;
    if (pid !== undefined && writtenAtEnd.writesAtEnd(given)) {
      this.#writer = { end: () => this.#tellIt({ type: 'end' }), control: this.#control };
      writtenAtEnd.add(this.#writer);
    }
    this.#others = join((broadcast) => this.#tellIt({ ...broadcast, type: 'broadcast' }));
    if (pid !== undefined) threadMessages.addRoute(pid, this.#tellIt);
  }

  /**
   * Once it runs it is in a process group of its own, so that Ctrl-C is for the main program to decide on, as with threads.
   * @param {import('../family/launch.js').Launch} given
   * @param {import('../family/launch.js').Links} links
   */
  #start(given, links) {
    const child = launch(given, links, (error) => this.#fail(error));
    if (child === null) return;
    this.#child = child;
    this.#threadId = child.pid === undefined ? -1 : threadIdOf(child.pid);
    if (child.pid !== undefined) native.takeAlong(child.pid, 0); // whoever waits for it goes with this thread
    // Whoever writes is told what was not read by the end; a thread takes all of it, so nobody has to listen for that.
    child.stdin?.on('error', ignore);
    this.#stdout = keptReadable(child, child.stdout);
    this.#stderr = keptReadable(child, child.stderr);
    child.on('error', (failure) => {
      if (child.pid === undefined) this.#fail(failure);
      else this.#control.close(); // the program has changed its user, and may not kill it any more: it ends when it is let go of
    });
    child.on('exit', (code, signal) => {
      if (!native.letGo(child.pid ?? 0)) return;
      this.#link.conclude();
      this.#control.conclude();
      const exit = () => threadMessages.hangUp(child.pid ?? 0, () => this.#exit(code, signal));
      this.#control.finish(() => this.#link.finish(() => whenRead(pipes(child).filter(({ readable }) => readable), exit)));
    });
  }

  /** @param {Options} options */
  #showOutput({ stdout, stderr }) {
    // Beside the stream that the program has: whoever reads that later finds all of it.
    this.#child?.stderr?.on('data', (chunk) => { this.#lastWords = (this.#lastWords + chunk).slice(-LAST_WORDS); });
    if (this.#stdout !== null && !stdout) show(this.#stdout, process.stdout);
    if (this.#stderr !== null && !stderr) show(this.#stderr, process.stderr);
  }

  /**
   * What it says of itself. Nothing more than a type is believed: the process may be anybody's by now.
   * @param {any} message
   */
  told(message) {
    if (message === 'online') this.#runs();
    else if (message === 'ending') this.#writes = this.#terminated;
    else if (message?.type === 'answer') this.#questions.answered(message);
    else if (message?.type === 'code') this.#code = message.code;
    else if (message?.type === 'error') this.#failure ??= { error: readError(message) };
    else if (message?.type === 'broadcast') this.#others?.receive(message);
    else if (message?.type === 'thread-message' || message?.type === 'kin') threadMessages.told(message, this.#tellIt, this.#child?.pid);
  }

  #runs() {
    this.#begun = true;
    if (this.#child?.pid !== undefined) native.takeAlong(this.#child.pid, this.#control.key);
    this.#utilization.begin(this.#child?.pid);
    this.tell('online');
  }

  /** It could not be started. @param {any} cause */
  #fail(cause) {
    const reason = cause.code === 'ERR_DESCRIPTORS_EXHAUSTED' ? 'EMFILE' : cause.code ?? cause.message;
    this.#failure = initFailure(reason, { cause });
    this.#exit(ENDED, null);
  }

  /**
   * @param {number | null} code
   * @param {NodeJS.Signals | null} signal
   */
  #exit(code, signal) {
    this.#exited = true;
    clearTimeout(this.#patience);
    if (this.#writer !== null) writtenAtEnd.remove(this.#writer);
    this.#close();
    this.#questions.close();
    this.#others?.leave();
    threadMessages.removeRoutes(this.#tellIt);
    this.#utilization.end();
    this.#threadId = -1;
    this.#limits = {};
    const [exitCode, failure] = this.#readEnd(code, signal);
    const end = () => {
      this.#end = null;
      this.#resolveEnd(exitCode);
      this.#resource.end();
      this.tell('exit', exitCode);
    };
    if (failure === null) return end();
    setImmediate(end); // who has waited for 'error' waits for 'exit' next, and what nobody listens to is told as such first
    this.tell('error', failure.error);
  }

  /**
   * @param {number | null} code
   * @param {NodeJS.Signals | null} signal
   * @returns {[code: number, failure: { error: unknown } | null]}
   */
  #readEnd(code, signal) {
    if (signal === null) {
      const hasFailed = !this.#begun && !this.#terminated && code !== 0; // at what comes before its program; stderr has more
      return [wholeCode(code ?? ENDED, this.#code), this.#failure ?? (hasFailed ? initFailure(`its process has ended with code ${code}`) : null)];
    }
    if (this.#terminated && signal === 'SIGKILL') return [this.#begun ? ENDED : 0, null];
    if (OWN_ENDS.includes(signal) && OUT_OF_MEMORY.test(this.#lastWords)) {
      return [ENDED, { error: withCode(new Error('Worker terminated due to reaching memory limit: JS heap out of memory'), 'ERR_WORKER_OUT_OF_MEMORY') }];
    }
    const crash = Object.assign(withCode(new Error(`The process of the worker was ended by ${signal}`), 'ERR_WORKER_CRASHED'), { signal });
    return [128 + signals[signal], this.#failure ?? { error: crash }];
  }

  #close() {
    this.#link.close();
    this.#control.close();
  }

  /**
   * @param {any} message
   * @param {any} [transfer]
   */
  postMessage(message, transfer) {
    if (this.#exited) return;
    if (arguments.length === 0) throw missingMessage();
    post(this.#link, withOwnCounters(message), transfer, readNodeTransfer, this.postMessage);
  }

  /** Where there is a process: see launch(). */
  #kill() {
    if (this.#child?.pid !== undefined) this.#child.kill('SIGKILL');
  }

  /** Its backstop writes what was posted, and ends it, whatever its JavaScript does. */
  #cut() {
    if (!this.#begun || this.#control.key === 0) return this.#kill();
    native.endWriting(this.#control.key);
    this.#awaitEnd(LINGER_IN_ALL + LAST_TURN);
  }

  /** One that is stopped does nothing, and may be so at any time. @param {number} time  in milliseconds */
  #awaitEnd(time) {
    if (time <= 0) return this.#kill();
    this.#child?.kill('SIGCONT');
    this.#patience = setTimeout(() => this.#awaitEnd(time - LAST_TURN), LAST_TURN);
  }

  #letGo() {
    if (this.#writer === null) return this.#cut();
    this.#writer.end();
    this.#patience = setTimeout(() => setImmediate(() => { // what has come while this thread was busy is read before
      if (this.#exited) return;
      if (this.#writes) this.#awaitEnd(LINGER_IN_ALL);
      else this.#cut();
    }), LAST_TURN);
  }

  /** @returns {Promise<number | undefined>} */
  async terminate() {
    if (this.#end === null) return undefined;
    if (this.#exited) return this.#end; // between 'error' and 'exit'
    this.ref();
    if (!this.#terminated) this.#letGo();
    this.#terminated = true;
    return this.#end;
  }

  ref() {
    this.#resource.reference(true);
    this.#child?.ref();
    for (const pipe of pipes(this.#child)) pipe.ref();
  }

  unref() {
    this.#resource.reference(false);
    this.#child?.unref();
    for (const pipe of pipes(this.#child)) pipe.unref();
  }

  get threadId() {
    return this.#threadId;
  }

  get threadName() {
    return this.#exited ? null : this.#name;
  }

  get resourceLimits() {
    return { ...this.#limits };
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
    for (const [name, method] of Object.entries(methods)) {
      Object.defineProperty(this.prototype, name, {
        configurable: true,
        writable: true,
        /** @this {ProcessWorker} @param {unknown[]} args */
        value(...args) {
          check(name, args);
          return this.#begun && !this.#exited ? method(this.#questions.ask, ...args) : Promise.reject(notRunning());
        },
      });
    }
  }
}

module.exports = { ProcessWorker };
