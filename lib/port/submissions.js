// Posts small messages without a call: writes them to a log of this thread, which native reads whenever anybody looks.
//
// src/submissions.rs has the other side, and what holds between the two.
'use strict';

const { native, Int32Array, atomicsLoad, atomicsStore } = require('../native');
const { scheduleFlush, submit, turn } = require('./flush.js');

/** What is larger costs more to copy here than a call does. */
const LARGEST = 256;

/** The words in front of the log. */
const TAIL = 0;
const MINDED = 1;
const KEY = 2;
const START = 3;

/** The first word of a message's header: its kind and the version of the format. */
const MESSAGE = 0x0101;
/** What stands there in front of frames for another port than those before. */
const MARK = 0;
const HEADER_WORDS = 4;

/** So much is submitted at first before native is told, and four times more each time: who listens need not wait. */
const FIRST_STEP = 256;

const words = new Int32Array(native.submissions);
const room = words.length - START;

let step = FIRST_STEP;
let stepsOf = 0;

/**
 * Posts a message without parts to a port that has posted in this turn before. `false`: it is not for here.
 * @param {number} key
 * @param {Int32Array} body  in its first words
 * @param {number} length  of it, in bytes
 */
function submitted(key, body, length) {
  if (length > LARGEST) return false;
  const whole = length >> 2;
  const size = (length + 7) >> 3 << 1;
  if (words[TAIL] + size + 2 * HEADER_WORDS > room) submit();
  let at = START + words[TAIL];
  if (words[KEY] !== key) at = mark(key, at);
  words[at] = MESSAGE;
  words[at + 1] = length;
  words[at + 2] = 0;
  words[at + 3] = 0;
  at += HEADER_WORDS;
  const end = at + size;
  let i = 0;
  for (; i < whole; i++) words[at + i] = body[i];
  at += whole;
  if ((length & 3) !== 0) words[at++] = body[whole] & ((1 << ((length & 3) << 3)) - 1);
  if (at < end) words[at] = 0;
  atomicsStore(words, TAIL, end - START);
  if (atomicsLoad(words, MINDED) === 0 && !native.mind()) submit();
  if (end > step || stepsOf !== turn.now) toldInSteps(end);
  return true;
}

/**
 * @param {number} key
 * @param {number} at
 */
function mark(key, at) {
  words[KEY] = key;
  words[at] = MARK;
  words[at + 1] = key;
  words[at + 2] = 0;
  words[at + 3] = 0;
  return at + HEADER_WORDS;
}

/** @param {number} end  of what is submitted */
function toldInSteps(end) {
  if (stepsOf !== turn.now) {
    stepsOf = turn.now;
    step = FIRST_STEP;
    scheduleFlush();
  }
  if (end <= step) return;
  step *= 4;
  submit();
}

module.exports = { submitted };
