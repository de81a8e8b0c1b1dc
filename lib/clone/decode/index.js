// The decoder: a body in, its value out. Bytes may be hostile, nothing refers to them afterwards, and no user code runs but what
// hears of things that are made (async_hooks): that may read another message meanwhile.
'use strict';

const { GraphReader, NO_PARTS } = require('./graph-reader.js');
const { NONE, isOverflow } = require('../../native');
const { MAX_RECURSION } = require('../limits.js');
const { malformed } = require('./malformed.js');
const { carriedIn } = require('./read-carried.js');
const { VERSION, WITH_TEXTS } = require('../tags.js');

const { Error } = globalThis;

/** What reads, unless it does. @type {GraphReader | null} */
let idle = new GraphReader();

/** Whether a message is being read. */
const isReading = () => idle === null;

/**
 * For who has read another meanwhile, and for who knows that none is read.
 * @param {boolean} does  whether one still is
 */
function readsAgain(does) {
  idle = does ? null : idle ?? new GraphReader();
}

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view over the same bytes
 * @param {number} start
 * @param {number} end
 * @param {object[]} ports in the order of the transfer list
 * @param {(ArrayBuffer | string)[]} memories what travelled beside the body
 * @param {unknown[]} [shared] what the sender's share() hook has numbered
 * @param {import('./graph-reader.js').Openable[]} [carried] what further ports carry, as carriedIn() has told
 * @returns {unknown}
 */
function decode(bytes, view, start, end, ports, memories, shared = NONE, carried = NONE) {
  if (end <= start) throw malformed('it is empty');
  const version = bytes[start];
  if (version !== VERSION && version !== WITH_TEXTS) {
    throw malformed(`version ${version} of the format; known are ${VERSION} and ${WITH_TEXTS}`);
  }
  const parts = ports.length === 0 && memories === NONE && shared === NONE && carried === NONE ? NO_PARTS : { ports, memories, shared, carried };
  const reader = idle ?? new GraphReader();
  idle = null;
  try {
    return reader.graph(bytes, view, start, end, parts);
  } catch (error) {
    return isOverflow(error) ? withoutRecursion(reader, bytes, view, start, end, parts) : failed(error);
  } finally {
    idle = reader;
  }
}

/**
 * The caller is near the end of the stack: levels that have no room there are kept in a list. Who has not even room for that
 * gets the engine's RangeError, which says nothing about the message.
 * @param {GraphReader} reader
 * @param {Uint8Array} bytes
 * @param {DataView} view
 * @param {number} start
 * @param {number} end
 * @param {import('./graph-reader.js').Parts} parts
 */
function withoutRecursion(reader, bytes, view, start, end, parts) {
  reader.deepest = 0;
  try {
    return reader.graph(bytes, view, start, end, parts);
  } catch (error) {
    if (isOverflow(error)) throw error;
    return failed(error);
  } finally {
    reader.deepest = MAX_RECURSION;
  }
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function failed(error) {
  throw isMalformed(error) ? error : malformed(`${error}`, error);
}

/** @param {unknown} error */
function isMalformed(error) {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MESSAGE_MALFORMED';
}

module.exports = { decode, isReading, readsAgain, carriedIn };
