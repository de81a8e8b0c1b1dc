// "Reply streams": one request, ten answers over a port of its own, and the end of the stream is the port's closing.
//
// Beside Electron's tutorial: 'close' comes after the last answer, always, also if the main process dies in between.
const { ipcMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

ipcMain.on('give-me-a-stream', (event, msg) => {
  // The renderer has sent us a port that it wants our answers over.
  const [replyPort] = event.ports;
  for (let i = 0; i < msg.count; i++) replyPort.postMessage(msg.element);
  // We close the port when we are done, to tell the other end that no more messages will come.
  replyPort.close();
});

openRenderer('renderer.js');
