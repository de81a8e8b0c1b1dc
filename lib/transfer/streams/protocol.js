// What the two ends of a stream say to each other. The reader sends how many more chunks it would take, a number; the
// writer sends chunks, and that it has closed; both send errors, behind which nothing comes.
'use strict';

const { dataClone, retold } = require('../../native');
const { isPeerGone } = require('../end.js');
const { MAX_IN_FLIGHT } = require('../limits.js');

const { isArray } = Array;
const { isInteger } = Number;

const CHUNK = 0;
const ERROR = 1;
const CLOSE = 'close';

/** @typedef {import('../end.js').End} End */

/**
 * @param {any} message
 * @param {number} kind
 */
const isPair = (message, kind) => isArray(message) && message.length === 2 && message[0] === kind;

/** @param {any} message  the other side has failed, or does not want it any more; the reason is message[1] */
const isError = (message) => isPair(message, ERROR);

/** @param {unknown} reason */
const asError = (reason) => [ERROR, reason];

/** Where its chunk or its reason stands in a message. */
const CONTENT = 'message[1]';

/** @param {any} message  its chunk is message[1] */
const isChunk = (message) => isPair(message, CHUNK);

/** @param {any} message */
const isRequest = (message) => isInteger(message) && message > 0 && message <= MAX_IN_FLIGHT;

/**
 * Tells the other side and closes. A reason that cannot be cloned is told of instead, and thrown. That somebody beyond is gone is
 * told by closing: an error's code would not arrive.
 * @param {End} end
 * @param {unknown} reason
 */
function fail(end, reason) {
  if (isPeerGone(reason)) return end.close();
  try {
    end.post(asError(reason));
  } catch (error) {
    const told = retold(error, CONTENT, 'reason');
    end.postThrown(told, asError);
    throw told;
  } finally {
    end.close();
  }
}

/**
 * The same of what a post has thrown, or of an error of our own.
 * @param {End} end
 * @param {unknown} reason
 */
function failWith(end, reason) {
  end.postThrown(reason, asError);
  end.close();
}

/**
 * The same of what could not be read.
 * @param {End} end
 * @param {Error} error
 * @param {string} what  it was
 * @returns {Error} what both sides fail with
 */
function failUnread(end, error, what) {
  const told = 'code' in error && typeof error.code === 'string' ? error : dataClone(`${what} could not be read: ${error.message}`);
  failWith(end, told);
  return told;
}

module.exports = { CHUNK, CLOSE, CONTENT, isError, isChunk, isRequest, fail, failWith, failUnread };
