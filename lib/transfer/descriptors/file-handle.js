// A FileHandle of fs.promises leaves as its descriptor. Node shows nobody how to make one, but lets its deserializer.
'use strict';

const { madeByNode, ownBySymbol, symbolOf } = require('../../clone');
const { HANDED, native } = require('../../native');

const { process } = globalThis;

/** @typedef {import('./index.js').Thing} Thing */

/**
 * The class that Node shows, the half of it that has the descriptor, and what Node's own ports take it apart with. Made at the
 * first question.
 * @type {{ FileHandle: any, Half: any, transfer: symbol } | undefined}
 */
let classes;

function both() {
  if (classes === undefined) {
    const FileHandle = madeByNode({ handle: { fd: -1 } }, 'internal/fs/promises:FileHandle').constructor;
    const Half = /** @type {any} */ (process).binding('fs').FileHandle;
    const transfer = symbolOf(FileHandle.prototype, 'messaging_transfer_symbol');
    if (transfer === undefined) throw new Error('this version of Node.js does not hand over a FileHandle');
    classes = { FileHandle, Half, transfer };
  }
  return classes;
}

/** @param {object} object */
const isFileHandle = (object) => object instanceof both().FileHandle;

/** @param {any} handle */
function refusalOf(handle) {
  if (handle.fd < 0) return 'is closed, or has been handed over';
  const isUsed = ownBySymbol(handle, 'kRefs') !== 1 || ownBySymbol(handle, 'kClosePromise');
  return isUsed ? 'is in use: something reads, writes or closes it' : null;
}

/**
 * @param {any} handle
 * @returns {Thing}
 */
const leavingFileHandle = (handle) => ({
  name: 'FileHandle',
  kind: HANDED.FILE,
  look: () => refusalOf(handle),
  fd: () => handle.fd,
  take: () => new Uint8Array(0),
  leave: () => close(handle[both().transfer]().data.handle),
  stay() {},
});

/** @param {any} half  says nothing on garbage collection, as it would if its descriptor were just closed */
function close(half) {
  const { fd } = half;
  half.releaseFD();
  native.closeDescriptor(fd);
}

/** @param {number} fd */
function openFileHandle(fd) {
  try {
    const { FileHandle, Half } = both();
    const half = new Half(fd);
    return { object: new FileHandle(half), close: () => close(half) };
  } catch (error) {
    native.closeDescriptor(fd);
    throw error;
  }
}

module.exports = { isFileHandle, leavingFileHandle, openFileHandle };
