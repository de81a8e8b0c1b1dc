// The numbers of this room, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Room on the stack, in frames of at least thirty words, some 25 KiB: several times what anybody has been seen to need. */
  FRAMES: 100,
});
