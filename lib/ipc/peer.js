// One side of the protocol between ipcMain and ipcRenderer: the same in both directions and over every transport.
'use strict';

const { now, withCode } = require('../native');
const { isChannel, retoldOf } = require('./arguments.js');
const { asError, packFailure, untold } = require('./failure.js');
const { SEND, POST, INVOKE, SYNC, RESULT, FAILURE, UNREADABLE, readAnswer, lostNumber, readRequest } = require('./frame.js');
const { MAX_ARGUMENTS, MAX_LIST, SHARE } = require('./limits.js');
const { Queue } = require('./queue.js');
const { NO_REPLY, remoteError } = require('./reply.js');

/** @typedef {import('./frame.js').Frame} Frame */
/** @typedef {import('./frame.js').Request} Request */

const { process, setImmediate } = globalThis;
const { min } = Math;

/**
 * What carries the frames.
 * @typedef {object} Transport
 * @property {boolean} closed
 * @property {() => void} open  deliver from now on
 * @property {(frame: Frame, transfer?: unknown) => void} post  checks, then posts or throws
 * @property {(value: unknown) => boolean} canPost  whether it could be cloned
 * @property {(on: boolean) => void} reference  whether to hold the event loop
 * @property {(milliseconds: number) => { message: any, ports: object[] } | null | undefined} receiveWithin
 *   blocks; null: the other side is gone; undefined: no message, yet; UNREAD: one that could not be read
 * @property {(ports: object[]) => void} dismiss  closes ports that nobody took
 * @property {() => void} fail  the other side does not keep to the protocol: closes, and calls `ended`
 * @property {<A>(callback: (argument: A) => void, argument: A) => void} run  calls back in the async context of the link
 * @property {(callback: () => void) => void} finish  the other side has ended; calls back when everything was delivered
 */

/** In place of a frame that could not be read. */
const UNREAD = Object.freeze({ message: undefined, ports: [] });

/** @typedef {{ channel: string, number: number, resolve: (value: any) => void, reject: (error: unknown) => void }} Call  `number`: of its frame */

/** @param {any[]} args */
function checked(args) {
  if (args.length <= MAX_ARGUMENTS) return args;
  throw withCode(new RangeError(`No more than ${MAX_ARGUMENTS} arguments can be sent at once`), 'ERR_MESSAGE_TOO_LARGE');
}

/** What is wrong with an argument or an answer that is lost. */
const NOT_READ = 'could not be read where it arrived: it is too large, or needs what that process does not have';

/** @param {string} channel */
const argumentLost = (channel) => remoteError(channel, `an argument ${NOT_READ}`, 'ERR_MESSAGE_MALFORMED');

/** @param {string} channel */
const gone = (channel) => remoteError(channel, 'the other side is gone', 'ERR_IPC_CHANNEL_CLOSED');

/** Invariant: every call that was made here settles: with its answer, or when the other side is gone. */
class IpcPeer {
  /** @type {Transport} */ #transport;
  /** @type {(request: Request) => void} */ #receive;
  /** @type {() => void} */ #whenEnded;
  /** @type {Map<number, Call>} */ #calls = new Map();
  #lastId = 0;
  #referenced = false;
  /** Arrived while a synchronous call was waiting for something else, or behind that. @type {Queue<{ frame: any, ports: object[] }>} */
  #deferred = new Queue();
  /** How many tasks are to come that handle one of these. */
  #scheduled = 0;
  /** How many frames have left, and have come. */
  #left = 0;
  #come = 0;
  /** The calls whose answers left last, by the numbers of the frames. @type {Map<number, number>} */ #answers = new Map();
  /** It was said that something was lost. */
  #warned = false;

  /**
   * @param {(peer: IpcPeer) => Transport} connect
   * @param {(request: Request) => void} receive
   * @param {() => void} whenEnded
   */
  constructor(connect, receive, whenEnded) {
    this.#transport = connect(this);
    this.#receive = receive;
    this.#whenEnded = whenEnded;
  }

