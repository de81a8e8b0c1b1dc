// `node --import message-channel-main/worker-processes`: every node:worker_threads Worker of the program becomes a process.
'use strict';

require('./lib/native/gathered.js').enter(module, 'worker_threads.js');
require('./lib/core.js').workers.replace(true);
