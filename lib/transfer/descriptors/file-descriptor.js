// A descriptor that is owned by an object, which can be handed over: for pipes, devices, files, and other programs.
'use strict';

const { HANDED, native, invalidType, invalidValue, withCode } = require('../../native');

const { isInteger } = Number;

const registry = new FinalizationRegistry((/** @type {number} */ number) => native.closeOwned(number));

/**
 * @param {unknown} fd
 * @returns {number} by which native knows it
 */
function own(fd) {
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
    registry.register(this, this.#number, this);
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
    native.closeOwned(this.#forget());
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
