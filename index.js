// The public names.
'use strict';

const { MessageChannelMain, MessagePortMain, MessageChannel, MessagePort, receiveMessageOnPort } = require('./lib/faces');
const { Worker, workerData, utilityProcess, UtilityProcess, parentPort } = require('./lib/family');
const { inspectPorts } = require('./lib/inspect');
const { ipcMain, ipcRenderer, webContents } = require('./lib/ipc');
const { sharedMemory } = require('./lib/shared');

module.exports = {
  MessageChannelMain,
  MessagePortMain,
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
  inspectPorts,
  sharedMemory,
  Worker,
  workerData,
  utilityProcess,
  UtilityProcess,
  parentPort,
  ipcMain,
  ipcRenderer,
  webContents,
};
