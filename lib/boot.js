// Preloaded by a child that utilityProcess.fork started: makes process.parentPort and removes our traces.
'use strict';

const { isMainThread } = require('node:worker_threads');

// The workers of the child inherit the preload and its traces, but not the link.
const at = process.execArgv.indexOf(__filename);
if (at > 0) process.execArgv.splice(at - 1, 2);

if (isMainThread) Object.assign(process, { parentPort: require('./parent-port.js').parentPort });
