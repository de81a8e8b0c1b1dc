// Near the end of the stack any call may throw a RangeError: what must not be left half done asks for room first.
'use strict';

const { native } = require('./addon.js');
const { startsWith } = require('./builtins.js');
const { FRAMES, REACH } = require('./limits.js');

const { RangeError } = globalThis;

/**
 * Throws that RangeError itself if there is no room for what follows. The arguments are in use until the way back, so that
 * they take their place in every frame, however much the engine improves this.
 * @param {number} left @param {number} a @param {number} b @param {number} c @param {number} d @param {number} e
 * @param {number} f @param {number} g @param {number} h @param {number} i @param {number} j @param {number} k
 * @param {number} l @param {number} m @param {number} n @param {number} o @param {number} p @param {number} q
 * @param {number} r @param {number} s @param {number} t @param {number} u @param {number} v @param {number} w
 * @returns {number}
 */
function room(left, a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w) {
  const deeper = left === 0 ? 0 : room(left - 1, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, a);
  return deeper + a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p + q + r + s + t + u + v + w;
}

/** Where this thread's stack is for certain: other stacks that an engine may run code on lie farther away than REACH. */
const base = native.stackAddress();

/** The lowest address on it from which there was room, as there is from every higher one. */
let lowest = Infinity;

function askForRoom() {
  const here = native.stackAddress();
  if (here >= lowest && here < base + REACH) return;
  room(FRAMES, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
  if (here < lowest && here > base - REACH) lowest = here;
}

/** Other engines than V8 end that with a full stop. @param {unknown} error */
function isOverflow(error) {
  return error instanceof RangeError && typeof error.message === 'string' && startsWith(error.message, 'Maximum call stack size exceeded');
}

module.exports = { askForRoom, isOverflow };
