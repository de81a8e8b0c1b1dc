// Compiles small functions from source where that is allowed; null where it is not.
'use strict';

const allowed = detect();

function detect() {
  try {
    return new Function('return 1')() === 1;
  } catch {
    return false;
  }
}

/**
 * @param {string[]} parameters
 * @param {string} body made of nothing but our own text and JSON strings
 * @returns {Function | null}
 */
function compile(parameters, body) {
  return allowed ? new Function(...parameters, `'use strict';${body}`) : null;
}

module.exports = { compile };
