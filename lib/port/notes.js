// What native is told of a port for those who look at the whole process: one byte, by its key, in memory that any thread
// may read while this one is busy.
'use strict';

const { native } = require('../native');

/** How a port looks to its user: the low bits. `src/look/report.rs` has the names. */
const FACES = Object.freeze({
  MessagePortMain: 1, MessagePort: 2, parentPort: 3, Worker: 4, UtilityProcess: 5, ipcRenderer: 6, WebContents: 7,
});

/** Of a port that the user does not see: it carries a stream or a signal. */
const NO_FACE = 0;

/** Their names, by number. */
const NAMES = [null, ...Object.keys(FACES)];

/** What may keep it: the other bits. */
const LISTENING = 8;
const EXPECTING_CLOSE = 16;
const REFERENCED = 32;
const FULL = 64;
const YOUNG = 128;

let notes = new Uint8Array(0);

/**
 * @param {number} key
 * @param {number} bits
 */
function note(key, bits) {
  if (key >= notes.length) notes = native.roomForNotes(key);
  notes[key] = bits;
}

module.exports = { FACES, NO_FACE, NAMES, LISTENING, EXPECTING_CLOSE, REFERENCED, FULL, YOUNG, note };
