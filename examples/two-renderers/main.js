// "A MessageChannel between two renderers": each gets one end, and they talk without us.
//
// Beside Electron's tutorial: the port may stand inside the message, as on the web; Electron has it in event.ports only.
const { MessageChannelMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

const mainWindow = openRenderer('renderer.js');
const secondaryWindow = openRenderer('renderer.js');

const { port1, port2 } = new MessageChannelMain();
mainWindow.postMessage('port', { name: 'main', port: port1 }, [port1]);
secondaryWindow.postMessage('port', { name: 'secondary', port: port2 }, [port2]);
