// A socket of UDP arrives bound and connected as it was, and gives nothing away that nobody listens for.
const assert = require('node:assert');
const dgram = require('node:dgram');
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, receiveMessageOnPort } = require('../../index.js');
const { Reader } = require('../helpers/reader.js');
const { test, scenario } = require('../helpers/scenario.js');

async function bound(type = 'udp4', address = '127.0.0.1') {
  const socket = dgram.createSocket(type).bind(0, address);
  await once(socket, 'listening');
  return socket;
}

const send = (socket, ...args) => new Promise((resolve, reject) => { socket.send(...args, (error) => (error ? reject(error) : resolve())); });

scenario('one that is connected arrives so, with what the system knows of it', {
  async left({ port, road }) {
    const [peer, socket] = [await bound(), await bound()];
    socket.connect(peer.address().port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setTTL(17);
    socket.setRecvBufferSize(50_000);
    const about = { address: socket.address(), remote: socket.remoteAddress(), size: socket.getRecvBufferSize() };
    port.postMessage({ socket, about }, [socket]);
    assert.throws(() => socket.address(), { code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
    const [bytes] = await once(peer, 'message');
    assert.equal(String(bytes), 'to whom it is connected');
    peer.close();
    assert.equal(await new Reader(road).next(), 'done');
  },
  async right({ port, road }) {
    const { socket, about } = await new Reader(port).next();
    assert.deepEqual({ address: socket.address(), remote: socket.remoteAddress(), size: socket.getRecvBufferSize() }, about);
    await send(socket, 'to whom it is connected');
    socket.disconnect();
    socket.close();
    await once(socket, 'close');
    road.postMessage('done');
  },
});

scenario('one of IPv6 keeps everything for whoever listens first', {
  async left({ port, road }) {
    const socket = await bound('udp6', '::1');
    const to = [socket.address().port, '::1'];
    const sender = dgram.createSocket('udp6');
    port.postMessage(socket, [socket]);
    const reader = new Reader(road);
    assert.equal(await reader.next(), 'it is here, and nobody listens');
    for (const text of ['one', 'two', 'three']) await send(sender, text, ...to);
    road.postMessage('sent');
    assert.deepEqual(await reader.next(), ['one', 'two', 'three']);
    sender.close();
  },
  async right({ port, road }) {
    const socket = await new Reader(port).next();
    const reader = new Reader(road);
    socket.on('error', () => {});
    road.postMessage('it is here, and nobody listens');
    assert.equal(await reader.next(), 'sent');
    assert.deepEqual(socket.eventNames().filter((name) => name === 'message'), []);
    const heard = [];
    await new Promise((resolve) => {
      socket.on('message', (bytes) => { if (heard.push(String(bytes)) === 3) resolve(); });
    });
    assert.deepEqual(socket.listenerCount('newListener'), 0);
    socket.close();
    road.postMessage(heard);
  },
});

for (const args of [[], ['newListener']]) {
  test(`one that arrived keeps everything for whoever listens after removeAllListeners(${args})`, async (t) => {
    const { port1, port2 } = new MessageChannelMain();
    const [socket, sender] = [await bound(), await bound()];
    const { port } = socket.address();
    port1.postMessage(socket, [socket]);
    const arrived = receiveMessageOnPort(port2).message;
    arrived.on('removeListener', () => {}); // Node removes one by one then
    t.is(arrived.removeAllListeners(...args), arrived);
    await send(sender, 'one', port, '127.0.0.1');
    arrived.removeAllListeners('message');
    t.is(String((await once(arrived, 'message'))[0]), 'one');
    t.deepEqual(arrived.eventNames().filter((name) => name === 'newListener'), []);
    t.false(Object.hasOwn(arrived, 'removeAllListeners'));
    for (const one of [arrived, sender, port1]) one.close();
  });
}

test('what cannot leave says why, on both faces', async (t) => {
  const { port1 } = new MessageChannelMain();
  const web = new MessageChannel();
  t.teardown(() => { port1.close(); web.port1.close(); });
  const [closed, connecting] = [await bound(), await bound()];
  closed.close();
  const [unbound, binding] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
  binding.bind(0, 'localhost'); // by a lookup, which takes a moment
  connecting.connect(9, 'localhost');
  for (const [socket, reason] of [[closed, /is closed/], [unbound, /is not bound/], [binding, /is not bound/], [connecting, /is still connecting/]]) {
    for (const port of [port1, web.port1]) {
      const error = t.throws(() => port.postMessage(socket, [socket]), { any: true, name: 'DataCloneError' });
      t.regex(error.message, /^dgram\.Socket at index 0 /);
      t.regex(error.message, reason);
    }
  }
  t.throws(() => port1.postMessage({ unbound }), { any: true, name: 'DataCloneError', message: /listed|in transfer list/ });
  await Promise.all([once(binding, 'listening'), once(connecting, 'connect')]);
  for (const socket of [unbound, binding, connecting]) socket.close();
});

test('one that nobody takes is closed, and its address is free', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const socket = await bound();
  const { port } = socket.address();
  port1.postMessage('nothing of it', [socket]);
  t.is(receiveMessageOnPort(port2).message, 'nothing of it');
  const again = dgram.createSocket('udp4').bind(port, '127.0.0.1');
  await once(again, 'listening');
  again.close();
  port1.close();
});
