// Node's worker_threads as it was when we loaded: a program may later find our face under that name (see lib/workers).
'use strict';

const found = require('node:worker_threads');

/** Under this key what stands in for Node's names keeps them, for another copy of this package. */
const ORIGINAL = Symbol.for('message-channel-main:worker_threads');

/** @type {typeof import('node:worker_threads')} */
const original = Reflect.get(found, ORIGINAL) ?? { ...found };

module.exports = original;
