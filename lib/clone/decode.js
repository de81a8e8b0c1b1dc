// The decoder: a body in, its value out. Bytes may be hostile, no user code runs, nothing refers to them afterwards.
'use strict';

const { GraphReader } = require('./graph-reader.js');
const { malformed } = require('./malformed.js');
const { VERSION } = require('./tags.js');

const reader = new GraphReader();

/**
 * @param {Uint8Array} bytes
 * @param {DataView} view over the same bytes
 * @param {number} start
 * @param {number} end
 * @param {object[]} ports in the order of the transfer list
 * @param {ArrayBuffer[]} memories what travelled beside the body
 * @param {unknown[]} [shared] what the sender's share() hook has numbered
 * @returns {unknown}
 */
function decode(bytes, view, start, end, ports, memories, shared = NOTHING_SHARED) {
  if (end <= start) throw malformed('it is empty');
  const version = bytes[start];
  if (version !== VERSION) throw malformed(`version ${version} of the format; this is version ${VERSION}`);
  try {
    return reader.graph(bytes, view, start, end, { ports, memories, shared });
  } catch (error) {
    throw isMalformed(error) ? error : malformed(String(error), error);
  }
}

/** @type {unknown[]} */
const NOTHING_SHARED = [];

/** @param {unknown} error */
function isMalformed(error) {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MESSAGE_MALFORMED';
}

module.exports = { decode };
