// Sends to a child whose ES module awaits before it listens: it hears that.
const path = require('node:path');
const { utilityProcess, webContents } = require('../../index.js');

const contents = webContents.fromProcess(utilityProcess.fork(path.join(__dirname, '..', 'fixtures', 'loading', 'listens-after-await.mjs')));
contents.ipc.once('heard', (_, number) => {
  console.log(number);
  process.exit();
});
contents.send('x', 5);
