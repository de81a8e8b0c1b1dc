// The other side: counts, pushes and posts numbers, and takes turns.
const { ipcRenderer, sharedMemory } = require('../..');
const { Ring } = require('./ring.js');

ipcRenderer.on('count', (_, { counter, times }) => {
  for (let i = 0; i < times; i++) Atomics.add(counter, 0, 1);
  Atomics.store(counter, 1, 1);
  sharedMemory.notify(counter, 1);
});

ipcRenderer.on('push', (_, { memory, count }) => {
  const ring = new Ring(memory);
  for (let i = 0; i < count; i++) ring.push(i);
  ring.flush();
});

ipcRenderer.on('post', (_, { port, count }) => {
  for (let i = 0; i < count; i++) port.postMessage(i);
  port.onmessage = ({ data }) => port.postMessage(data);
});

ipcRenderer.on('turns', (_, { turns, count }) => {
  for (let i = 0; i <= 2 * count; i += 2) {
    while (Atomics.load(turns, 0) !== i) sharedMemory.wait(turns, 0, i - 1);
    Atomics.store(turns, 0, i + 1);
    sharedMemory.notify(turns, 0);
  }
});

ipcRenderer.once('done', () => ipcRenderer.removeAllListeners());
ipcRenderer.send('ready');
