// The numbers of the IPC protocol, with their reasons.
'use strict';

module.exports = Object.freeze({
  /** Arguments of one call: a function can be called with so many on any stack. More from a peer is a fault of its link. */
  MAX_ARGUMENTS: 1000,
  /** Whatever else of a peer's is walked through: errors of one failure, properties of one error, elements of a list. */
  MAX_LIST: 1000,
  /** And of all lists of one failure together, which a peer may name again and again for a few bytes: no program's error comes near. */
  MAX_WALKED: 1_000_000,
  /** Milliseconds that sendSync waits for a silent parent, unless ipcRenderer.syncTimeout says otherwise. */
  SYNC_TIMEOUT: 30_000,
  /** Milliseconds that a thread stands still at once for that: it can be terminated only in between. */
  SYNC_SLICE: 500,
  /** Messages that were kept, or came during a sendSync, and are handed out in one turn of the event loop. */
  SHARE: 64,
});
