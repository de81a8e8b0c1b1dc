// inspectPorts(): every open port of the process, wherever it is, and what keeps it.
const { once } = require('node:events');
const { inspect } = require('node:util');
const {
  MessageChannel, MessageChannelMain, Worker, inspectPorts, receiveMessageOnPort, utilityProcess, webContents,
} = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** Nothing else holds the event loop. */
const held = (t) => {
  const timer = setInterval(() => {}, 1 << 30);
  t.teardown(() => clearInterval(timer));
};

const turn = () => new Promise(setImmediate);

/** What is said of the ports of this channel. */
const ofChannel = (channel) => inspectPorts().filter((port) => port.channel === channel);

/** What `make` adds to the ports, and what it returns. */
function added(make) {
  const before = new Set(inspectPorts().map(({ id }) => id));
  const made = make();
  return { made, ports: inspectPorts().filter(({ id }) => !before.has(id)) };
}

const idle = {
  face: 'MessagePortMain', thread: 0, inside: null, peer: 'this thread', queued: 0, buffered: 0, started: false, hasRef: false,
};

for (const [face, Channel] of [['MessagePortMain', MessageChannelMain], ['MessagePort', MessageChannel]]) {
  test.serial(`${face}: both ends of a new channel, what is done to them, and their end`, async (t) => {
    held(t);
    const { made: { port1, port2 }, ports: [a, b] } = added(() => new Channel());
    const { channel } = a;
    t.regex(channel, /^[0-9a-f]{16}$/);
    t.not(a.id, b.id);
    t.deepEqual([a, b], [
      { ...idle, id: a.id, channel, face, peerId: b.id, heldBy: ['this tick'] },
      { ...idle, id: b.id, channel, face, peerId: a.id, heldBy: ['this tick'] },
    ]);
    await turn();
    t.deepEqual(ofChannel(channel).map(({ heldBy }) => heldBy), [[], []]);

    const on = (port, event, listener) => (port.on ? port.on(event, listener) : port.addEventListener(event, listener));
    on(port2, 'close', () => {});
    on(port1, 'message', () => {});
    t.deepEqual(ofChannel(channel).map(({ heldBy }) => heldBy), [[], ['close listener']], 'it is not started');
    port1.start();
    port2.postMessage('x'.repeat(1000));
    const [{ queued, ...receiver }, { buffered, ...sender }] = ofChannel(channel);
    t.true(queued > 1000 && queued === buffered);
    t.like(receiver, { started: true, hasRef: true, heldBy: ['message listener'] });
    t.like(sender, { started: false, hasRef: false, heldBy: ['close listener'] });
    port1.unref();
    t.like(ofChannel(channel)[0], { hasRef: false, heldBy: ['message listener'] });

    port1.close();
    t.like(ofChannel(channel), [{ id: b.id, peer: 'gone', peerId: null }], 'it has not heard of it yet');
    await once(port2, 'close');
    t.deepEqual(ofChannel(channel), []);
  });
}

test.serial("a port that owes a 'drain' to somebody is held by it", async (t) => {
  held(t);
  const { made: { port1, port2 }, ports: [{ channel }] } = added(() => new MessageChannelMain());
  port1.postMessage('x'.repeat(2_000_000));
  await turn();
  t.deepEqual(ofChannel(channel).map(({ heldBy }) => heldBy), [[], []], 'nobody waits for it');
  t.true(port1.writableNeedDrain);
  t.deepEqual(ofChannel(channel).map(({ heldBy }) => heldBy), [['drain'], []]);
  receiveMessageOnPort(port2);
  await once(port1, 'drain');
  t.deepEqual(ofChannel(channel).map(({ heldBy }) => heldBy), [[], []]);
  port1.close();
});

test.serial('ports in messages in ports, to any depth, until somebody takes them', (t) => {
  const { made: channels, ports } = added(() => Array.from({ length: 50 }, () => new MessageChannelMain()));
  const ids = ports.map(({ id }) => id); // port1 and port2 of each
  for (let i = channels.length - 1; i > 0; i--) channels[i - 1].port1.postMessage(null, [channels[i].port2]);
  const now = new Map(inspectPorts().map((port) => [port.id, port]));
  for (let i = 1; i < channels.length; i++) {
    t.like(now.get(ids[2 * i + 1]), { face: null, thread: null, inside: ids[2 * i - 1], heldBy: ['message'] });
    t.like(now.get(ids[2 * i]), { thread: 0, peer: 'in transit', peerId: ids[2 * i + 1] });
  }
  const { ports: [taken] } = receiveMessageOnPort(channels[0].port2);
  t.like(inspectPorts().find(({ id }) => id === ids[3]), { thread: 0, inside: null, face: 'MessagePortMain' }, 'it keeps its number');
  channels[0].port2.close();
  taken.close();
  t.false(inspectPorts().some(({ id }) => ids.includes(id) && ids.indexOf(id) % 2 === 1), 'what was inside has closed');
  for (const { port1 } of channels) port1.close();
});

