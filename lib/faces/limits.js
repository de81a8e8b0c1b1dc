// The numbers of the faces, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Messages that a loop over a port reads before the event loop gets its turn. */
  SHARE: 64,
  /**
   * Messages, and bytes of them, that are handed out after a listener has closed their port: as many as there are, but for a peer
   * that posts as fast as they are read.
   */
  REST: 10_000,
  REST_BYTES: 256 << 20,
});
