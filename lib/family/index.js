// The family room: parents and children. Worker, utilityProcess and parentPort, and how a new thread or process finds its
// parent. It uses faces, transfer, port and native.
// Invariant: a child shows nothing of ours to its program or to its own children; what it posted comes before its 'exit'.
'use strict';

const { closeDescriptors, keptReadable, launch, openLinks, pipes } = require('./launch.js');
const { Link } = require('./link.js');
const { whenMainModuleLoaded } = require('./main-module.js');
const { own } = require('./own.js');
const { parentLink } = require('./parent-link.js');
const { parentPort } = require('./parent-port.js');
const { utilityProcess, UtilityProcess, openIpc } = require('./utility-process.js');
const { fileOf } = require('./traces.js');
const { Worker, ipcSideCarOf } = require('./worker.js');
const { workerData } = require('./worker-data.js');
const { holdBackExit } = require('./worker-exit.js');
const { inheritable } = require('./worker-link.js');

module.exports = {
  Worker, workerData, utilityProcess, UtilityProcess, parentPort,
  Link, closeDescriptors, keptReadable, launch, openLinks, own, pipes, parentLink, whenMainModuleLoaded, holdBackExit, inheritable, openIpc, ipcSideCarOf, fileOf,
};
