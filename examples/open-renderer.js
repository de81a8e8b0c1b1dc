// Stands where Electron's tutorial says `new BrowserWindow()`: opens a renderer as a thread, or, with the argument
// `process`, as a process. Nothing else in these examples knows which of the two it is.
const path = require('node:path');
const { Worker, utilityProcess, webContents } = require('..');

/** @param {string} script beside the program that is running */
function openRenderer(script) {
  const file = path.join(path.dirname(process.argv[1]), script);
  return process.argv[2] === 'process'
    ? webContents.fromProcess(utilityProcess.fork(file))
    : webContents.fromWorker(new Worker(file));
}

module.exports = { openRenderer };
