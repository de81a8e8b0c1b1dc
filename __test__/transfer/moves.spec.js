// Memory that is transferred between threads moves: there is never a second copy of it.
const { prints } = require('../helpers/program.js');
const { test } = require('../helpers/test.js');

test.serial('256 MiB there and back take no second 256 MiB', async (t) => {
  t.timeout(30_000);
  await prints(t, `
    const fs = require('node:fs');
    /** The most memory that this process has held, in MiB. */
    const peak = () => Number(/VmHWM:\\s+(\\d+) kB/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
    const size = 2 ** 28;
    const worker = new Worker(\`
      const { parentPort } = require('./index.js');
      parentPort.on('message', ({ data }) => parentPort.postMessage(data, [data]));
    \`, { eval: true });
    worker.postMessage(new ArrayBuffer(1));
    worker.once('message', () => {
      const buffer = new Uint8Array(size).fill(7).buffer; // all of it is there now
      const before = peak();
      worker.postMessage(buffer, [buffer]);
      worker.once('message', (arrived) => {
        const grown = peak() - before;
        console.log(buffer.byteLength, arrived.byteLength === size, new Uint8Array(arrived)[size - 1]);
        console.log(grown < 64 ? 'moved' : 'grew by ' + grown + ' MiB');
        worker.terminate();
      });
    });
  `, ['0 true 7', 'moved'], { timeout: 25_000 });
});
