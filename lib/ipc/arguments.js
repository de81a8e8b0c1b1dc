// Checks what is passed to send, invoke, postMessage and handle, with the texts that Electron uses.
'use strict';

const { aboutOf, invalidType, dataClone, retold } = require('../native');
const { readTransfer } = require('../transfer');

/** @typedef {import('../port/endpoint.js').Endpoint} Endpoint */

/** @param {any} value */
function detail(value) {
  return typeof value === 'object' && value !== null ? `#<${value.constructor?.name ?? 'Object'}>` : String(value);
}

/**
 * @param {ArrayLike<unknown>} given  the arguments of a call whose first is the channel
 * @param {number} count  how many it needs
 */
function checkArguments(given, count) {
  if (given.length < count) throw invalidType('Insufficient number of arguments.');
  const channel = given[0];
  if (typeof channel === 'string') return;
  throw invalidType(`Error processing argument at index 0, conversion failure from ${detail(channel)}`);
}

/** @param {unknown} channel */
function checkSendChannel(channel) {
  if (typeof channel !== 'string') throw invalidType('Missing required channel argument');
}

/**
 * @param {unknown} transfer
 * @param {Endpoint | null} source
 */
function readIpcTransfer(transfer, source) {
  try {
    return readTransfer(transfer, source);
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw invalidType('Invalid value for transfer');
    throw error;
  }
}

/**
 * Their listeners are told of by EventEmitter itself; nobody can send on them.
 * @param {string | symbol} name
 */
const isChannel = (name) => name !== 'newListener' && name !== 'removeListener';

/** Where the codec stands when it refuses something in a frame, and what stands there for the user. */
const PAYLOAD = 'message[2]';

/**
 * What was wrong with a payload, as the user knows it.
 * @param {any} error  what a getter throws stays as it is
 * @param {string} name  of what was given
 * @param {boolean} transfers  whether there could have been a transfer list
 */
function retoldOf(error, name, transfers) {
  const told = retold(error, PAYLOAD, name);
  if (told === error || transfers || !aboutOf(error)?.isUnlisted) return told;
  return dataClone(`An object could not be cloned${told.message.slice(told.message.indexOf(':'))} (it travels only through postMessage())`);
}

module.exports = { isChannel, checkArguments, checkSendChannel, readIpcTransfer, retoldOf };
