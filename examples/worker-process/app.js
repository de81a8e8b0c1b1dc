// The app: asks for a channel to the worker, and has it compute something.
const { ipcRenderer } = require('../..');

ipcRenderer.once('provide-worker-channel', (event) => {
  const [port] = event.ports;
  port.onmessage = (event) => {
    console.log('received result:', event.data);
    port.close();
  };
  port.postMessage(21);
  ipcRenderer.removeAllListeners();
});

ipcRenderer.once('refused', () => {
  console.log('no channel for me');
  ipcRenderer.removeAllListeners();
});

ipcRenderer.send('request-worker-channel');
