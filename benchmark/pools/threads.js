// Preloaded: puts our worker_threads in the place of Node's, with workers that stay threads.
'use strict';

require('../../worker_threads.js'); // as a program loads it
require('../../lib/core.js').workers.replace(false);
