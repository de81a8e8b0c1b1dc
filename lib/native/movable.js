// Asks Node whether it would let go of a buffer or of a port of its own.
'use strict';

const { startsWith, stringSplit } = require('./builtins.js');
const { withoutTrace } = require('./errors.js');
const { isOverflow } = require('./stack.js');

const { ArrayBuffer, structuredClone } = globalThis;

/**
 * Node refuses a list that names something twice, but looks first whether it may move at all: so the refusal tells, and
 * nothing moves.
 * @param {object} object
 * @returns {string} the text of the refusal; none for a buffer that Node 20 silently leaves alone
 */
function refusalOfTwice(object) {
  try {
    withoutTrace(() => structuredClone(undefined, { transfer: /** @type {any} */ ([object, object]) }), 0);
    return '';
  } catch (error) {
    if (isOverflow(error)) throw error; // which is no answer
    return /** @type {Error} */ (error).message;
  }
}

/** Without the kind of thing, which stands at the end. Empty in Deno, where that moves. @type {string | undefined} */
let twice;
const refusal = () => (twice ??= stringSplit(refusalOfTwice(new ArrayBuffer(1)), 'ArrayBuffer')[0]);

/** Whether it can be asked at all. */
const tellsMovable = () => refusal() !== '';

/** @param {object} object  an ArrayBuffer or one of Node's MessagePorts */
function isMovable(object) {
  return !tellsMovable() || startsWith(refusalOfTwice(object), refusal());
}

module.exports = { isMovable, tellsMovable };
