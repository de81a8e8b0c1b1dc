// The family room: parents and children. Worker, utilityProcess and parentPort, and how a new thread or process finds its
// parent. It uses faces, transfer, port and native.
// Each part is loaded when somebody asks for it: a child needs few of them to start.
// Invariant: a child shows nothing of ours to its program or to its own children; what it posted comes before its 'exit'.
'use strict';

const { own } = require('./own.js');
const { parentLink } = require('./parent-link.js');
const { fileOf, hyphened, preloadOf, quoted } = require('./traces.js');

module.exports = {
  get Worker() { return require('./worker.js').Worker; },
  get ipcSideCarOf() { return require('./worker.js').ipcSideCarOf; },
  get isEnding() { return require('./worker.js').isEnding; },
  get isRefusedForThread() { return require('./thread-options.js').isRefusedForThread; },
  get holdBackExit() { return require('./worker-exit.js').holdBackExit; },
  get workerData() { return require('./worker-data.js').workerData; },
  get parentPort() { return require('./parent-port.js').parentPort; },
  get utilityProcess() { return require('./utility-process.js').utilityProcess; },
  get UtilityProcess() { return require('./utility-process.js').UtilityProcess; },
  get openIpc() { return require('./utility-process.js').openIpc; },
  get Link() { return require('./link.js').Link; },
  get openLinks() { return require('./launch.js').openLinks; },
  get closeDescriptors() { return require('./launch.js').closeDescriptors; },
  get launch() { return require('./launch.js').launch; },
  get keptReadable() { return require('./launch.js').keptReadable; },
  get pipes() { return require('./launch.js').pipes; },
  get whenMainModuleLoaded() { return require('./main-module.js').whenMainModuleLoaded; },
  own, parentLink, fileOf, hyphened, preloadOf, quoted,
};
