// Preloaded by a thread that Node's face has started: it finds our names under node:worker_threads, as in a process.
'use strict';

const core = require('./core.js');

core.family.hidePreload('thread-worker.js');
core.workers.replace();
