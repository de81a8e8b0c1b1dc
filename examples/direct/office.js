// The office: a child process. Starts the accountant in a thread of its own and passes the port on to it.
const path = require('node:path');
const { Worker, parentPort } = require('../..');

parentPort.once('message', ({ data: { port } }) => {
  const accountant = new Worker(path.join(__dirname, 'accountant.js'), { workerData: { port }, transferList: [port] });
  accountant.once('online', () => parentPort.postMessage('ready'));
  accountant.once('message', (report) => parentPort.postMessage(report));
});
