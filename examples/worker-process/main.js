// "Worker process": two apps and a worker talk directly, and the main process does no more than introduce them.
//
// Beside Electron's tutorial: openRenderer() is its BrowserWindow. What the apps ask before the worker has loaded waits
// for it here too, and a channel that is not read by one end does not fill the main process's memory.
const { MessageChannelMain, ipcMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

const worker = openRenderer('worker.js');
const apps = [openRenderer('app.js'), openRenderer('app.js')];
const stranger = openRenderer('app.js');

ipcMain.on('request-worker-channel', (event) => {
  // Channels are for the frames that we know, and for nobody else who has an ipcRenderer.
  if (!apps.some((app) => event.senderFrame === app.mainFrame)) return event.reply('refused');
  const { port1, port2 } = new MessageChannelMain();
  worker.postMessage('new-client', null, [port1]);
  event.senderFrame.postMessage('provide-worker-channel', null, [port2]);
});

// In Electron the app would quit with its last window.
let open = apps.length + 1;
for (const app of [...apps, stranger]) app.on('destroyed', () => --open === 0 && worker.send('quit'));
