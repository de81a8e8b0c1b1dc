// Locks of a family, in the main program. What processes ask for stands among Node's own locks of this process, in the order in
// which it comes: so its threads go on as if there were nobody else. One line for each thread that asks; see line.js.
// Invariant: what a line has is given back when it closes, which the system does for whoever is dead.
'use strict';

const { SafeMap, mapForEach } = require('../../native');
const { endpointOf } = require('../../port');
const { hasThreads } = require('../broadcast.js');
const { UNREAD_ANSWERS } = require('../limits.js');
const nodes = require('./nodes.js');

/** What processes hold exclusively. @type {Map<string, Wish>} */
const exclusive = new SafeMap();

/** A lock that is asked for, waited for or held. */
class Wish {
  isHeld = false;
  #isOver = false;
  #giveBack = () => {};
  /** Of the lock, as Node has it. @type {Promise<unknown> | undefined} */ #end;
  /** @readonly */ #tell;

  /**
   * @param {string} name
   * @param {'exclusive' | 'shared'} mode
   * @param {string} clientId
   * @param {(type: string) => void} tell
   */
  constructor(name, mode, clientId, tell) {
    this.info = { name, mode, clientId };
    this.#tell = tell;
  }

  /** Whether it is one to be seen: Node's queue cannot be left, its turn will only pass. */
  get isOpen() {
    return this.isHeld || !this.#isOver;
  }

  /**
   * Node cannot steal from another thread of this process, and does not survive the attempt. What a process holds alone is ours
   * to take, and so is all if there is no other thread.
   * @param {boolean} ifAvailable
   * @param {boolean} steal
   */
  async settle(ifAvailable, steal) {
    const { name, mode } = this.info;
    const isSafe = steal && (exclusive.has(name) || !hasThreads());
    let isAnswered = false;
    try {
      this.#end = nodes.request(name, { mode, steal: isSafe, ifAvailable: ifAvailable || (steal && !isSafe) }, (/** @type {object | null} */ lock) => {
        isAnswered = true;
        if (lock !== null) return this.#isOver ? undefined : this.#hold();
        return this.#tell(steal ? 'refused' : 'missed');
      });
      if (!isAnswered) this.#tell('waiting');
      await this.#end;
      this.#tell('over');
    } catch {
      this.#tell('stolen');
    } finally {
      this.isHeld = false;
      if (exclusive.get(name) === this) exclusive.delete(name);
    }
  }

  #hold() {
    const { name, mode } = this.info;
    this.isHeld = true;
    if (mode === 'exclusive') exclusive.set(name, this);
    this.#tell('granted');
    return new Promise((resolve) => { this.#giveBack = () => resolve(undefined); });
  }

  /** It is given back, or no longer wanted. @returns {Promise<unknown> | undefined} settled when others may have it */
  end() {
    this.#isOver = true;
    this.#giveBack();
    return this.isHeld ? this.#end : undefined;
  }
}

/** The open lines by what ends them, and the process that each says it comes from. @type {Map<() => Promise<unknown>, number>} */
const lines = new SafeMap();

/**
 * The line of a thread. Nothing more than a type is believed of what it says.
 * @param {any} port
 * @param {number} pid
 */
function serve(port, pid) {
  /** @type {Map<number, Wish>} */
  const open = new SafeMap();
  const end = () => {
    lines.delete(end);
    /** @type {unknown[]} */
    const ends = [];
    mapForEach(open, (/** @type {Wish} */ wish) => { ends[ends.length] = wish.end(); });
    port.close();
    return Promise.allSettled(ends);
  };
  const tellState = (/** @type {number} */ id) => {
    port.postMessage({ type: 'state', id, state: look(open) });
    // Each question has all of its line for an answer: who asks and reads nothing is no one of ours.
    if ((endpointOf(port)?.bufferedAmount ?? 0) > UNREAD_ANSWERS) end();
  };
  lines.set(end, pid);
  port.on('message', async (/** @type {any} */ message) => {
    const { type, id, name, mode, ifAvailable, steal, clientId } = message ?? {};
    if (typeof id !== 'number') return; // of which an answer can always be made
    if (type === 'release') open.get(id)?.end();
    else if (type === 'query') tellState(id);
    else if (type === 'request' && typeof name === 'string' && !open.has(id)) {
      const wish = new Wish(name, mode === 'shared' ? mode : 'exclusive', typeof clientId === 'string' ? clientId : '', (what) => port.postMessage({ type: what, id }));
      open.set(id, wish);
      await wish.settle(ifAvailable === true, steal === true);
      open.delete(id);
    }
  });
  port.on('close', end);
  port.unref();
}

/**
 * As Node's query() has it: what there is of the thread that asks.
 * @param {Map<number, Wish>} open
 */
function look(open) {
  /** @type {Record<'held' | 'pending', object[]>} */
  const state = { held: [], pending: [] };
  mapForEach(open, (/** @type {Wish} */ { isHeld, isOpen, info }) => {
    const list = state[isHeld ? 'held' : 'pending'];
    if (isOpen) list[list.length] = info;
  });
  return state;
}

/**
 * A process has ended, which is maybe known before its lines have closed.
 * @param {number} pid
 * @returns {Promise<unknown> | undefined} settled when others may have what it held
 */
function hangUp(pid) {
  const ends = [...lines].filter(([, of]) => of === pid).map(([end]) => end());
  return ends.length > 0 ? Promise.all(ends) : undefined;
}

module.exports = { serve, hangUp };
