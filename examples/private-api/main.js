// An internal API whose only key is the possession of a port: no channel name to guess, nothing to check.
//
// Beside Electron's tutorial: with ipcMain.handle() every renderer can call, so a handler has to look at its sender.
// Whoever holds this port may call, nobody else can, and who closes it takes the permission back.
const { MessageChannelMain, ipcMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

/** A port to the account with this balance, for whoever is to have it. */
function grantAccount(balance) {
  const { port1, port2 } = new MessageChannelMain();
  port1.on('message', ({ data: amount }) => {
    if (amount > balance) return port1.close(); // overdrawn: the permission ends
    balance -= amount;
    port1.postMessage(balance);
  });
  port1.start();
  return port2;
}

const trusted = openRenderer('renderer.js');
const other = openRenderer('renderer.js');

const account = grantAccount(100);
trusted.postMessage('account', 'trusted', [account]);
other.postMessage('account', 'other', []);

// The permission can be handed on: by who has it, to whom they like, and then they have it no longer.
ipcMain.once('pass-on', ({ ports: [port] }, to) => other.postMessage('account', to, [port]));
