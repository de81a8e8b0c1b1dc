// The frames that ipcMain and ipcRenderer exchange, and what one says that has come. It may come from a hostile process.
'use strict';

const { openFailure } = require('./failure.js');
const { Reply, NO_REPLY } = require('./reply.js');

/** @typedef {import('./peer.js').IpcPeer} IpcPeer */

/** `channel` is empty in an answer, `id` is missing where no answer is expected. */
/** @typedef {[kind: number, channel: string, payload: any, id?: number]} Frame */

const SEND = 0;
const POST = 1;
const INVOKE = 2;
const SYNC = 3;
const RESULT = 4;
const FAILURE = 5;
/** A frame could not be read: the payload is its number, counted from 1. */
const UNREADABLE = 6;

/**
 * Something that the other side wants here. `args` are those of the listener or handler.
 * @typedef {object} Request
 * @property {number} kind
 * @property {string} channel
 * @property {any[]} args
 * @property {object[]} ports
 * @property {Reply} reply
 */

/**
 * @param {any} frame
 * @returns {{ id: number, open: () => unknown } | null} null when it is no answer; `open` throws what the other side threw
 */
function readAnswer(frame) {
  if (!Array.isArray(frame)) return null;
  const [kind, , payload, id] = frame;
  if (kind === RESULT) return { id, open: () => payload };
  if (kind === FAILURE) return { id, open: () => { throw openFailure(payload); } };
  return null;
}

/** @param {any} frame  @returns {number} that of a frame which could not be read; 0: it says no such thing */
const lostNumber = (frame) => (Array.isArray(frame) && frame[0] === UNREADABLE && Number.isSafeInteger(frame[2]) ? frame[2] : 0);

/**
 * @param {any} frame
 * @param {object[]} ports
 * @param {IpcPeer} peer
 * @returns {Request | null} null when it makes no sense
 */
function readRequest(frame, ports, peer) {
  if (!Array.isArray(frame)) return null;
  const [kind, channel, payload, id] = frame;
  if (typeof channel !== 'string') return null;
  if (kind === POST) return { kind, channel, args: [payload], ports, reply: NO_REPLY };
  if (!Array.isArray(payload)) return null;
  if (kind === SEND) return { kind, channel, args: payload, ports, reply: NO_REPLY };
  if ((kind !== INVOKE && kind !== SYNC) || typeof id !== 'number') return null;
  return { kind, channel, args: payload, ports, reply: new Reply({ peer, channel, id }) };
}

module.exports = { SEND, POST, INVOKE, SYNC, RESULT, FAILURE, UNREADABLE, readAnswer, lostNumber, readRequest };
