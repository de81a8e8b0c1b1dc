// The numbers of process workers, with their reasons.
'use strict';

/** What Linux numbers its processes below. */
const PIDS = 2 ** 22;

module.exports = Object.freeze({
  /** Added to the id of a process to make the `threadId` of a worker in it: Node numbers threads from 0, in each process. */
  PROCESSES: PIDS,
  /** From one thread of a process worker to the next, so that no two threads of a family have the same `threadId`. */
  THREADS: 2 * PIDS,
  /** Bytes of answers about locks that one thread leaves unread: an answer may be much longer than its question. */
  UNREAD_ANSWERS: 16 * 1024 * 1024,
  /** Generations of process workers that one of them is looked for in. */
  PIDS_IN_LINE: 100,
  /** Characters of a text that are given to a process as an argument: a system takes at least 128 KiB in one. */
  MAX_ARGUMENT: 100_000,
  /** Characters of stderr that are looked at after a crash, which alone say that memory ran out: before a stack of native functions. */
  LAST_WORDS: 16_384,
  /** Turns of the event loop without a byte, after which nothing more is read from a process that is dead. */
  QUIET_TURNS: 2,
  /** Milliseconds for which a process that ends waits for who reads its output and takes nothing: as messages linger. */
  LINGER: 5000,
  /** And in all, for a reader may be slow for ever. */
  LINGER_IN_ALL: 30_000,
  /** Milliseconds between two looks for that. */
  LINGER_PAUSE: 1,
  /** Milliseconds that a worker has for the turn of its loop in which it writes its coverage or its profile; and how much longer than its own limit
   * the process of one that is terminated may take. */
  LAST_TURN: 1000,
  /** Megabytes of stack where none are asked for, as in a thread: V8 gives a program's main thread less than one. */
  STACK: 4,
  /** Kilobytes of the system's stack that V8 is not told of: the engine and the program's arguments need some. */
  STACK_MARGIN: 512,
});
