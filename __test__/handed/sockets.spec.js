// Descriptors, sockets and servers are handed over, in every placement and also unread in a port that moves on.
const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const { FileDescriptor, MessageChannel, MessageChannelMain, Worker, receiveMessageOnPort } = require('../../index.js');
const { connection, forget, temporary, text, until } = require('../helpers/connections.js');
const { Reader } = require('../helpers/reader.js');
const { test, scenario } = require('../helpers/scenario.js');

function refusal(post) {
  try {
    post();
  } catch (error) {
    return error;
  }
  return assert.fail('it was posted');
}

scenario('a descriptor is the same open file', {
  async left({ port, road }) {
    const file = path.join(path.dirname(temporary()), 'file');
    fs.writeFileSync(file, '0123456789');
    const descriptor = new FileDescriptor(fs.openSync(file));
    fs.readSync(descriptor.fd, Buffer.alloc(4));
    port.postMessage({ descriptor, again: descriptor }, [descriptor]);
    assert.equal(descriptor.fd, -1);
    await new Reader(road).next();
    fs.rmSync(path.dirname(file), { recursive: true });
  },
  async right({ port, road }) {
    const { descriptor, again } = await new Reader(port).next();
    assert(descriptor instanceof FileDescriptor && again === descriptor);
    const rest = Buffer.alloc(10);
    assert.equal(rest.toString('latin1', 0, fs.readSync(descriptor.fd, rest)), '456789');
    descriptor.close();
    road.postMessage('done');
  },
});

scenario('a socket goes on where it was, unread in a port that moves on', {
  async left({ port }) {
    const { client, accepted } = await connection({ allowHalfOpen: true });
    const between = new MessageChannelMain();
    between.port1.postMessage({ socket: accepted }, [accepted]);
    assert(accepted.destroyed);
    port.postMessage('moves on', [between.port2]);
    client.end('late');
    assert.equal(await text(client), 'heard early late');
    between.port1.close();
  },
  async right({ port }) {
    const { ports: [between] } = await new Reader(port).event();
    const { socket } = await new Reader(between).next();
    assert(socket instanceof net.Socket && socket.isPaused() && socket.allowHalfOpen);
    socket.end(`heard ${await text(socket)}`);
    await once(socket, 'close');
    between.close();
  },
});

scenario('a socket is paused until somebody listens for its bytes, those that were read before come first, and it can be paused anew', {
  async left({ port, road }) {
    const { client, accepted } = await connection({ allowHalfOpen: true });
    port.postMessage(accepted, [accepted]);
    client.write('late');
    assert.equal(await text(client), 'heard early late');
    await new Reader(road).next();
  },
  async right({ port, road }) {
    const socket = await new Reader(port).next();
    assert(socket.isPaused() && socket.bytesRead === 0);
    let heard = '';
    socket.on('data', (bytes) => { heard += bytes; });
    assert(!socket.isPaused());
    await until(() => heard === 'early late');
    assert(socket.pause().isPaused());
    socket.end(`heard ${heard}`).resume();
    road.postMessage('done');
    await once(socket, 'close');
  },
});

scenario('a server makes its connections as it did, whatever its path is', {
  async left({ port, road }) {
    const name = temporary();
    for (const address of [{ port: 0, host: '127.0.0.1' }, { path: name }]) {
      const server = net.createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: 5000, highWaterMark: 12_345, allowHalfOpen: true }).listen(address);
      await once(server, 'listening');
      port.postMessage({ server, path: address.path }, [server]);
    }
    const plain = net.createServer().listen(0, '127.0.0.1');
    await once(plain, 'listening');
    port.postMessage({ server: plain }, [plain]);
    await new Reader(road).next();
    forget(name);
  },
  async right({ port, road }) {
    const read = new Reader(port);
    for (let i = 0; i < 2; i++) {
      const { server, path: name } = await read.next();
      const { noDelay, keepAlive, keepAliveInitialDelay, highWaterMark, allowHalfOpen, pauseOnConnect } = server;
      assert.deepEqual([noDelay, keepAlive, keepAliveInitialDelay, highWaterMark, allowHalfOpen, pauseOnConnect], [true, true, 5, 12_345, true, false]);
      if (name !== undefined) assert.equal(server.address(), name);
      server.close();
    }
    const { server } = await read.next();
    const { noDelay, keepAlive, keepAliveInitialDelay, highWaterMark } = net.createServer();
    for (const [key, value] of Object.entries({ noDelay, keepAlive, keepAliveInitialDelay, highWaterMark })) assert.equal(server[key], value, key);
    server.close();
    road.postMessage('done');
  },
});

