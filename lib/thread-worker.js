// Preloaded by a thread that Node's face has started: it finds our names under node:worker_threads, as in a process.
'use strict';

const at = process.execArgv.indexOf(__filename);
if (at > 0) process.execArgv.splice(at - 1, 2);

require('./workers').replace();
