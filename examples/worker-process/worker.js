// The worker: does something CPU-intensive for every client.
const { ipcRenderer } = require('../..');

function doWork(input) {
  return input * 2;
}

// We might get several clients, for instance if there are several windows, or if the main window reloads.
ipcRenderer.on('new-client', (event) => {
  const [port] = event.ports;
  port.onmessage = (event) => {
    // The data can be any serializable object, and more ports may come with it.
    port.postMessage(doWork(event.data));
  };
});

ipcRenderer.once('quit', () => ipcRenderer.removeAllListeners('new-client'));
