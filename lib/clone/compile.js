// Compiles small functions from source where that is allowed; null where it is not.
'use strict';

const { isOverflow } = require('../native');

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

module.exports = { compile };
