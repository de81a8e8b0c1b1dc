// node:diagnostics_channel hears of ports that are made, leave, arrive and close.
const { once } = require('node:events');
const diagnostics = require('node:diagnostics_channel');
const { MessageChannel, MessageChannelMain, Worker, inspectPorts, receiveMessageOnPort, utilityProcess } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** Everything that is published from now on, by the name of its channel. */
function listen(t) {
  const heard = [];
  for (const name of ['create', 'transfer', 'arrive', 'close']) {
    const listener = (message, full) => heard.push([full, message]);
    diagnostics.subscribe(`message-channel-main:${name}`, listener);
    t.teardown(() => diagnostics.unsubscribe(`message-channel-main:${name}`, listener));
  }
  return {
    heard,
    last: (name) => heard.filter(([full]) => full === `message-channel-main:${name}`).at(-1)?.[1],
    of: (id) => heard.filter(([, message]) => message.id === id).map(([name]) => name.split(':')[1]),
  };
}

for (const [face, Channel] of [['MessagePortMain', MessageChannelMain], ['MessagePort', MessageChannel]]) {
  test.serial(`${face}: a life`, async (t) => {
    const { last, of } = listen(t);
    const { port1, port2 } = new Channel();
    const { ports: [one, two] } = last('create');
    t.is(one.port, port1);
    t.is(two.port, port2);
    t.deepEqual([one.face, two.face, one.channel], [face, face, two.channel]);
    t.deepEqual(inspectPorts().filter(({ channel }) => channel === one.channel).map(({ id }) => id), [one.id, two.id]);

    const carrier = new Channel();
    const { ports: [, far] } = last('create');
    t.is(carrier.port1.postMessage(null, [port2]), undefined);
    t.deepEqual(last('transfer'), { ...two, to: 'this thread', via: last('create').ports[0].id });
    const { ports: [arrived] } = receiveMessageOnPort(carrier.port2);
    t.deepEqual(last('arrive'), { ...two, port: arrived });

    const timer = setInterval(() => {}, 1 << 30);
    t.teardown(() => clearInterval(timer));
    arrived.close();
    t.deepEqual(last('close'), { ...two, port: arrived, reason: 'close' });
    await new Promise((resolve) => { (port1.on ?? port1.addEventListener).call(port1, 'close', resolve); });
    t.deepEqual(last('close'), { ...one, reason: 'peer' });
    t.deepEqual(of(two.id), ['transfer', 'arrive', 'close']);
    carrier.port1.close();
    carrier.port2.close();
    t.is(of(far.id).at(-1), 'close');
  });
}

test.serial('where a port goes', async (t) => {
  t.timeout(20_000);
  const { last, heard } = listen(t);
  const child = utilityProcess.fork(fixture('port-echo.js'));
  const worker = new Worker(fixture('port-echo.js'));
  const gone = [child, worker].map((place) => once(place, 'exit'));
  const seen = [];
  for (const place of [child, worker]) {
    const { port1, port2 } = new MessageChannelMain();
    place.postMessage(null, [port2]);
    const reader = new Reader(port1);
    port1.postMessage('are you there?');
    await reader.next();
    const { port1: sent, port2: kept } = new MessageChannelMain();
    const { ports: [one] } = last('create');
    port1.postMessage(null, [sent]);
    seen.push([last('transfer').id === one.id, last('transfer').to]);
    const { ports: [back] } = await reader.event();
    seen.push([last('arrive').channel === one.channel, last('arrive').id === one.id, last('arrive').port === back]);
    kept.close();
    port1.close();
  }
  t.deepEqual(seen, [
    [true, 'behind a socket'], [true, false, true],
    [true, 'another thread'], [true, true, true],
  ], 'what has been in another process is another port of the same channel');
  await Promise.all(gone);
  t.false(heard.some(([, { port }]) => port !== null && port?.constructor.name === 'IpcPeer'));
});

test.serial('a post that throws tells of no transfer', (t) => {
  const { last } = listen(t);
  const { port1, port2 } = new MessageChannelMain();
  const other = new MessageChannelMain();
  t.throws(() => port1.postMessage(() => {}, [other.port1]), { any: true, name: 'DataCloneError' });
  t.is(last('transfer'), undefined);
  for (const port of [port1, port2, other.port1, other.port2]) port.close();
});

test.serial('a subscriber may do what it likes to the port, and its exceptions reach nobody else', (t) => prints(t, `
  const diagnostics = require('node:diagnostics_channel');
  diagnostics.subscribe('message-channel-main:create', ({ ports: [{ port }] }) => { port.close(); throw new Error('mine'); });
  process.on('uncaughtException', ({ message }) => console.log(message));
  const { port1, port2 } = new MessageChannelMain();
  console.log(port1.closed, port2.closed);
`, ['true false', 'mine']));

test.serial('a port that was collected says why it closed', (t) => {
  t.timeout(60_000);
  return prints(t, `
    ${collecting}
    const diagnostics = require('node:diagnostics_channel');
    const told = [];
    diagnostics.subscribe('message-channel-main:close', ({ port, reason }) => told.push([port, reason].join()));
    const { port1 } = new MessageChannelMain();
    port1.on('close', () => {});
    (async () => {
      await collect(() => told.length === 2);
      console.log(told[0], '|', told[1]);
    })();
  `, [',garbage | [object Object],peer'], { node: ['--expose-gc'], timeout: 50_000 });
});

test.serial('ports that come by an iterator and by an event arrive too', async (t) => {
  const { last } = listen(t);
  const { port1, port2 } = new MessageChannelMain();
  const other = new MessageChannelMain();
  const { ports: [one] } = last('create');
  port1.postMessage(null, [other.port1]);
  const { ports: [arrived] } = await new Reader(port2).event();
  t.deepEqual(last('arrive'), { ...one, port: arrived });
  for (const port of [port1, port2, arrived, other.port2]) port.close();
});
