// The error of a body that no encoder of ours has written.
'use strict';

const { withCode } = require('../../native');

const { Error } = globalThis;

/**
 * @param {string} what
 * @param {unknown} [cause]
 */
function malformed(what, cause) {
  const error = new Error(`Malformed message: ${what}`, cause === undefined ? undefined : { cause });
  return withCode(error, 'ERR_MESSAGE_MALFORMED');
}

module.exports = { malformed };
