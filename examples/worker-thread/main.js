// A port bound to a thread of the main process: a renderer queries a database that lives there, past the main thread.
//
// Beside Electron's tutorial: a MessagePortMain cannot enter a worker_threads.Worker of Electron's main process. Here
// it goes where any value goes: into workerData, named in the transferList.
const path = require('node:path');
const { MessageChannelMain, Worker } = require('../..');
const { openRenderer } = require('../open-renderer.js');

const contents = openRenderer('renderer.js');
const { port1, port2 } = new MessageChannelMain();

new Worker(path.join(__dirname, 'database.js'), { workerData: { client: port1 }, transferList: [port1] });
contents.postMessage('database', null, [port2]);
