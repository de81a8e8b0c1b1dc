// What a thread posts leaves it in the order of posting, whichever ports it is posted on: who dies has said first things first.
const { once } = require('node:events');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

const FIVE = [1, 2, 3, 4, 5];

for (const way of ['a message', 'a burst', 'a buffer', 'a port', 'the port itself', 'ports inside ports']) {
  test(`five messages on one port, then ${way} on another, then death`, async (t) => {
    t.timeout(30_000);
    for (let round = 0; round < 5; round++) {
      const [a, b] = [new MessageChannelMain(), new MessageChannelMain()];
      const child = utilityProcess.fork(fixture('posts-and-dies.js'));
      child.postMessage(way, [a.port2, b.port2]);
      const carried = new Promise((resolve) => { b.port1.on('message', ({ data, ports }) => { if (data === 'posted') resolve(ports); }); });
      b.port1.start();
      const closed = once(b.port1, 'close').then(() => []);
      const ports = await Promise.race([carried, closed]);
      let expected = a.port1;
      if (way === 'the port itself') [expected] = ports;
      if (way === 'ports inside ports') {
        const [outer] = ports;
        outer.start();
        const [{ ports: inner }] = await once(outer, 'message');
        [expected] = inner;
      }
      t.deepEqual(await new Reader(expected).rest(), FIVE);
    }
  });
}
