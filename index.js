// The public names.
'use strict';

const { ipcMain } = require('./lib/ipc/main.js');
const { ipcRenderer } = require('./lib/ipc/renderer.js');
const { MessageChannel } = require('./lib/faces/web/channel.js');
const { MessageChannelMain } = require('./lib/faces/main/channel.js');
const { MessagePort } = require('./lib/faces/web/port.js');
const { MessagePortMain } = require('./lib/faces/main/port.js');
const { parentPort } = require('./lib/family/parent-port.js');
const { receiveMessageOnPort } = require('./lib/faces/receive-message.js');
const { utilityProcess, UtilityProcess } = require('./lib/family/utility-process.js');
const { webContents } = require('./lib/ipc/web-contents.js');
const { Worker } = require('./lib/family/worker.js');
const { workerData } = require('./lib/family/worker-data.js');

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
