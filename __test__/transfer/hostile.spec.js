// A peer says of what a port carries what cannot be: that costs the message, and no port of anybody else.
const { once } = require('node:events');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { endpoints } = require('../../lib/port/endpoint.js');
const { NO_FACE } = require('../../lib/port');
const { test, fixture } = require('../helpers/test.js');

/** A body that is the first of what is carried. */
const carried = (kind, ...state) => [1, 0x5f, 1, kind, ...state, 0x1c, 0];
const READABLE = 1;
const WRITABLE = 2;
const MORE_THAN_MAY_BE = [0x81, 1]; // 129

for (const [what, body] of [
  ['a readable stream that waits for too many chunks', carried(READABLE, ...MORE_THAN_MAY_BE)],
  ['a writable stream that may write too many', carried(WRITABLE, ...MORE_THAN_MAY_BE)],
  ['a stream with something behind it', [...carried(READABLE, 0), 0x40]],
  ['a signal with something behind it', [...carried(3, 0), 0x40]],
  ['a stream that nobody names', [1, 0x5f, 1, READABLE, 0, 0x40, 0x40]],
]) {
  test.serial(`${what}: its port is closed once, and nothing here takes itself for that which gets its number next`, async (t) => {
    t.timeout(20_000);
    const child = utilityProcess.fork(fixture('hostile-stream.js'));
    const { port1, port2 } = new MessageChannelMain();
    const heard = [];
    port1.on('messageerror', ({ error }) => heard.push(error.code));
    port1.on('message', ({ data }) => heard.push(data));
    port1.start();
    child.postMessage(body, [port2]);
    while (heard.length < 2) await new Promise(setImmediate);
    t.deepEqual(heard, ['ERR_MESSAGE_MALFORMED', 'behind it']);
    t.deepEqual(endpoints.filter((endpoint) => endpoint?.face.kind === NO_FACE), []);
    port1.close();
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  });
}