  open() {
    this.#transport.open();
  }

  /**
   * Whoever listens is called so, whenever that is.
   * @template A
   * @param {(argument: A) => void} callback
   * @param {A} argument
   */
  run(callback, argument) {
    this.#transport.run(callback, argument);
  }

  /** @param {boolean} on  whether to hold the event loop without a pending call too */
  reference(on) {
    this.#referenced = on;
    this.#updateReference();
  }

  #updateReference() {
    this.#transport.reference(this.#referenced || this.#calls.size > 0);
  }

  /**
   * @param {Frame} frame
   * @param {string} name  of the payload, in errors
   */
  #post(frame, name) {
    try {
      return this.#transmit(frame);
    } catch (error) {
      throw retoldOf(error, name, false);
    }
  }

  /**
   * @param {Frame} frame
   * @param {unknown} [transfer]
   * @returns {number} which one it is
   */
  #transmit(frame, transfer) {
    this.#transport.post(frame, transfer);
    return ++this.#left;
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   */
  send(channel, args) {
    this.#post([SEND, channel, checked(args)], 'args');
  }

  /**
   * @param {string} channel
   * @param {unknown} message
   * @param {unknown} transfer
   */
  postMessage(channel, message, transfer) {
    try {
      this.#transmit([POST, channel, message], transfer);
    } catch (error) {
      throw retoldOf(error, 'message', true);
    }
  }

  /**
   * @param {string} channel
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  invoke(channel, args) {
    return new Promise((resolve, reject) => {
      if (this.#transport.closed) throw gone(channel);
      const id = ++this.#lastId;
      const number = this.#post([INVOKE, channel, checked(args), id], 'args');
      this.#calls.set(id, { channel, number, resolve, reject });
      this.#transport.open();
      this.#updateReference();
    });
  }

  /**
   * Blocks this thread until the answer is there. What arrives before it is delivered later, in order.
   * @param {string} channel
   * @param {any[]} args
   * @param {number} timeout  in milliseconds
   */
  callSync(channel, args, timeout) {
    const id = ++this.#lastId;
    const number = this.#transport.closed ? 0 : this.#post([SYNC, channel, checked(args), id], 'args');
    const most = Number(timeout);
    const deadline = now() + (Number.isNaN(most) ? Infinity : most);
    for (;;) {
      const received = this.#transport.receiveWithin(Math.max(0, deadline - now()));
      if (received === null) throw gone(channel);
      if (received === UNREAD) this.unread();
      else if (received !== undefined) {
        this.#come += 1;
        const answer = readAnswer(received.message);
        if (answer?.id === id) {
          this.#transport.dismiss(received.ports);
          return answer.open();
        }
        if (number !== 0 && lostNumber(received.message) === number) throw argumentLost(channel);
        this.#defer(received.message, received.ports);
      } else if (now() >= deadline) {
        throw remoteError(channel, `no reply within ${timeout} ms`, 'ERR_IPC_TIMEOUT');
      }
    }
  }

  /**
   * @param {any} frame
   * @param {object[]} ports
   */
  #defer(frame, ports) {
    this.#deferred.push({ frame, ports });
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled > 0) return;
    this.#scheduled = min(SHARE, this.#deferred.length);
    for (let i = 0; i < this.#scheduled; i++) setImmediate(this.#turn);
  }

  #turn = () => {
    this.#scheduled -= 1;
    const deferred = this.#deferred.shift();
    if (deferred === undefined) return;
    this.#schedule();
    this.#handle(deferred.frame, deferred.ports);
  };

  get #isBehind() {
    return this.#deferred.length > 0;
  }

  /**
   * A frame has arrived. It may come from a hostile process.
   * @param {any} frame
   * @param {object[]} ports
   */
  receive(frame, ports) {
    this.#come += 1;
    if (this.#isBehind) this.#deferred.push({ frame, ports });
    else this.#handle(frame, ports);
  }

  /**
   * @param {any} frame
   * @param {object[]} ports
   */
  #handle(frame, ports) {
    const answer = readAnswer(frame);
    const lost = lostNumber(frame);
    if (answer !== null || lost !== 0) this.#transport.dismiss(ports); // which no answer brings along
    if (answer !== null) return this.#settle(answer);
    if (lost !== 0) return this.#lost(lost);
    const request = readRequest(frame, ports, this);
    if (request === null) return this.#transport.dismiss(ports);
    if (request.args.length > MAX_ARGUMENTS) {
      this.#transport.dismiss(ports);
      return this.#transport.fail();
    }
    if (request.kind === INVOKE || isChannel(request.channel)) this.run(this.#receive, request);
    else this.drop(request);
  }

  /** A frame has come that could not be read: the other side knows what it was. */
  unread() {
    this.#come += 1;
    this.#transmit([UNREADABLE, '', this.#come]);
  }

  /** @param {number} number  of a frame that could not be read over there */
  #lost(number) {
    for (const [id, { channel, number: its }] of this.#calls) {
      if (its === number) return this.#settle({ id, open: () => { throw argumentLost(channel); } });
    }
    const id = this.#answers.get(number);
    if (id !== undefined) {
      this.#answers.delete(number);
      return this.answerFailure(id, withCode(new Error(`The answer ${NOT_READ}`), 'ERR_MESSAGE_MALFORMED'));
    }
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning('A message that was sent by IPC could not be read where it arrived, and is lost', { code: 'MESSAGE_PORT_LOST' });
  }

  /**
   * @param {number} id  of the call that it answers
   * @param {number} number  of the frame
   */
  #remember(id, number) {
    this.#answers.set(number, id);
    if (this.#answers.size > MAX_LIST) this.#answers.delete(/** @type {number} */ (this.#answers.keys().next().value));
  }

  /** @param {{ id: number, open: () => unknown }} answer */
  #settle({ id, open }) {
    const call = this.#calls.get(id);
    if (call === undefined) return;
    this.#calls.delete(id);
    this.#updateReference();
    try {
      call.resolve(open());
    } catch (error) {
      call.reject(error);
    }
  }

  /**
   * @param {number} id
   * @param {unknown} value
   */
  answerResult(id, value) {
    try {
      this.#remember(id, this.#post([RESULT, '', value, id], 'result'));
    } catch (error) {
      this.answerFailure(id, error);
    }
  }

  /**
   * As much of it as can be told: the caller gets an answer, whatever was thrown and however it behaves.
   * @param {number} id
   * @param {unknown} thrown
   */
  answerFailure(id, thrown) {
    const error = asError(thrown);
    for (const pack of [
      () => packFailure(error),
      () => packFailure(error, (value) => this.#transport.canPost(value)),
      () => packFailure(error, () => false),
      untold,
    ]) {
      try {
        return this.#remember(id, this.#transmit([FAILURE, '', pack(), id]));
      } catch {
        // With less of it, then.
      }
    }
  }

  /**
   * Nobody here wants it.
   * @param {Request} request
   */
  drop({ kind, channel, ports, reply }) {
    this.#transport.dismiss(ports);
    if (reply === NO_REPLY) return;
    const what = kind === SYNC ? 'listener' : 'handler';
    reply.failure(remoteError(channel, `Error: No ${what} registered for '${channel}'`, 'ERR_NO_HANDLER'));
  }

  /**
   * The other side has ended. Calls back when everything it posted was delivered, and after `ended`.
   * @param {() => void} callback
   */
  finish(callback) {
    this.#transport.open();
    this.#transport.finish(callback);
  }

  /** The other side is gone, and everything it posted has arrived. */
  ended() {
    if (this.#isBehind) return void setImmediate(() => this.ended());
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const { channel, reject } of calls) reject(gone(channel));
    this.#updateReference();
    this.run(this.#whenEnded, undefined);
  }
}

module.exports = { IpcPeer, UNREAD };
