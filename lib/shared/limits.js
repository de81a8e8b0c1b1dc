// The numbers of shared memory, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** In one piece; `SHARED_BYTES` of src/limits.rs. */
  MAX_BYTES: 4 * 1024 * 1024 * 1024,
  /** How long a thread sleeps at once, in milliseconds: it can be terminated only in between. */
  SLICE: 500,
});
