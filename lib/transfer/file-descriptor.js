// A descriptor that is owned by an object, which can be handed over: for pipes, devices, files, and other programs.
'use strict';

const { HANDED, native, invalidType, invalidValue, withCode } = require('../native');

const { isInteger } = Number;

const registry = new FinalizationRegistry((/** @type {number} */ fd) => native.closeDescriptor(fd));

/** @param {unknown} fd */
function checked(fd) {
  if (typeof fd !== 'number') throw invalidType(`The "fd" argument must be of type number. Received type ${typeof fd}`);
  const isInt = isInteger(fd) && fd >= 0 && fd < 2 ** 31;
  if (!isInt) throw withCode(new RangeError(`The "fd" argument must be an integer >= 0 and < 2 ** 31. Received ${fd}`), 'ERR_OUT_OF_RANGE');
  if (!native.isOfKind(HANDED.ANY, fd)) throw invalidValue(`The "fd" argument must be an open file descriptor. Received ${fd}`);
  return fd;
}

/** What tells its objects apart. @type {(object: object) => boolean} */
let isFileDescriptor;

/** Invariant: the descriptor is this object's to close until it is released, closed or handed over. */
class FileDescriptor {
  #fd;

  /** @param {number} fd */
  constructor(fd) {
    this.#fd = checked(fd);
    registry.register(this, fd, this);
  }

  get fd() {
    return this.#fd;
  }

  release() {
    const fd = this.#fd;
    this.#fd = -1;
    registry.unregister(this);
    return fd;
  }

  close() {
    const fd = this.release();
    if (fd !== -1) native.closeDescriptor(fd);
  }

  static {
    isFileDescriptor = (object) => #fd in object;
  }
}

/**
 * @param {FileDescriptor} descriptor
 * @returns {import('./handed.js').Thing}
 */
const leavingDescriptor = (descriptor) => ({
  name: 'FileDescriptor',
  kind: HANDED.ANY,
  look: () => (descriptor.fd === -1 ? 'is closed, or has been handed over' : null),
  fd: () => descriptor.fd,
  take: () => new Uint8Array(0),
  leave: () => descriptor.close(),
  stay() {},
});

/** @param {number} fd */
function openDescriptor(fd) {
  const object = new FileDescriptor(fd);
  return { object, close: () => object.close() };
}

module.exports = { FileDescriptor, isFileDescriptor, leavingDescriptor, openDescriptor };
