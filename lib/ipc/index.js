// The ipc room: ipcMain, ipcRenderer and webContents over a link of their own. It uses family, faces, transfer, port and native.
// Invariant: a call is always answered, and with an Error if it fails; a peer's lists are counted before they are walked.
'use strict';

const { isError, openFailure, packFailure, untold } = require('./failure.js');
const { ipcMain } = require('./main.js');
const { ipcRenderer } = require('./renderer.js');
const { webContents } = require('./web-contents.js');

module.exports = { ipcMain, ipcRenderer, webContents, isError, openFailure, packFailure, untold };