scenario('a server goes on accepting with its backlog, and its path stays', {
  async left({ port, road }) {
    const name = temporary();
    const server = net.createServer(() => assert.fail('it accepts no more')).listen(name);
    await once(server, 'listening');
    const before = net.connect(name);
    port.postMessage(server, [server]);
    server.close(() => {});
    const after = net.connect(name);
    assert.deepEqual(await Promise.all([text(before), text(after)]), ['served', 'served']);
    const reader = new Reader(road);
    road.postMessage('close');
    await reader.next();
    assert(fs.existsSync(name), 'a server that was handed over never removes its path');
    fs.rmSync(path.dirname(name), { recursive: true });
  },
  async right({ port, road }) {
    const server = await new Reader(port).next();
    assert(server instanceof net.Server && server.listening && server.address().endsWith('/server'));
    server.on('connection', (socket) => socket.end('served'));
    await new Reader(road).next();
    server.close();
    await once(server, 'close');
    road.postMessage('closed');
  },
});

test('a server that goes on from where it has arrived leaves nothing beside its path, which is what somebody has said', async (t) => {
  const name = temporary();
  const folder = path.dirname(name);
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const server = net.createServer();
  await once(server.listen(name), 'listening');
  const { port1, port2 } = new MessageChannelMain();
  let thing = server;
  for (let i = 0; i < 3; i++) {
    port1.postMessage(thing, [thing]);
    ({ message: thing } = receiveMessageOnPort(port2));
    t.is(thing.address(), name);
    t.deepEqual(fs.readdirSync(folder), [path.basename(name)]);
  }
  await new Promise((resolve) => { thing.close(resolve); });
  port1.close();
});

test('a path stays though somebody who was killed meanwhile has left its other name', async (t) => {
  const { port1 } = channel(t);
  const name = temporary();
  const folder = path.dirname(name);
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const left = [`server.${process.pid}`, `server.${process.pid}.0`];
  for (const file of left) fs.writeFileSync(path.join(folder, file), '');
  const server = net.createServer().listen(name);
  await once(server, 'listening');
  port1.postMessage(server, [server]);
  t.deepEqual(fs.readdirSync(folder).sort(), ['server', ...left]);
});

function channel(t) {
  const { port1, port2 } = new MessageChannelMain();
  t.teardown(() => { port1.close(); port2.close(); });
  return { port1, port2 };
}

test('what cannot leave says why, on both faces', async (t) => {
  const { port1 } = channel(t);
  const web = new MessageChannel();
  t.teardown(() => web.port1.close());
  const { client, accepted } = await connection();
  const encoded = (await connection());
  encoded.accepted.setEncoding('utf8');
  accepted.cork();
  accepted.write('waits');
  const underTls = await connection();
  const encrypted = tls.connect({ socket: underTls.client });
  encrypted.on('error', () => {});
  const closed = new FileDescriptor(fs.openSync('/dev/null'));
  closed.close();
  const listening = net.createServer().listen(0);
  await once(listening, 'listening');
  const connecting = net.connect(listening.address().port);
  const cases = [
    [accepted, /^Socket at index 0 has bytes that are not written yet/],
    [encoded.accepted, /^Socket at index 0 has an encoding/],
    [encrypted, /^Socket at index 0 is encrypted/],
    [underTls.client, /^Socket at index 0 is encrypted/],
    [new net.Socket(), /^Socket at index 0 is not connected/],
    [connecting, /^Socket at index 0 is still connecting/],
    [net.createServer(), /^Server at index 0 is not listening/],
    [closed, /^FileDescriptor at index 0 is closed/],
  ];
  for (const [thing, message] of cases) {
    for (const port of [port1, web.port1]) {
      const error = refusal(() => port.postMessage(thing, [thing]));
      t.is(error.name, 'DataCloneError');
      t.regex(error.message, message);
    }
  }
  const gone = new FileDescriptor(fs.openSync(process.execPath)); // which no other thread opens, if it takes the number
  fs.closeSync(gone.fd);
  t.regex(refusal(() => port1.postMessage(gone, [gone])).message, /^FileDescriptor at index 0 has a descriptor that is not open/);
  gone.release();
  for (const thing of [listening, connecting, new FileDescriptor(0)]) {
    t.is(refusal(() => port1.postMessage({ thing })).name, 'DataCloneError');
    if (thing instanceof FileDescriptor) t.is(thing.release(), 0);
  }
  for (const socket of [client, accepted, encoded.client, encoded.accepted, connecting, encrypted, underTls.client, underTls.accepted]) socket.destroy();
  listening.close();
});

