// Workers of every kind of end come and go: what this process has of descriptors does not grow with them. Prints how many there were after
// the first few, and at the end.
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { MessageChannelMain, Worker } = require('../../index.js');

const echo = path.join(__dirname, '..', 'fixtures', 'echo.js');
const descriptors = () => fs.readdirSync('/proc/self/fd').length;

async function comeAndGo(/** @type {boolean} */ terminated) {
  const worker = new Worker(echo);
  const gone = once(worker, 'exit');
  const { port1, port2 } = new MessageChannelMain();
  const closed = once(port2, 'close');
  worker.postMessage('a port', [port1]);
  const [, { ports: [back] }] = await once(worker, 'message');
  if (terminated) worker.postMessage('another', [back]);
  else back.close();
  if (terminated) await once(worker, 'message');
  if (terminated) await worker.terminate();
  else worker.postMessage('go');
  await gone;
  if (!terminated) await closed;
}

setInterval(() => {}, 1000); // 'close' alone holds nothing

(async () => {
  for (let count = 0; count < 4; count++) await comeAndGo(count % 2 === 1);
  const before = descriptors();
  for (let count = 0; count < 30; count++) await comeAndGo(count % 2 === 1);
  console.log(JSON.stringify({ before, after: descriptors() }));
  process.exit();
})();
