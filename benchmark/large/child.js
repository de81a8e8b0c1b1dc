// The child of index.js: counts and weighs what comes, acknowledges it, and says what that has cost here.
'use strict';

const { weighBytes } = require('../compare/messages.js');

/** @param {(message: any) => void} send @returns {(message: any) => void} what is to hear the messages */
function server(send) {
  let [asked, count, weight] = [{ count: 0, alone: false }, 0, 0];
  const used = () => {
    const { minorPageFault, userCPUTime, systemCPUTime } = process.resourceUsage();
    return { faults: minorPageFault, time: (userCPUTime + systemCPUTime) / 1e6 };
  };
  let before = used();
  return (message) => {
    if (message === 'ping') return send('pong');
    if (message === null) return undefined;
    if (!(message instanceof Uint8Array)) {
      [asked, count, weight, before] = [message, 0, 0, used()];
      return send('ready');
    }
    count++;
    weight += weighBytes(message);
    if (asked.alone) send('there');
    if (count < asked.count) return undefined;
    const { faults, time } = used();
    return send({ count, weight, faults: faults - before.faults, time: time - before.time });
  };
}

if (process.argv[2] === 'fork') {
  process.on('message', server((message) => process.send?.(message)));
} else {
  /** @type {typeof import('../..')} */
  const { parentPort } = require(process.env.BENCH_PACKAGE ?? '../..');
  parentPort?.on('message', ({ ports: [port] }) => {
    const hear = server((message) => port.postMessage(message));
    port.on('message', ({ data }) => hear(data));
    port.start();
  });
}
