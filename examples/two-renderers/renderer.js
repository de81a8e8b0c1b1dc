// Both renderers: greet whoever holds the other end, and leave when they were greeted.
const { ipcRenderer } = require('../..');

ipcRenderer.once('port', (event, { name, port }) => {
  port.onmessage = ({ data }) => {
    console.log(`${name} hears: ${data}`);
    if (name === 'main') port.close(); // the secondary, which was greeted before this, hears 'close'
    else port.postMessage(`hello from the ${name} window`);
  };
  port.onclose = () => console.log(`${name}: the other window has closed the port`);
  if (name === 'main') port.postMessage('hello from the main window');
});
