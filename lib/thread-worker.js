// Preloaded by a thread that Node's face has started: it finds our names under node:worker_threads, as in a process.
'use strict';

const { hidePreload } = require('./family/traces.js');

hidePreload('thread-worker.js');
require('./core.js').workers.replace();
