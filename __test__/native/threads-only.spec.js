// Where ports cannot leave the process (docs/platforms.md), threads have all of theirs, and what needs a process says so. On
// Linux this runs on the addon of such a system in `npm run test:threads`, and has nothing to say otherwise.
const { once } = require('node:events');
const { test, fixture } = require('../helpers/test.js');
const { THREADS_ONLY } = require('../helpers/places.js');
const { MessageChannelMain, Worker, sharedMemory, utilityProcess } = require('../../index.js');

const UNAVAILABLE = { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message: /docs\/platforms\.md|Linux/ };

test.serial('what needs another process throws, and changes nothing', async (t) => {
  if (!THREADS_ONLY) return t.pass();
  const { port1, port2 } = new MessageChannelMain();
  t.throws(() => utilityProcess.fork(fixture('idle.js')), UNAVAILABLE);
  t.throws(() => sharedMemory.create(8), UNAVAILABLE);
  const heard = once(port2, 'message');
  port2.start();
  port1.postMessage('still here');
  t.is((await heard)[0].data, 'still here');
  port1.close();
});

test.serial('a worker that sleeps is woken by every message', async (t) => {
  const worker = new Worker(fixture('echo.js'));
  for (let count = 0; count < 200; count++) {
    worker.postMessage(count);
    t.is((await once(worker, 'message'))[0], count);
  }
  t.is(await worker.terminate(), 1);
});
