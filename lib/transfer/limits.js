// The numbers of what is handed over, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Chunks of a stream that a reader asks for ahead, once it has proved to be faster than they come. */
  WINDOW: 64,
  /**
   * And so many bytes of them: enough to hide the way there and back, and no more than a socket takes. Texts and memory are counted,
   * not what stands in objects.
   */
  WINDOW_BYTES: 1024 * 1024,
  /** Chunks of a stream that may be in flight; a peer that asks for more, or sends what nobody has asked for, breaks its stream. */
  MAX_IN_FLIGHT: 128,
});
