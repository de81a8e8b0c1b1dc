// Preloaded by a child that utilityProcess.fork started: makes process.parentPort and removes our traces.
'use strict';

const { isMainThread } = require('node:worker_threads');

// The workers of the child inherit the preload and its traces, but not the link.
const at = process.execArgv.indexOf(__filename);
if (at > 0) process.execArgv.splice(at - 1, 2);

if (isMainThread) {
  Object.assign(process, { parentPort: require('./parent-port.js').parentPort });
  const { mayBePreceded } = require('./main-module.js');
  // A script that never loads us does not keep what is sent to it either; see there for the condition.
  if (!mayBePreceded()) setImmediate(() => require('./ipc-renderer.js'));
}
