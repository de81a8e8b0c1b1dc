// The numbers of the faces, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Messages that a loop over a port reads before the event loop gets its turn. */
  SHARE: 64,
});
