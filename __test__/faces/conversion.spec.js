// from(): the other face on the same port, with its queue and without anything else.
const assert = require('node:assert');
const { once } = require('node:events');
const worker_threads = require('node:worker_threads');
const { MessageChannel, MessageChannelMain, MessagePort, MessagePortMain } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');
const { webReader } = require('../helpers/web.js');

const faces = [
  ['MessagePort to MessagePortMain', MessageChannel, MessagePortMain, (port) => new Reader(port)],
  ['MessagePortMain to MessagePort', MessageChannelMain, MessagePort, webReader],
];

for (const [title, Channel, Face, read] of faces) {
  test(`${title}: the queue moves, the argument is detached`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new Channel();
    for (const i of range(100)) port1.postMessage(i);
    const taken = Face.from(port2);
    t.true(taken instanceof Face);
    t.true(port2.closed);
    t.false(taken.closed);
    port2.postMessage('from the old one');
    port2.close();
    port1.postMessage(100);
    t.deepEqual(await read(taken).take(101), range(101));
    port1.close();
    await (taken.on ? once(taken, 'close') : new Promise((resolve) => { taken.onclose = resolve; }));
  });

  test(`${title}: a detached port can neither be transferred nor taken over again`, (t) => {
    const { port1, port2 } = new Channel();
    const taken = Face.from(port2);
    t.throws(() => Face.from(port2), { any: true, name: 'DataCloneError' });
    t.throws(() => port1.postMessage(0, [port2]), { any: true, name: 'DataCloneError', message: /neutered/ });
    taken.close();
  });

  test(`${title}: only a port with the other face`, (t) => {
    const node = new worker_threads.MessageChannel();
    const { port1, port2 } = new Channel();
    const same = Face.from(port2);
    for (const bad of [undefined, null, 5, {}, new EventTarget(), node.port1, same]) {
      t.throws(() => Face.from(bad), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    }
    port1.close();
    node.port1.close();
  });

  test(`${title}: a closed port comes out closed, and says so`, async (t) => {
    t.timeout(20_000);
    const { port1 } = new Channel();
    port1.close();
    const taken = Face.from(port1);
    await (taken.on ? once(taken, 'close') : new Promise((resolve) => { taken.onclose = resolve; }));
    t.true(taken.closed);
  });

  test(`${title}: inside a listener the undelivered rest moves along`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new Channel();
    for (const i of range(100)) port1.postMessage(i);
    const seen = [];
    const taken = await new Promise((resolve) => {
      const listener = ({ data }) => {
        seen.push(data);
        if (data === 9) resolve(Face.from(port2));
      };
      if (port2.on) port2.on('message', listener);
      else port2.onmessage = listener;
      port2.start();
    });
    t.deepEqual(seen, range(10));
    t.deepEqual(await read(taken).take(90), range(100).slice(10));
    taken.close();
  });
}

test('the taken port starts anew', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  port2.on('message', () => t.fail('the listeners stay behind'));
  port2.on('close', () => t.fail('the old one is inert'));
  port2.start();
  const taken = MessagePort.from(port2);
  t.false(taken.hasRef());
  t.false(port2.hasRef());
  const seen = [];
  taken.addEventListener('message', ({ data }) => seen.push(data));
  port1.postMessage(1);
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  t.deepEqual(seen, []);
  taken.start();
  while (seen.length === 0) await new Promise(setImmediate);
  const again = MessagePortMain.from(taken);
  again.close();
  t.deepEqual(seen, [1]);
});

test("an owed 'drain' goes to whoever has the port then", async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const web = MessagePort.from(port1);
  for (const i of range(40)) web.postMessage(`${i}`.padEnd(100_000));
  const main = MessagePortMain.from(web);
  t.true(main.writableNeedDrain);
  const drained = once(main, 'drain');
  port2.on('message', () => {});
  port2.start();
  await drained;
  t.false(main.writableNeedDrain);
  port2.close();
});

test.serial('a taken port holds a program only when it is used', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { MessagePort } = require('./index.js');
    const { port1, port2 } = new MessageChannelMain();
    port1.on('message', () => {});
    port1.start();
    MessagePort.from(port1).onclose = () => {};
    process.on('exit', () => console.log('exits'));
  `, ['exits']);
});

scenario('a port converted back and forth, with messages under way', {
  async left({ port, road }) {
    for (const i of range(2000)) port.postMessage(i);
    await new Reader(road).next();
    for (const i of range(2000)) port.postMessage(2000 + i);
    assert.strictEqual(await new Reader(port).next(), 'all of it');
    port.close();
  },
  async right({ port, road }) {
    const web = MessagePort.from(port);
    const first = [];
    const main = await new Promise((resolve) => {
      web.onmessage = ({ data }) => {
        if (first.push(data) === 1000) resolve(MessagePortMain.from(web));
      };
    });
    road.postMessage('go on');
    const rest = await new Reader(main).take(3000);
    assert.deepStrictEqual([...first, ...rest], range(4000));
    main.postMessage('all of it');
    await once(main, 'close');
  },
});

scenario('a converted port travels like any other', {
  async left({ port }) {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage('unread');
    port.postMessage(null, [MessagePort.from(port2)]);
    assert.strictEqual(await new Reader(port1).next(), 'here');
    port1.close();
  },
  async right({ port }) {
    const { ports: [taken] } = await new Reader(port).event();
    const web = MessagePort.from(taken);
    assert.strictEqual(await webReader(web).next(), 'unread');
    web.postMessage('here');
    await new Promise((resolve) => { web.onclose = resolve; });
  },
});
