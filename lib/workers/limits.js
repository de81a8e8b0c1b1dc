// The numbers of process workers, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Characters of a text that are given to a process as an argument: a system takes at least 128 KiB in one. */
  MAX_ARGUMENT: 100_000,
  /** Characters of stderr that are looked at after a crash, which alone say that memory ran out. */
  LAST_WORDS: 4096,
  /** Turns of the event loop without a byte, after which nothing more is read from a process that is dead. */
  QUIET_TURNS: 2,
});
