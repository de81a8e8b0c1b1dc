// The public names.
'use strict';

const { ipcMain } = require('./lib/ipc-main.js');
const { ipcRenderer } = require('./lib/ipc-renderer.js');
const { MessageChannel } = require('./lib/message-channel.js');
const { MessageChannelMain } = require('./lib/message-channel-main.js');
const { MessagePort } = require('./lib/message-port.js');
const { MessagePortMain } = require('./lib/message-port-main.js');
const { parentPort } = require('./lib/parent-port.js');
const { receiveMessageOnPort } = require('./lib/receive-message.js');
const { utilityProcess, UtilityProcess } = require('./lib/utility-process.js');
const { webContents } = require('./lib/web-contents.js');
const { Worker } = require('./lib/worker.js');
const { workerData } = require('./lib/worker-data.js');

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
