// Compiles small functions from source where that is allowed, null where it is not, and tells when one is due.
'use strict';

const { isOverflow } = require('../native');
const { COMPILE_AFTER, EARNS_COMPILING, MAX_COMPILED } = require('./limits.js');

const { Function } = globalThis;
const { construct } = Reflect;
/** Found out when there is something to compile. @type {boolean | undefined} */
let allowed;

function detect() {
  try {
    return new Function('return 1')() === 1;
  } catch (error) {
    return isOverflow(error) ? undefined : false; // near the end of the stack it is to be asked again
  }
}

/**
 * @param {string[]} parameters  a list that nobody needs afterwards
 * @param {string} body made of nothing but our own text and JSON strings
 * @returns {Function | null}
 */
function compile(parameters, body) {
  if (!(allowed ??= detect())) return null;
  parameters[parameters.length] = `'use strict';${body}`;
  return construct(Function, parameters);
}

/**
 * How many functions may be compiled now, each for one list of keys. Objects that do without earn the next: never does a peer have
 * us compile for longer than it lets us read.
 */
class Credit {
  #left = /** @type {number} */ (MAX_COMPILED);

  /** For an object that does without. */
  earn() {
    if (this.#left < MAX_COMPILED) this.#left += 1 / EARNS_COMPILING;
  }

  /** @returns {boolean} whether there was some */
  take() {
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/**
 * Whether it is worth it at this use; again now and then, should there have been no credit.
 * @param {number} uses
 */
const isDue = (uses) => uses >= COMPILE_AFTER && (uses & (uses - 1)) === 0;

module.exports = { Credit, compile, isDue };
