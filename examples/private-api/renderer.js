// A renderer: without the port it can do nothing, with it it withdraws money; the first one hands it on.
const { ipcRenderer } = require('../..');

ipcRenderer.on('account', (event, name) => {
  const [account] = event.ports;
  if (account === undefined) return console.log(`${name}: no port, no account`);
  account.onmessage = ({ data: balance }) => {
    console.log(`${name}: ${balance} left`);
    if (name === 'other') return account.postMessage(60);
    ipcRenderer.postMessage('pass-on', 'other', [account]);
    ipcRenderer.removeAllListeners();
  };
  account.onclose = () => {
    console.log(`${name}: the permission is gone`);
    ipcRenderer.removeAllListeners();
  };
  account.postMessage(30);
});
