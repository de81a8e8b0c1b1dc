// A child: answers on the connections that it is handed, and leaves when it is told to and has answered all of them.
const http = require('node:http');
const { ipcRenderer } = require('../..');

const open = new Set();
let name;
let isLeaving = false;

const server = http.createServer((request, response) => {
  if (isLeaving) response.setHeader('Connection', 'close'); // the client's next request comes by a new one
  setImmediate(() => response.end(`child ${name}`));
});

ipcRenderer.once('begin', (_, given) => {
  name = given;
  ipcRenderer.send('ready');
});

ipcRenderer.on('connection', (_, socket) => {
  open.add(socket);
  socket.on('close', () => { open.delete(socket); leave(); });
  server.emit('connection', socket);
  socket.resume(); // it has come paused
});

ipcRenderer.once('leave', () => {
  isLeaving = true;
  leave();
});

function leave() {
  if (isLeaving && open.size === 0) ipcRenderer.removeAllListeners(); // nothing holds the event loop any more
}
