// The task of the pools: gives back what it got, as a function of a module and as the default export that tinypool looks for.
'use strict';

module.exports = (/** @type {unknown} */ value) => value;
