// A place: the script of a worker or child that plays one half of a scenario and reports how it went.
const { parentPort, Worker } = require('../../index.js');
const { load } = require('./halves.js');
const { ending } = require('./ending.js');

parentPort.once('message', ({ data: job, ports }) => {
  if (job.relay) relay({ ...job, relay: false }, ports);
  else play(job);
});

/** Hands the job on to a worker of this process; the report goes past us, over the link. */
function relay(job, ports) {
  const worker = new Worker(__filename);
  worker.on('message', (data) => data === 'terminate me' && worker.terminate());
  worker.postMessage(job, ports);
}

async function play({ spec, title, half, link, port, road }) {
  // The test closes the link when both halves are done; then nothing may keep this place alive.
  link.on('close', () => { port.close(); road.close(); });
  link.on('message', () => {});
  link.start();
  try {
    const value = await load(spec, title)[half]({ port, road, end: ending(link) });
    link.postMessage({ value });
  } catch (error) {
    link.postMessage({ error });
  }
}
