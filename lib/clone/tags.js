// The bytes of the wire format; docs/wire-format.md explains each of them.
'use strict';

/** First byte of every body ... */
const VERSION = 1;
/** ... or of one with texts at its end. */
const WITH_TEXTS = 2;

/** A length there may have this bit: two bytes a character. */
const WIDE_TEXT = 0x80;
/** In place of a length from here on stands this, and the length as two bytes behind it. */
const LONGER_TEXT = 0x7f;

/**
 * Set on the tag of an object that the decoder must create before it reads its members: somebody refers to it
 * later in the message, or it has absent members. The encoder learns of both late and patches the tag.
 */
const EARLY = 0x20;

/** Values with identity: 0x00 to 0x1f, any of them with EARLY. */
const OBJECT = Object.freeze({
  EMPTY: 0x00,
  RECORD_NEW: 0x01,
  RECORD: 0x02,
  DICTIONARY: 0x03,
  ARRAY: 0x04,
  NAMED_ARRAY: 0x05,
  MAP: 0x06,
  SET: 0x07,
  DATE: 0x08,
  REGEXP: 0x09,
  ERROR: 0x0a,
  DOM_EXCEPTION: 0x0b,
  BOXED: 0x0c,
  VIEW: 0x0d,
  TRACKING_VIEW: 0x0e,
  BUFFER: 0x0f,
  PORT: 0x10,
  SHARED: 0x11,
  /** Of a class of the platform's, see value/. */
  VALUE: 0x12,
  /** An array that is nothing but numbers. */
  NUMBERS: 0x13,
  /** An array that is nothing but texts which stand at the end of the body: so many of the next. */
  TEXTS: 0x14,
  /** An object whose keys all stand in front of the first value. */
  TABLE: 0x15,
  /** What a port carries, by its index in the list of those. */
  CARRIED: 0x1c,
  /** A TransformStream: its readable side by index, its writable one is the next. */
  TRANSFORM: 0x1d,
  /** An AbortSignal that has aborted. */
  ABORTED: 0x1e,
});

/** Values without an identity of their own. */
const VALUE = Object.freeze({
  NULL: 0x40,
  UNDEFINED: 0x41,
  TRUE: 0x42,
  FALSE: 0x43,
  INT16: 0x44,
  INT32: 0x45,
  FLOAT64: 0x46,
  BIGINT64: 0x47,
  BIGINT_POSITIVE: 0x48,
  BIGINT_NEGATIVE: 0x49,
  LATIN1: 0x4a,
  UTF16: 0x4b,
  REFERENCE: 0x4c,
  HOLE: 0x4d,
  HOLES: 0x4e,
  /** A text that travels beside the body. */
  TEXT: 0x4f,
  /** The next of the texts at the end of the body. */
  NEXT_TEXT: 0x50,
  /** The list of what ports carry: in front of the value, or nowhere. */
  CARRIED_LIST: 0x5f,
});

/** 0x60 + n: a Latin-1 string of n characters, n below 32. */
const SHORT_STRING = 0x60;

/** 0x80 to 0xff: the integers -16 to 111, as tag - SMALL_INT. */
const SMALL_INT = 0x90;

/** The form of an array of numbers: whole ones, or any. Each takes 2 ** form bytes. */
const NUMBERS = Object.freeze({ INT8: 0, INT16: 1, INT32: 2, FLOAT64: 3 });

/** How the memory table at the end of a body describes one buffer. */
const MEMORY = Object.freeze({ BYTES: 0, BESIDE: 1, SAME: 2, SHARED: 3, RESIZABLE: 0x10, IMMUTABLE: 0x20 });

/** What a port carries. */
const CARRIED = Object.freeze({ READABLE: 1, WRITABLE: 2, SIGNAL: 3 });

/** Bits of the second byte of an error, the last of a QuotaExceededError. */
const ERROR_HAS = Object.freeze({ MESSAGE: 1, STACK: 2, CAUSE: 4, ERRORS: 8, QUOTA: 16 });

/** The constructors an error may name, by number. */
const ERROR_NAMES = Object.freeze([
  'Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError', 'AggregateError',
]);

/** The views, by number. */
const VIEW_NAMES = Object.freeze([
  'DataView', 'Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array',
  'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'Float16Array',
]);

module.exports = {
  VERSION, WITH_TEXTS, WIDE_TEXT, LONGER_TEXT, EARLY, OBJECT, VALUE, SHORT_STRING, SMALL_INT, NUMBERS, MEMORY, CARRIED, ERROR_HAS, ERROR_NAMES, VIEW_NAMES,
};
