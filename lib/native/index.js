// The native room: the addon, attached once to this thread, and the words that everything else is written with: the language's
// functions and Node's threads as they were, our errors, how much stack is left, what Node would let go of. It uses no other room.
// Invariant: nothing here knows of ports or of messages.
'use strict';

const addon = require('./addon.js');
const { PROTOCOL, agree } = require('./copies.js');
const builtins = require('./builtins.js');
const { now } = require('./clock.js');
const { atExit, beforeEnd } = require('./end.js');
const errors = require('./errors.js');
const { ROOT, GATHERED, isUpToDate } = require('./gathered.js');
const { isMovable, tellsMovable } = require('./movable.js');
const { onceLater } = require('./later.js');
const { FOREIGN, MAJOR, RUNTIME, isSingleExecutable, unwarned } = require('./runtime.js');
const { engineTells } = require('./specimens.js');
const { askForRoom, isOverflow } = require('./stack.js');
const { TRACING, whereFrom } = require('./trace.js');
const worker_threads = require('./worker-threads.js');

module.exports = {
  ...builtins, ...addon, ...errors, isMovable, tellsMovable, engineTells, FOREIGN, RUNTIME, MAJOR, isSingleExecutable, unwarned, ROOT, GATHERED, isUpToDate,
  atExit, beforeEnd, now, onceLater, askForRoom, isOverflow, TRACING, whereFrom, worker_threads, PROTOCOL, agree,
};
