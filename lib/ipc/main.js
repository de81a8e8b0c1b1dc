// Electron's ipcMain: what the workers and children of this thread send, whichever of them it was.
'use strict';

const { IpcScope } = require('./scope.js');

const ipcMain = new IpcScope();

module.exports = { ipcMain };
