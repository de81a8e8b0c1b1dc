// The preload step: takes the port from the main process and forwards it to the page, which sees nothing else of us.
const { ipcRenderer } = require('../..');
const { onPort } = require('./page.js');

ipcRenderer.once('main-world-port', (event) => onPort(event.ports[0]));
