// A worker that is terminated while it runs JavaScript ends for its parent: what it had posted comes, its ports close, and nothing of it
// holds the program. Prints what came.
const { isMainThread } = require('node:worker_threads');
const { MessageChannelMain, Worker, parentPort } = require('../../index.js');

function beBusy({ ports: [port] }) {
  const { port1 } = new MessageChannelMain();
  port.postMessage('its own', [port1]);
  parentPort.postMessage('busy');
  for (;;);
}

if (isMainThread) {
  /** @type {string[]} */
  const came = [];
  const worker = new Worker(__filename);
  const { port1, port2 } = new MessageChannelMain();
  port2.on('message', ({ data, ports: [itsOwn] }) => {
    came.push(data);
    itsOwn.on('message', () => {});
    itsOwn.start();
    itsOwn.on('close', () => came.push('closed too'));
  });
  port2.on('close', () => came.push('closed'));
  port2.start();
  worker.on('message', async () => {
    await worker.terminate();
    came.push('terminated');
  });
  worker.on('exit', () => came.push('exit'));
  worker.postMessage(null, [port1]);
  process.on('exit', () => console.log(came.sort().join()));
} else {
  parentPort.once('message', beBusy);
}
