// A descriptor that is owned by an object, which can be handed over: for pipes, devices, files, and other programs.
'use strict';

const { closeSync } = require('node:fs');
const { FOREIGN, HANDED, RUNTIME, native, invalidType, invalidValue, withCode, worker_threads } = require('../../native');

const { isInteger } = Number;
const { defineProperty, deleteProperty, getOwnPropertyDescriptor } = Reflect;
const { Error, process, RangeError, Uint8Array } = globalThis;

/** Deno goes on counting a descriptor that it has opened, whoever closes it: the next file with that number cannot be read. */
const NOT_IN_DENO = 'a FileDescriptor is not possible in Deno, whose functions know only the descriptors that it has opened itself';

/** In a worker Node notes what `fs.openSync()` and `fs.open()` have opened, and closes these numbers with the thread. */
const NOTED = !FOREIGN && !worker_threads.isMainThread;

/** @typedef {{ fd: number, number: number }} Owned  `number`: by which native knows it */

/** @param {Owned} owned */
function close({ fd, number }) {
  if (!NOTED || !native.ownsDescriptor(number)) return native.closeOwned(number);
  closeNoted(fd);
  native.releaseOwned(number); // only then: the thread may be terminated between the two, and what native still has is closed with it
}

/**
 * Node has to close it itself: else it would do so when the thread ends, and by then the number may be anybody's. A number that it has
 * not noted it closes too, but with a warning. That comes before closeSync() returns, so warnings are off for as long.
 * @param {number} fd
 */
function closeNoted(fd) {
  const before = getOwnPropertyDescriptor(process, 'emitWarning');
  defineProperty(process, 'emitWarning', { configurable: true, enumerable: true, writable: true, value: ignore });
  try {
    closeSync(fd);
  } catch {
    // It is closed, whatever else the system says.
  }
  if (before === undefined) deleteProperty(process, 'emitWarning');
  else defineProperty(process, 'emitWarning', before);
}

const ignore = () => {};

/** @type {FinalizationRegistry<Owned>} */
const registry = new FinalizationRegistry(close);

/**
 * @param {unknown} fd
 * @returns {number} by which native knows it
 */
function own(fd) {
  if (RUNTIME === 'Deno') throw withCode(new Error(NOT_IN_DENO), 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
  if (typeof fd !== 'number') throw invalidType(`The "fd" argument must be of type number. Received type ${typeof fd}`);
  const isInt = isInteger(fd) && fd >= 0 && fd < 2 ** 31;
  if (!isInt) throw withCode(new RangeError(`The "fd" argument must be an integer >= 0 and < 2 ** 31. Received ${fd}`), 'ERR_OUT_OF_RANGE');
  const number = native.ownDescriptor(fd);
  if (number === 0) throw invalidValue(`The "fd" argument must be an open file descriptor. Received ${fd}`);
  return number;
}

/** What tells its objects apart. @type {(object: object) => boolean} */
let isFileDescriptor;

/** @type {(descriptor: FileDescriptor) => boolean} */
let isSame;

/** Invariant: the descriptor is this object's to close until it is released, closed or handed over. */
class FileDescriptor {
  #fd;
  #number;

  /** @param {number} fd */
  constructor(fd) {
    this.#number = own(fd);
    this.#fd = fd;
    registry.register(this, { fd, number: this.#number }, this);
  }

  get fd() {
    return this.#fd;
  }

  release() {
    const fd = this.#fd;
    native.releaseOwned(this.#forget());
    return fd;
  }

  close() {
    const fd = this.#fd;
    close({ fd, number: this.#forget() });
  }

  #forget() {
    this.#fd = -1;
    registry.unregister(this);
    const number = this.#number;
    this.#number = 0; // which is nobody's
    return number;
  }

  static {
    isFileDescriptor = (object) => #fd in object;
    isSame = (descriptor) => native.ownsDescriptor(descriptor.#number);
  }
}

/** @param {FileDescriptor} descriptor */
function refusalOf(descriptor) {
  if (descriptor.fd === -1) return 'is closed, or has been handed over';
  if (!isSame(descriptor)) return 'has a descriptor that is not open any more: somebody else has closed it';
  return native.mayLeave(descriptor.fd) ? null : 'has a descriptor that the system passes on to no process';
}

/**
 * @param {FileDescriptor} descriptor
 * @returns {import('./index.js').Thing}
 */
const leavingDescriptor = (descriptor) => ({
  name: 'FileDescriptor',
  kind: HANDED.ANY,
  look: () => refusalOf(descriptor),
  fd: () => descriptor.fd,
  take: () => new Uint8Array(0),
  leave: () => descriptor.close(),
  stay() {},
});

/**
 * @param {number} fd
 * @param {Uint8Array} _
 * @param {number} number
 */
function openDescriptor(fd, _, number) {
  const object = new FileDescriptor(fd);
  native.releaseOwned(number);
  return { object, close: () => object.close() };
}

module.exports = { FileDescriptor, isFileDescriptor, leavingDescriptor, openDescriptor };
