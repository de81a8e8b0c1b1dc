// Every value of the codec's battery arrives whole by every road: here, through a worker and back, through a child and back.
const { once } = require('node:events');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { battery, refused } = require('../clone/battery.js');
const { difference } = require('../clone/same.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** What a port carries when it is listed. */
const LISTABLE = /^(Readable|Writable|Transform)Stream$|^AbortSignal$|^MessagePort of Node$/;

/** Each with a port to post to and one at which the same arrives. */
const roads = {
  here() {
    const { port1, port2 } = new MessageChannelMain();
    return { port: port1, back: port2, end: () => port1.close() };
  },
  'through a worker': () => echo(new Worker(fixture('port-echo.js'))),
  'through a child': () => echo(utilityProcess.fork(fixture('port-echo.js'))),
};

function echo(place) {
  const { port1, port2 } = new MessageChannelMain();
  place.postMessage(null, [port2]);
  return {
    port: port1,
    back: port1,
    async end() {
      port1.close();
      await once(place, 'exit');
    },
  };
}

for (const [road, open] of Object.entries(roads)) {
  test.serial(`the battery arrives ${road}`, async (t) => {
    t.timeout(60_000);
    const { port, back, end } = open();
    const reader = new Reader(back);
    for (const { name, make, expect } of battery) {
      port.postMessage(make());
      t.is(difference(await reader.next(), expect()), undefined, name);
    }
    await end();
  });

  test.serial(`what is refused is named before anything leaves: ${road}`, async (t) => {
    t.timeout(30_000);
    const { port, back, end } = open();
    const reader = new Reader(back);
    for (const { name, make, culprit } of refused.filter(({ name }) => !/shared|WebAssembly/i.test(name))) {
      const error = t.throws(() => port.postMessage([make()]), { any: true, name: 'DataCloneError' }, name);
      const text = LISTABLE.test(name)
        ? 'Object that needs transfer was found in message but not listed in transferList' : `An object could not be cloned: ${culprit} at message[0]`;
      t.true(error.message.startsWith(text), error.message);
    }
    port.postMessage('still open');
    t.is(await reader.next(), 'still open');
    await end();
  });
}
