// Preloaded by a process that stands for a worker: it becomes one before anything else runs.
'use strict';

const { hidePreload } = require('./family/traces.js');

hidePreload('process-worker.js');
require('./core.js').workers.begin();
