// Options are what the caller wrote: own properties, and nothing that somebody has put on Object.prototype.
'use strict';

/**
 * A copy without a prototype, for us and for Node to read.
 * @template T
 * @param {T} options
 * @returns {T}
 */
const own = (options) => /** @type {any} */ ({ __proto__: null, ...options });

module.exports = { own };
