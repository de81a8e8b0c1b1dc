// The public names.
'use strict';

const { MessageChannelMain, MessagePortMain, MessageChannel, MessagePort, receiveMessageOnPort } = require('./lib/faces');
const { Worker, workerData, utilityProcess, UtilityProcess, parentPort } = require('./lib/family');
const { ipcMain, ipcRenderer, webContents } = require('./lib/ipc');

module.exports = {
  MessageChannelMain,
  MessagePortMain,
  MessageChannel,
  MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
  utilityProcess,
  UtilityProcess,
  parentPort,
  ipcMain,
  ipcRenderer,
  webContents,
};
