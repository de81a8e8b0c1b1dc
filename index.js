// The public names.
'use strict';

require('./lib/native/gathered.js').enter(module, 'index.js');

const core = require('./lib/core.js');
const { MessageChannelMain, MessagePortMain, MessageChannel, MessagePort, receiveMessageOnPort } = core.faces;
const { Worker, workerData, utilityProcess, UtilityProcess, parentPort } = core.family;
const { inspectPorts } = core.inspect;
const { ipcMain, ipcRenderer, webContents } = core.ipc;
const { sharedMemory } = core.shared;
const { FileDescriptor } = core.transfer;

module.exports = {
  MessageChannelMain,
  MessagePortMain,
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
  inspectPorts,
  sharedMemory,
  FileDescriptor,
  Worker,
  workerData,
  utilityProcess,
  UtilityProcess,
  parentPort,
  ipcMain,
  ipcRenderer,
  webContents,
};