test.serial('more ports than there was room for at first, and keys that are used again', async (t) => {
  const { made: many, ports } = added(() => Array.from({ length: 2000 }, () => new MessageChannelMain()));
  for (const { port1 } of many) port1.on('close', () => {});
  await turn();
  const ids = new Set(ports.map(({ id }) => id));
  t.is(ports.length, 4000);
  t.is(inspectPorts().filter(({ id, heldBy }) => ids.has(id) && heldBy.join() === 'close listener').length, 2000);
  for (const { port1, port2 } of many) { port1.close(); port2.close(); }
  const { made, ports: again } = added(() => Array.from({ length: 2000 }, () => new MessageChannel()));
  t.true(again.every(({ face, heldBy }) => face === 'MessagePort' && heldBy.join() === 'this tick'));
  for (const { port1 } of made) port1.close();
});

test.serial('ports of a thread that is blocked, and of one that has ended', async (t) => {
  t.timeout(20_000);
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const { made: worker, ports } = added(() => new Worker(fixture('blocked.js')));
  t.deepEqual(ports.map(({ face, thread, heldBy }) => [face, thread, heldBy]), [
    ['Worker', 0, ['this tick']], [null, null, ['parked']],
  ]);
  const { made: { port1, port2 }, ports: [near, far] } = added(() => new MessageChannelMain());
  worker.postMessage(gate, [port2]);
  const blocked = new Promise((resolve) => { port1.on('message', resolve); });
  port1.start();
  await blocked;
  const { threadId } = worker;
  t.like(inspectPorts().find(({ id }) => id === far.id), {
    thread: threadId, face: 'MessagePortMain', peer: 'another thread', peerId: near.id, started: true, hasRef: true, heldBy: ['message listener'],
  });
  t.like(inspectPorts().find(({ face }) => face === 'parentPort'), { thread: threadId, channel: ports[0].channel });
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  port1.close();
  await once(worker, 'exit');
  t.deepEqual(inspectPorts().filter(({ thread }) => thread === threadId), []);
});

test.serial('a channel has one id on both sides of a socket', async (t) => {
  t.timeout(20_000);
  const { made: child, ports } = added(() => utilityProcess.fork(fixture('inspects.js')));
  t.deepEqual(ports.map(({ face, peer, heldBy }) => [face, peer, heldBy]), [
    ['UtilityProcess', 'behind a socket', ['this tick']], [null, 'behind a socket', ['parked']],
  ]);
  const { made: { port1, port2 }, ports: [{ channel }] } = added(() => new MessageChannelMain());
  child.postMessage(null, [port2]);
  const reader = new Reader(port1);
  const there = await reader.next();
  t.like(ofChannel(channel), [{ thread: 0, peer: 'behind a socket', peerId: null, hasRef: true }]);
  t.like(there.filter((port) => port.channel === channel), [{ face: 'MessagePortMain', thread: 0, peer: 'behind a socket' }]);
  t.like(there.filter(({ face }) => face === 'parentPort'), [{ thread: 0, peer: 'behind a socket' }]);
  webContents.fromProcess(child);
  t.like(inspectPorts().filter(({ face }) => face === 'WebContents'), [{ peer: 'behind a socket' }]);
  port1.close();
  await once(child, 'exit');
});

test.serial('a port has the number, and its peer the place, that util.inspect shows', (t) => {
  const { made: { port1, port2 }, ports: [{ channel }] } = added(() => new MessageChannelMain());
  const agree = () => {
    const [{ id, peer }] = ofChannel(channel);
    const shown = inspect(port1, { breakLength: Infinity });
    t.true(shown.includes(`id: ${id},`) && shown.includes(`peer: '${peer}'`), shown);
  };
  agree();
  const carrier = new MessageChannelMain();
  carrier.port1.postMessage(null, [port2]);
  agree();
  carrier.port2.close();
  agree();
  carrier.port1.close();
});

test.serial('a leak is found, and the line that made it', (t) => {
  t.timeout(20_000);
  return prints(t, `
    const { inspectPorts } = require('./index.js');
    function leaky() {
      const { port1, port2 } = new MessageChannelMain();
      port1.on('message', () => {});
      port1.start();
      port2.postMessage('so long');
      return port2;
    }
    function sound() {
      const { port1, port2 } = new MessageChannelMain();
      port1.on('message', () => { port1.close(); if (++closed === 100) report(); });
      port1.start();
      port2.postMessage('and thanks');
      return port2;
    }
    let closed = 0;
    const kept = [];
    for (let i = 0; i < 100; i++) kept.push(leaky(), sound());
    const { port1: road } = new MessageChannelMain();
    road.postMessage(null, [kept[0]]);
    function report() {
      const makers = {};
      for (const { heldBy, stack } of inspectPorts()) {
        if (heldBy.length === 0) continue;
        const [first] = stack.split('\\n');
        const maker = / (\\w+) \\(\\[eval\\]:\\d+:\\d+\\)$/.exec(first)?.[1] ?? first;
        makers[maker + ': ' + heldBy] = (makers[maker + ': ' + heldBy] ?? 0) + 1;
      }
      console.log(JSON.stringify(makers));
      process.exit();
    }
  `, ['{"leaky: message listener":100,"leaky: message":1}'], { env: { MESSAGE_PORTS_TRACE: '1' } });
});

test.serial('looking keeps nothing alive', (t) => {
  t.timeout(60_000);
  return prints(t, `
    ${collecting}
    const { inspectPorts } = require('./index.js');
    const { port1 } = new MessageChannelMain();
    let closed = false;
    port1.on('close', () => { closed = true; });
    (async () => {
      await collect(() => { inspectPorts(); return closed; });
      console.log(closed, inspectPorts().length);
    })();
  `, ['true 0'], { node: ['--expose-gc'], timeout: 50_000 });
});
