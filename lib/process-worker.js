// Preloaded by a process that stands for a worker: it becomes one before anything else runs.
'use strict';

require('./core.js').workers.begin();