test('one that an HTTP/2 session has stays there, on either side, and the session goes on', async (t) => {
  const { port1 } = channel(t);
  const server = http2.createServer((request, response) => response.end('here')).listen(0);
  await once(server, 'listening');
  const client = net.connect(server.address().port);
  const [[accepted]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
  const session = http2.connect('http://localhost', { createConnection: () => client });
  const ask = async () => {
    const chunks = await session.request().setEncoding('utf8').toArray();
    return chunks.join('');
  };
  t.is(await ask(), 'here');
  for (const socket of [client, accepted]) {
    const error = refusal(() => port1.postMessage(socket, [socket]));
    t.is(error.name, 'DataCloneError');
    t.regex(error.message, /^Socket at index 0 is in the hands of an HTTP\/2 session/);
  }
  t.is(await ask(), 'here');
  await new Promise((resolve) => { session.close(resolve); });
  server.close();
});

test('an http.Server ends as by its close(): no connection without a request keeps it', async (t) => {
  const { port1, port2 } = channel(t);
  const server = http.createServer((request, response) => response.end('here')).listen(0);
  await once(server, 'listening');
  server.keepAliveTimeout = 0;
  const agent = new http.Agent({ keepAlive: true });
  const [response] = await once(http.get({ port: server.address().port, agent }), 'response');
  t.is(await text(response), 'here');
  const closed = once(server, 'close');
  port1.postMessage(server, [server]);
  const { message: arrived } = receiveMessageOnPort(port2);
  await closed;
  t.true(arrived instanceof net.Server && arrived.listening);
  arrived.close();
  agent.destroy();
});

test('a post that fails has taken nothing, and what was read is still there', async (t) => {
  const { port1 } = channel(t);
  const { client, accepted } = await connection();
  const many = Array.from({ length: 1024 }, () => new MessageChannelMain());
  const ports = many.map(({ port1: port }) => port);
  t.throws(() => port1.postMessage(accepted, [accepted, ...ports]), { code: 'ERR_MESSAGE_TOO_LARGE' });
  t.false(accepted.destroyed);
  client.end('late');
  t.is(await text(accepted), 'early late');
  for (const { port1: port } of many) port.close();
});

test('what nothing in the message refers to, and what nobody takes, is closed', async (t) => {
  const { port1, port2 } = channel(t);
  const { client, accepted } = await connection();
  port1.postMessage('nothing of it', [accepted]);
  t.is(receiveMessageOnPort(port2).message, 'nothing of it');
  t.is(await text(client), '');
  const other = await connection();
  port1.postMessage(other.accepted, [other.accepted]);
  port2.close();
  t.is(await text(other.client), '');
});

test('a thread that ends closes what waits for it', async (t) => {
  const worker = new Worker('require("node:worker_threads").parentPort.once("message", () => {})', { eval: true });
  const { client, accepted } = await connection();
  worker.postMessage(accepted, [accepted]);
  await worker.terminate();
  t.is(await text(client), '');
});

test('only an open descriptor makes a FileDescriptor', (t) => {
  t.throws(() => new FileDescriptor('0'), { code: 'ERR_INVALID_ARG_TYPE' });
  for (const fd of [-1, 1.5, 2 ** 31]) t.throws(() => new FileDescriptor(fd), { code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new FileDescriptor(2 ** 30), { code: 'ERR_INVALID_ARG_VALUE' });
  const descriptor = new FileDescriptor(fs.openSync('/dev/null'));
  const fd = descriptor.release();
  t.is(descriptor.fd, -1);
  descriptor.close();
  fs.closeSync(fd);
});

test('a post that throws leaves a socket its unread bytes, and it reads on', async (t) => {
  const { client, accepted } = await connection({});
  const server = net.createServer();
  const name = temporary();
  t.teardown(() => fs.rmSync(path.dirname(name), { recursive: true }));
  await new Promise((listening) => { server.listen(name, () => listening(undefined)); });
  server.address = () => { throw new Error('mine'); };
  const { port1 } = new MessageChannelMain();
  t.throws(() => port1.postMessage({ accepted, server }, [accepted, server]), { message: 'mine' });
  t.is(accepted.readableLength, 'early '.length);
  client.end('late');
  t.is(await text(accepted), 'early late');
  accepted.end();
  client.resume();
  await once(client, 'close');
  Reflect.deleteProperty(server, 'address');
  server.close();
  port1.close();
});
