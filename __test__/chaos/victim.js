// Does what it is told with the ports that it is given, until it dies in the way that it is told.
const { parentPort } = require('../../index.js');

/** How to die from inside; by SIGKILL and terminate() one dies from outside. */
const ends = {
  SIGSEGV: () => process.kill(process.pid, 'SIGSEGV'),
  abort: () => process.abort(),
  exit: () => process.exit(),
};

const large = new Uint8Array(3 << 20);
let sent = 0;

/** @type {Record<string, (port: any, carrier: any) => void>} */
const states = {
  idle() {},
  // Everything that is posted here is whole, or nobody hears of it.
  burst(port) { for (let i = 0; i < 500; i++) port.postMessage(sent++); },
  frame(port) { port.postMessage({ number: sent++, large }); },
  reading(port) {
    port.on('message', () => {});
    port.start();
  },
  holding() {},
  lingering(port) {
    for (let i = 0; i < 2000; i++) port.postMessage(sent++);
    port.close();
  },
};

parentPort.once('message', ({ data: { state, end, repeat }, ports: [port] }) => {
  states[state](port);
  parentPort.postMessage('ready');
  parentPort.once('message', () => {
    if (repeat) for (let i = 0; i < 3; i++) states[state](port);
    ends[end]?.();
  });
  const more = () => { states[state](port); setImmediate(more); };
  if (repeat && !ends[end]) setImmediate(more);
  setInterval(() => {}, 60_000);
});
