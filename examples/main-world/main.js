// "The main world of a context-isolated page": page.js gets a port to the main process and no ipcRenderer.
//
// Beside Electron's tutorial: the preload step is a module that loads the page's; a plain call stands for its
// window.postMessage(). The port waits, with what was posted to it, until the page starts it.
const { MessageChannelMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

const contents = openRenderer('preload.js');

// We send one end of the channel to the main world of the page.
const { port1, port2 } = new MessageChannelMain();
port2.postMessage({ test: 21 });
port2.on('message', (event) => {
  console.log('from renderer main world:', event.data);
  port2.close();
});
port2.start();

contents.postMessage('main-world-port', null, [port1]);
