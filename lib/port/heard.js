// Calls back when this thread has heard what had arrived for it: messages, and that ports have closed.
'use strict';

const { native } = require('../native');
const { endpoints } = require('./endpoint.js');

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */

const { setImmediate } = globalThis;

/** What had arrived is heard within so many, unless it is much. After them only ports are waited for to which nothing more comes. */
const TURNS = 2;

/**
 * What waits in a port that nobody hears is not waited for, and neither is the 'close' behind it.
 * @param {Endpoint} endpoint
 * @param {number} turns  that have passed
 */
function isBehind({ key, receiving, expectingClose }, turns) {
  if (key === 0 || !(receiving || expectingClose)) return false;
  const { 0: peer, 1: waiting } = native.stats(key);
  if (waiting === 0) return expectingClose && peer === 'gone' && (receiving || turns < TURNS);
  return receiving && (peer === 'gone' || turns < TURNS);
}

/** @param {() => void} callback  called at once if there is nothing */
function whenHeard(callback) {
  /** @type {Endpoint[]} */
  const behind = [];
  for (let key = 1; key < endpoints.length; key++) {
    const endpoint = endpoints[key];
    if (endpoint !== undefined && isBehind(endpoint, 0)) behind[behind.length] = endpoint;
  }
  let turns = 0;
  const look = () => {
    while (behind.length > 0 && !isBehind(behind[behind.length - 1], turns)) behind.length -= 1;
    if (behind.length === 0) return callback();
    turns += 1;
    setImmediate(look);
  };
  look();
}

module.exports = { whenHeard };
