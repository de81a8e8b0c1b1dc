// A FileHandle of fs.promises leaves as its descriptor. Node shows nobody how to make one, but lets its deserializer.
'use strict';

const { madeByNode, ownBySymbol, symbolOf } = require('../../clone');
const { HANDED, native, unwarned } = require('../../native');

const { Error, process, Uint8Array } = globalThis;
const { hasOwn } = Object;
const { apply } = Reflect;

/** @typedef {import('./index.js').Thing} Thing */

/**
 * The class that Node shows, and what Node's own ports take it apart with, whatever an object has in the place of that: it has left by
 * then. Made at the first question.
 * @type {{ FileHandle: any, take: Function } | undefined}
 */
let shown;

/** The half of it that has the descriptor. Node's permission model keeps that from everybody. @type {any} */
let Half;

function classOfHandles() {
  if (shown === undefined) {
    const FileHandle = madeByNode({ handle: { fd: -1 } }, 'internal/fs/promises:FileHandle').constructor;
    const transfer = symbolOf(FileHandle.prototype, 'messaging_transfer_symbol');
    if (transfer === undefined) throw new Error('this version of Node.js does not hand over a FileHandle');
    shown = { FileHandle, take: FileHandle.prototype[transfer] };
  }
  return shown;
}

/** @param {object} object */
const isFileHandle = (object) => object instanceof classOfHandles().FileHandle;

/** @param {any} handle */
function refusalOf(handle) {
  if (hasOwn(process, 'permission')) return 'could not be made again: Node.js runs with --permission';
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
  leave: () => close(apply(classOfHandles().take, handle, []).data.handle),
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
    const { FileHandle } = classOfHandles();
    Half ??= unwarned(/** @type {any} */ (process).binding)('fs').FileHandle;
    const half = new Half(fd);
    return { object: new FileHandle(half), close: () => close(half) };
  } catch (error) {
    native.closeDescriptor(fd);
    throw error;
  }
}

module.exports = { isFileHandle, leavingFileHandle, openFileHandle };
