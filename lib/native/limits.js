// The numbers of this room, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Room on the stack, in frames of at least thirty words, some 25 KiB: several times what anybody has been seen to need. */
  FRAMES: 100,
  /** Bytes to either side of where this package was loaded on the stack that are this stack's: the smallest stack has twice as much. */
  REACH: 1 << 19,
});
