// Preloaded: puts our worker_threads in the place of Node's, with workers that stay threads.
'use strict';

require('../../lib/workers').replace(false);
