// The memory in which native puts what has arrived, and its words for what that is.
'use strict';

const { native, SafeDataView } = require('../native');

/** What `native.next()` and `native.read()` say; 0: nothing. */
const MESSAGES = 1;
const PARCEL = 2;
const CLOSE = 3;
const DRAIN = 4;
const FAULT = 5;
const SLEPT = 6;

/** A frame: its header (kind, body length, two words that are not ours), its body, padding to the next multiple of 8. */
const HEADER = 16;
const BODY_LENGTH = 1;

const bytes = new Uint8Array(native.inbox);
const view = new SafeDataView(native.inbox);
const words = new Uint32Array(native.inbox);

module.exports = { MESSAGES, PARCEL, CLOSE, DRAIN, FAULT, SLEPT, HEADER, BODY_LENGTH, bytes, view, words };
