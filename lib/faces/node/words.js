// Says in Node's own words what cannot be posted, and more only where there is more to say. Loaded with the first such error.
'use strict';

const types = require('node:util/types');
const { describe } = require('../../clone');
const { MAJOR, aboutOf, dataClone, made, withCode } = require('../../native');
const { IN_LIST } = require('../../transfer');
const { TEXT } = require('../uncloneable.js');

const { DOMException, structuredClone, TypeError } = globalThis;
const { isView } = ArrayBuffer;
const { keys } = Object;

/** Until then errors of a transfer list were of a class, and of codes, of their own. */
const BEFORE_21 = MAJOR < 21;

/**
 * @param {string} code
 * @param {string} text
 */
const listError = (code, text) => (BEFORE_21 ? made(withCode(new TypeError(text), code)) : dataClone(text));

/** @param {string} why */
const invalidElement = (why) => listError('ERR_INVALID_TRANSFER_OBJECT', `Found invalid ${BEFORE_21 ? 'object' : 'value'} in transferList. ${why}`);

const missingElement = () => listError('ERR_MISSING_TRANSFERABLE_IN_TRANSFER_LIST', 'Object that needs transfer was found in message but not listed in transferList');

/** What the engine refuses as soon as it sees it, so that no code of the program's runs. @param {any} culprit */
const isRefusedAtOnce = (culprit) => typeof culprit === 'function' || typeof culprit === 'symbol' || types.isProxy(culprit)
  || types.isPromise(culprit) || types.isWeakMap(culprit) || types.isWeakSet(culprit) || types.isGeneratorObject(culprit) || types.isMapIterator(culprit)
  || types.isSetIterator(culprit) || types.isSymbolObject(culprit) || types.isModuleNamespaceObject(culprit);

/**
 * Memory that may be gone: the engine says so of the buffer, also where a view was posted. There is nothing to copy in it.
 * @param {unknown} culprit
 */
function emptied(culprit) {
  const buffer = isView(culprit) ? culprit.buffer : culprit;
  return types.isArrayBuffer(buffer) && buffer.byteLength === 0 ? buffer : undefined;
}

/** @param {unknown} culprit */
function sentence(culprit) {
  try {
    structuredClone(isRefusedAtOnce(culprit) ? culprit : emptied(culprit));
  } catch (error) {
    return /** @type {Error} */ (error).message;
  }
  return `${describe(culprit)} could not be cloned.`;
}

/** Of what may not leave. */
const UNSUPPORTED = 'Cannot transfer object of unsupported type.';

/** What paths begin with, and what the program calls that. @type {Record<string, string>} */
const MESSAGE = { message: 'message' };

/** Whether Node has looked into a port of ours. @param {any} error */
const isOfPort = (error) => error instanceof DOMException && error.message.includes(TEXT);

/**
 * @param {any} error  of posting
 * @param {Record<string, string>} [names]  where in what was posted values of the program stand, and what it calls them
 */
function inNodesWords(error, names = MESSAGE) {
  const about = aboutOf(error);
  if (about?.isUnlisted || isOfPort(error)) return missingElement();
  if (about === undefined) return error;
  const { culprit, reason } = about;
  if (about.where === IN_LIST) return dataClone(`${UNSUPPORTED} ${error.message}`);
  const root = keys(names).find((each) => about.where.startsWith(each)) ?? '';
  const where = (names[root] ?? '') + about.where.slice(root.length);
  const more = about.where === root && reason === undefined ? '' : ` It stands at ${where}${reason === undefined ? '' : ` (${reason})`}.`;
  return dataClone(sentence(culprit) + more);
}

module.exports = { UNSUPPORTED, invalidElement, inNodesWords };
