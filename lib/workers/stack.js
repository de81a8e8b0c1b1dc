// How much stack a worker in a process has: as much as it is told to, or as Node gives a thread.
'use strict';

const { native } = require('../native');
const { STACK, STACK_MARGIN } = require('./limits.js');

/** Kilobytes that there can be: beyond what the system gives a process, it would be ended by a signal. */
const mostStack = () => Math.max(native.stackLimit() / 1024 - STACK_MARGIN, STACK_MARGIN);

/** @param {number} megabytes */
const kilobytesOf = (megabytes) => Math.floor(Math.min(megabytes * 1000, mostStack()));

/** @param {string[]} execArgv */
const isFlagged = (execArgv) => execArgv.some((argument) => /^--stack[-_]size(?:=|$)/.test(argument));

/** What is none is as if it was not given. @param {unknown} megabytes  @returns {megabytes is number} */
const isStackSize = (megabytes) => typeof megabytes === 'number' && megabytes > 0;

/**
 * None where the worker can see to it by itself: with a flag of V8's nothing is used that was compiled before, of Node's own modules
 * neither, and a start takes a third longer.
 * @param {string[]} execArgv  what it is started with besides
 * @param {number | undefined} stackSizeMb
 */
function flagsForStack(execArgv, stackSizeMb) {
  const isGiven = isStackSize(stackSizeMb);
  if (isFlagged(execArgv) ? !isGiven : native.stack(0)) return [];
  return [`--stack-size=${kilobytesOf(isGiven ? stackSizeMb : STACK)}`];
}

/** @param {string[]} execArgv  what this process was started with  @param {number} stackSizeMb */
function takeStack(execArgv, stackSizeMb) {
  if (!isFlagged(execArgv)) native.stack(kilobytesOf(stackSizeMb));
}

module.exports = { flagsForStack, isStackSize, takeStack };
