// Attaches the native binding to this environment, once, and names what both sides share.
'use strict';

const { FOREIGN } = require('./runtime.js');
const { trial } = require('./trials.js');
const { threadId } = require('./worker-threads.js');

const { setImmediate } = globalThis;

/**
 * @typedef {object} Native
 * @property {Int32Array} control
 * @property {ArrayBuffer} inbox
 * @property {(buffer: ArrayBuffer) => void} setOutbox
 * @property {() => number} createChannel
 * @property {(key: number, length: number) => number} post
 * @property {(key: number, length: number, ports: number[], transfers: ArrayBuffer[], clones: (string | Uint8Array)[], shares: (object | number)[], handed: (number | Uint8Array)[]) => number} postParts  `handed`: kind, descriptor and bytes of each
 * @property {(key: number, length: number, buffer: ArrayBuffer) => number} postBuffer  the same with one buffer that moves, and nothing else
 * @property {(key: number, length: number, text: string) => number} postText  the same with one text beside it, and nothing else
 * @property {ArrayBuffer} submissions  lib/port/submissions.js says what is where
 * @property {() => number[] | null} submit  takes what was submitted, and tells which ports are above the high-water mark by that
 * @property {() => number[] | null} flush  the same at the end of a turn: what is coalesced is written
 * @property {() => boolean} mind  has submissions looked at for as long as there are any; whether somebody will
 * @property {(key: number) => void} start
 * @property {(key: number) => void} pause
 * @property {(key: number) => void} close
 * @property {(key: number) => number} bufferedAmount
 * @property {(key: number) => boolean} heedDrain  `next` tells of every 'drain' from now on; whether one is owed
 * @property {(key: number) => [place: string, waiting: number]} stats
 * @property {() => string} report  of every port of the process, as JSON
 * @property {(pid: number, milliseconds: number) => string} ask  another process for its report
 * @property {(key: number) => [id: number, channel: string]} numbers  by which reports know it, also if it has just ended
 * @property {(key: number) => Uint8Array<ArrayBuffer>} roomForNotes  the bytes for notes, with room for one on this key
 * @property {(key: number, stack: string) => void} noteStack  unless there is one
 * @property {(on: boolean) => void} hold
 * @property {(on: boolean) => void} hurry  whether this thread looks for messages before it sleeps
 * @property {() => number} next
 * @property {() => [body: Uint8Array | null, ports: number[], memories: (ArrayBuffer | string)[], shared: unknown[], handed: any[]] | ArrayBuffer | string | null} take  an ArrayBuffer or a text: nothing else has come along; `handed`: kind, descriptor, the number by which it closes with this thread, and bytes of each
 * @property {(key: number) => boolean} local  whether the peer is in this process
 * @property {(key: number) => number} peer  the peer's key, if that is in this thread; 0 otherwise
 * @property {() => boolean} engine  whether it hands shared memory and modules to other threads itself
 * @property {() => number} number  one that no other call in this process gets
 * @property {(bytes: number, ports: number, parts: number) => boolean} fits  whether a message may be so large, with so many ports and other parts
 * @property {(buffer: ArrayBuffer, plain: ArrayBuffer) => number} detachable  0 or 1; 2 if it has also the shape of `plain`; -1 where only Node can tell
 * @property {() => number} stackAddress  where on the stack the call stands
 * @property {(kind: number, fd: number) => boolean} isOfKind  whether a descriptor is open, and what the kind says
 * @property {(fd: number) => boolean} mayLeave  whether the kernel passes an open descriptor on; true where no number is left to try it with
 * @property {(object: object, ...full: object[]) => number} sortOf  what an object is, as lib/clone/kind/sort.js numbers it, and whether it is like one of the three; 0 is no verdict
 * @property {(object: object, ...full: object[]) => number} hashedSortOf  the same, and above its bits a number by which it may be found again, if there is one
 * @property {() => [((object: object, ...full: object[]) => number), ((object: object, ...full: object[]) => number)] | undefined} directSorts  those two as functions that take exactly so many, and that the engine calls with nothing in between, where it does
 * @property {(told: Int32Array, hashed: boolean, ...objects: unknown[]) => void} sortsOf  the same of all objects behind those three, and above its bits, if it is to be, a number by which each may be found again, if there is one
 * @property {(sorts: object[][], others: object[], tables: object[][]) => boolean} learnSorts  sees from some of each, first of all, whether it can tell
 * @property {() => string | undefined} lesson  what it saw then, for a child with the same engine: that need not see for itself
 * @property {(lesson: string) => boolean} takeLesson  whether it is of this engine
 * @property {(one: object, other: object) => boolean} isAlike  whether two objects have the same shape; a `false` is no verdict
 * @property {(one: object, other: object) => boolean} isLike  whether two ordinary objects differ in nothing but values: they have the same shape, and no elements; a `false` is no verdict
 * @property {(collection: object) => unknown[] | undefined} entriesOf  keys and values of a Map by turns, or a Set's members, where the engine tells
 * @property {(text: string) => boolean | undefined} isNarrow  whether it has a byte for each character, where the engine tells
 * @property {(bytes: Uint8Array, pos: number, end: number, count: number, collect: (...texts: string[]) => void) => number | undefined} textsIn  where they end; undefined if they are not there
 * @property {(bytes: Uint8Array, pos: number, ...texts: unknown[]) => number} textsOut  how many were written, and COUNTS times where they end
 * @property {(object: object) => any} copyOf  an error or ordinary object with the same prototype and properties, hidden ones too; undefined where the engine makes none
 * @property {(length: number) => SharedArrayBuffer} sharedCreate  memory that processes can share
 * @property {(buffer: SharedArrayBuffer) => boolean} isSharedMemory  whether it is that
 * @property {(buffer: ArrayBufferLike, offset: number) => number} sharedTurn  which the next notification of the word ends
 * @property {(buffer: ArrayBufferLike, offset: number, expected: number, milliseconds: number, turn: number, again: boolean) => number} sharedWait  `again`: it was as expected when the wait began
 * @property {(buffer: ArrayBufferLike, offset: number, count: number) => number} sharedNotify
 * @property {(buffer: ArrayBufferLike, offset: number, expected: number, milliseconds: number, turn: number, number: number) => void} sharedWaitLater  `next` tells of its end
 * @property {() => number} discard  the message that was announced; the number of what the side-car has brought for it, 0: nothing
 * @property {(key: number) => number} read  looks at the next message
 * @property {() => void} consume  takes what was looked at, unless that is a parcel, as far as `control[DELIVERED]` says
 * @property {(key: number) => number} intoDescriptor  closes with this thread, if that was not done before
 * @property {(fd: number) => number} fromDescriptor
 * @property {(fd: number) => void} closeDescriptor
 * @property {(fd: number) => number} ownDescriptor  closes it with this thread, if that was not done before; a number for it, 0 if it is not open
 * @property {(number: number) => boolean} ownsDescriptor  whether it is still what it was
 * @property {(number: number) => void} releaseOwned
 * @property {(number: number) => void} closeOwned
 * @property {(parent: number, link: number) => number} follow  into death, the thread that started this process: 0 if that, or the process of this number, is
 *   gone; by `link` it is known
 * @property {(pid: number, key: number) => void} takeAlong  a child of this thread ends before that is gone, and is waited for: by itself, once it
 *   follows the other end of the port with this key, which is 0 until then
 * @property {() => void} endFamily  the same now: nothing runs here any more, and nobody reads what comes for the ports of this thread
 * @property {(pid: number) => boolean} letGo  it has ended; false where it does so with this process, which ends
 * @property {() => number} stackLimit  bytes of stack that the system gives this process's first thread
 * @property {(kilobytes: number) => boolean} stack  that this thread is to have, from here on; 0 changes nothing. Whether the engine lets us
 * @property {(key: number) => number} park
 * @property {(key: number) => number} parkHere  for this thread, with which it closes
 * @property {(id: number) => number} claim
 * @property {(key: number) => void} conclude
 * @property {(key: number) => void} endWriting  what comes from the process on the other side is still read
 * @property {(place: number) => number} meet  at the place of this thread
 * @property {(place: number) => number} meetWhileHere  at the place of a thread that ends with this one: nobody comes there afterwards
 * @property {(place: number) => void} part  its thread has ended, and has no ports any more
 * @property {(key: number, milliseconds: number) => number} wait
 * @property {() => void} linger
 * @property {boolean} byThread  what wakes this thread waits for nothing after a turn until `waitAgain`
 * @property {() => void} waitAgain  the loop has come round since
 * @property {() => void} rest  interrupts the turn: the loop calls again to go on with it
 * @property {(error: unknown) => void} fatal
 * @property {() => void} drainTicks
 * @property {() => [code: string, text: string]} faultText
 */

/** Whoever has not yet said what to do has heard of it all the same. @type {() => void} */
let wake = () => {
  if (native.byThread) setImmediate(native.waitAgain);
};

/** @type {Native} */
const native = require('./binding.js').attach(() => wake(), threadId, FOREIGN, trial);

/**
 * Names the function that delivers when the event loop says that something has arrived.
 * @param {() => void} deliver
 */
function onWake(deliver) {
  wake = deliver;
}

/** Indices into `native.control`. */
const KEY = 0;
const LENGTH = 1;
const DELIVERED = 2;
const LIVE = 3;

/** What a descriptor that is handed over is. src/sys/handed.rs makes sure of it. */
const HANDED = Object.freeze({ ANY: 2, TCP_SOCKET: 3, UNIX_SOCKET: 4, TCP_SERVER: 5, UNIX_SERVER: 6, FILE: 7, DATAGRAMS: 8, CONTENT: 9 });

module.exports = { native, HANDED, onWake, KEY, LENGTH, DELIVERED, LIVE };
