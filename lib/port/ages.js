// How endpoints age: what is done with them at the end of their first tick, and a moment later, if they are open by then.
'use strict';

const { setTimeout } = require('node:timers');
const { arrayFilter } = require('../native');

const { nextTick } = globalThis.process;
const { max } = Math;

/** @typedef {import('./endpoint.js').Endpoint} Endpoint */

/** Milliseconds. To be held weakly costs a port more than all else, the collector included, and most have closed by then. */
const MOMENT = 50;

/** No more than these wait for it: what is dropped is not held for long, nor for ever where a program's clock stands still. */
const MANY = 4_000;

/** Endpoints made in this tick: most learn in it whether they will be kept, and many close again. @type {Endpoint[]} */
let young = [];

/** So many, and those that have ended leave the list: a tick may be as long as its thread. */
let crowd = MANY;

/** What is to be held weakly in a moment, each where its `place` says, up to `count`. @type {(Endpoint | null)[]} */
const waning = [];
let count = 0;

let scheduled = false;

/** @param {Endpoint} endpoint  that was just made */
function born(endpoint) {
  if (young.length === 0) nextTick(settleYoung); // first: it throws where the stack has no room left
  else if (young.length >= crowd) thin();
  young[young.length] = endpoint;
}

function thin() {
  young = arrayFilter(young, isOpen);
  crowd = max(MANY, 2 * young.length);
}

/** @param {Endpoint} endpoint */
const isOpen = ({ key }) => key !== 0;

function settleYoung() {
  const settled = young;
  young = [];
  crowd = MANY;
  for (let i = 0; i < settled.length; i++) {
    settled[i].settle();
    if (count >= MANY) weaken();
  }
}

/** @param {Endpoint} endpoint  that need not be held strongly, and is not held weakly yet */
function wane(endpoint) {
  if (endpoint.place >= 0) return;
  if (!scheduled) {
    setTimeout(weakenInTime, MOMENT).unref?.(); // a bare number in another runtime
    scheduled = true;
  }
  endpoint.place = count;
  waning[count++] = endpoint;
}

/** @param {Endpoint} endpoint  that has ended */
function forget(endpoint) {
  const { place } = endpoint;
  if (place < 0) return;
  const last = /** @type {Endpoint} */ (waning[--count]);
  waning[place] = last;
  last.place = place;
  waning[count] = null;
  endpoint.place = -1;
}

function weakenInTime() {
  scheduled = false;
  weaken();
}

function weaken() {
  while (count > 0) {
    const endpoint = /** @type {Endpoint} */ (waning[count - 1]);
    forget(endpoint);
    endpoint.weaken();
  }
}

module.exports = { born, wane, forget };
