// console.log(port): what a person at a terminal wants to know about it.
const assert = require('node:assert');
const { once } = require('node:events');
const { inspect } = require('node:util');
const { MessageChannel, MessageChannelMain } = require('../../index.js');
const { MessageChannel: NodeChannel } = require('../../worker_threads.js');
const { Reader } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

/** What is shown, as an object. */
const shown = (port) => {
  const [, name, fields] = /^(\w+) (\{.*\})$/s.exec(inspect(port, { breakLength: Infinity }));
  const { id, ...rest } = new Function(`return ${fields}`)();
  assert.ok(Number.isSafeInteger(id));
  return { name, ...rest };
};

const open = { state: 'paused', peer: 'this thread', waiting: 0, bufferedAmount: 0, hasRef: false };

for (const [name, Channel] of [['MessagePortMain', MessageChannelMain], ['MessagePort', MessageChannel]]) {
  test(`${name}: its face and what becomes of it`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new Channel();
    t.deepEqual(shown(port1), { name, ...open });

    port1.postMessage('x'.repeat(1000));
    t.true(shown(port2).waiting > 1000);
    t.is(shown(port1).bufferedAmount, port1.bufferedAmount ?? shown(port1).bufferedAmount);

    if (port2.on) port2.on('message', () => {});
    else port2.addEventListener('message', () => {});
    port2.start();
    await once(port2, 'message');
    await new Promise(setImmediate); // its delivery is over
    t.deepEqual(shown(port2), { name, ...open, state: 'started', hasRef: true });

    const carrier = new Channel();
    carrier.port1.postMessage(null, [port2]);
    t.is(inspect(port2), `${name} { state: 'transferred' }`);
    t.is(shown(port1).peer, 'in transit');
    carrier.port2.close();
    await once(port1, 'close');
    t.is(inspect(port1), `${name} { state: 'closed' }`);
    t.is(inspect({ deep: { port: port1 } }, { depth: 1 }), `{ deep: { port: [${name}] } }`);
  });
}

test("a port of the workers' face: as Node shows one, and more", (t) => {
  const { port1, port2 } = new NodeChannel();
  t.regex(inspect(port1), /^MessagePort \[EventTarget\] \{\n {2}active: true,\n {2}refed: false,\n {2}id: \d+,\n {2}state: 'paused',\n {2}peer: 'this thread',/);
  port1.ref();
  t.regex(inspect(port1), /refed: true/);
  t.is(inspect({ deep: { port1 } }, { depth: 1 }), '{ deep: { port1: [MessagePort [EventTarget]] } }');
  port2.postMessage(null, [port1]);
  t.is(inspect(port1), "MessagePort [EventTarget] { active: false, refed: false, state: 'transferred' }");
  port2.close();
  t.is(inspect(port2), "MessagePort [EventTarget] { active: false, refed: false, state: 'closed' }");
});

test('a peer that has closed while something waits here is gone', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage('unread');
  port1.close();
  t.is(shown(port2).peer, 'gone');
  t.is(shown(port2).state, 'paused');
  port2.close();
});

scenario('where the peer is', {
  async left({ port }) {
    port.postMessage('here I am');
    await new Reader(port).next();
    return shown(port).peer;
  },
  async right({ port }) {
    port.postMessage('here I am');
    await new Reader(port).next();
    return shown(port).peer;
  },
  check(t, left, right) {
    const far = t.title.includes('child') ? 'behind a socket' : 'another thread';
    const expected = t.title.includes('(here | here)') ? 'this thread' : far;
    t.deepEqual([left, right], [expected, expected]);
  },
});
