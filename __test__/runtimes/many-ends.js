// Many workers end at once, each in one of three ways, after they have posted to their parent and to another port: all of that comes before
// 'exit', and 'exit' before what terminate() promises. Prints how many were not heard whole, and how often the promise came first.
const { isMainThread, parentPort: own } = require('node:worker_threads');
const { MessageChannelMain, Worker, parentPort } = require('../../index.js');

const WAYS = ['ends', 'exits', 'is terminated'];
const WORKERS = 24;
const MESSAGES = 2000;

function work({ data: way, ports: [port] }) {
  for (let count = 0; count < MESSAGES; count++) {
    port.postMessage(count);
    parentPort.postMessage(count);
  }
  if (way === 'exits') process.exit(1);
  if (way === 'is terminated') own.on('message', () => {}); // which holds it
}

let cut = 0;
let early = 0;

function start(way) {
  const worker = new Worker(__filename);
  const { port1, port2 } = new MessageChannelMain();
  let heard = 0;
  let isOver = false;
  worker.on('message', (data) => {
    heard += 1;
    if (way !== 'is terminated' || data !== MESSAGES - 1) return;
    worker.terminate().then(() => { early += isOver ? 0 : 1; });
  });
  port2.on('message', () => { heard += 1; });
  port2.start();
  worker.on('exit', () => {
    isOver = true;
    cut += heard === 2 * MESSAGES ? 0 : 1;
    port2.close();
  });
  worker.postMessage(way, [port1]);
}

if (isMainThread) {
  for (let count = 0; count < WORKERS; count++) start(WAYS[count % WAYS.length]);
  process.on('exit', () => console.log(JSON.stringify({ cut, early })));
} else {
  parentPort.once('message', work);
}
