// Says of what somebody has put into a transfer list by mistake what it is, and what to list instead.
'use strict';

const { isArrayBufferView, isSharedArrayBuffer } = require('node:util/types');
const { describe } = require('../clone');
const { endpointOf } = require('../port');

/**
 * Runs no code of the program's.
 * @param {unknown} element  that cannot be handed over
 */
function whyNot(element) {
  if (isArrayBufferView(element)) return `: to hand over the memory that ${describe(element)} shows, list its .buffer`;
  if (isSharedArrayBuffer(element)) return ': a SharedArrayBuffer is shared wherever it stands in the message, and never listed';
  if (typeof element === 'function' || (typeof element === 'object' && element !== null)) return `: ${describe(element)} cannot be handed over`;
  return `: it is ${element === null || element === undefined ? element : `a ${typeof element}`}`;
}

/** @param {unknown} list  that is none */
function whyNoList(list) {
  return endpointOf(list) === undefined ? '' : ': put the port into one, [port]';
}

module.exports = { whyNot, whyNoList };
