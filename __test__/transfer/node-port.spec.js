// A MessagePort of Node's is handed over as a port of the arriving face, with its queue; a pump carries on from here.
const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const { transferableAbortSignal } = require('node:util');
const worker_threads = require('node:worker_threads');
const { FileDescriptor, MessageChannel, MessageChannelMain, MessagePort, MessagePortMain, Worker, receiveMessageOnPort } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

scenario("a port of Node's arrives with its queue, in order both ways, and closes", {
  async left({ port }) {
    const { port1, port2 } = new worker_threads.MessageChannel();
    for (const i of range(100)) port1.postMessage(i);
    port.postMessage({ the: port2 }, [port2]);
    for (const i of range(100)) port1.postMessage(100 + i);
    const got = [];
    port1.on('message', (data) => got.push(data));
    await once(port1, 'close');
    assert.deepStrictEqual(got, range(200).map((i) => ({ answer: i })));
  },
  async right({ port }) {
    const { data, ports: [arrived] } = await new Reader(port).event();
    assert.strictEqual(data.the, arrived);
    assert.ok(arrived instanceof MessagePortMain);
    const reader = new Reader(arrived);
    for (const i of range(200)) {
      assert.strictEqual(await reader.next(), i);
      arrived.postMessage({ answer: i });
    }
    arrived.close();
  },
});

scenario("'close' of Node's end is 'close' of the port", {
  async left({ port }) {
    const { port1, port2 } = new worker_threads.MessageChannel();
    port.postMessage(null, [port2]);
    port1.postMessage('last');
    port1.close();
    assert.strictEqual(await new Reader(port).next(), 'closed');
  },
  async right({ port }) {
    const { ports: [arrived] } = await new Reader(port).event();
    assert.deepStrictEqual(await new Reader(arrived).rest(), ['last']);
    port.postMessage('closed');
  },
});

scenario("ports in messages: Node's become ours there, ours Node's here", {
  async left({ port }) {
    const { port1, port2 } = new worker_threads.MessageChannel();
    const inner = new worker_threads.MessageChannel();
    port.postMessage(null, [port2]);
    port1.postMessage({ inner: inner.port2 }, [inner.port2]);
    inner.port1.postMessage('to the inner one');
    const [{ ours }] = await once(port1, 'message');
    assert.ok(ours instanceof worker_threads.MessagePort);
    ours.postMessage('to the one that was ours');
    const [answer] = await once(ours, 'message');
    assert.strictEqual(answer, 'heard');
    ours.close();
    port1.close();
    inner.port1.close();
  },
  async right({ port }) {
    const { ports: [arrived] } = await new Reader(port).event();
    const { inner } = await new Reader(arrived).next();
    assert.strictEqual(await new Reader(inner).next(), 'to the inner one');
    const { port1, port2 } = new MessageChannelMain();
    arrived.postMessage({ ours: port2 }, [port2]);
    const reader = new Reader(port1);
    assert.strictEqual(await reader.next(), 'to the one that was ours');
    port1.postMessage('heard');
    await reader.rest();
  },
});

test('it has the face of the place, keeps its place in the list, and its old object is detached', async (t) => {
  const { port1, port2 } = new MessageChannel();
  const [ours, nodes] = [new MessageChannel(), new worker_threads.MessageChannel()];
  port1.postMessage(nodes.port2, [nodes.port2, ours.port2]);
  const { message, ports } = receiveMessageOnPort(port2);
  t.is(message, ports[0]);
  t.true(ports.every((port) => port instanceof MessagePort));
  t.throws(() => port1.postMessage(null, [nodes.port2]), { any: true, name: 'DataCloneError', message: /already neutered/ });
  for (const port of [port1, ours.port1]) port.close();
  nodes.port1.close();
  await once(nodes.port1, 'close');
});

test('a post that fails leaves it where it is', async (t) => {
  const { port1 } = new MessageChannelMain();
  const nodes = new worker_threads.MessageChannel();
  t.throws(() => port1.postMessage(() => {}, [nodes.port2]), { any: true, name: 'DataCloneError' });
  t.throws(() => port1.postMessage(nodes.port2), { any: true, name: 'DataCloneError', message: /not listed in transferList/ });
  t.throws(() => port1.postMessage(null, [nodes.port2, nodes.port2]), { any: true, name: 'DataCloneError', message: /duplicate/ });
  nodes.port1.postMessage('still here');
  t.deepEqual(worker_threads.receiveMessageOnPort(nodes.port2), { message: 'still here' });
  nodes.port1.close();
  port1.close();
});

test('workerData takes it along beside ports of ours', async (t) => {
  t.timeout(20_000);
  const [ours, nodes] = [new MessageChannelMain(), new worker_threads.MessageChannel()];
  const worker = new Worker(`
    const { workerData } = require(${JSON.stringify(require.resolve('../../index.js'))});
    const { nodes, ours } = workerData;
    nodes.on('message', ({ data }) => { ours.postMessage(data); nodes.close(); });
    nodes.start();
  `, { eval: true, workerData: { ours: ours.port2, nodes: nodes.port2 }, transferList: [ours.port2, nodes.port2] });
  const exit = once(worker, 'exit');
  nodes.port1.postMessage('round');
  t.is(await new Reader(ours.port1).next(), 'round');
  await exit;
});

/** A promise, and what settles it. */
function deferred() {
  let resolve;
  const promise = new Promise((settle) => { resolve = settle; });
  return { promise, resolve };
}

/** A source of one chunk, and a sink that says what is written to it. */
function streams(written) {
  const source = new ReadableStream({
    pull(controller) {
      controller.enqueue('a chunk');
      controller.close();
    },
  });
  return [source, new WritableStream({ write: written })];
}

async function use({ source, list: [map], file }) {
  const { value } = await source.getReader().read();
  assert.strictEqual(value, 'a chunk');
  const writer = map.get('sink').getWriter();
  await writer.write('another');
  await writer.close();
  const { bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  assert.strictEqual(bytesRead, 2);
}

scenario("what is handed over in messages by a port of Node's goes along, either way", {
  async left({ port }) {
    const { port1, port2 } = new worker_threads.MessageChannel();
    port.postMessage(null, [port2]);
    const [message, written] = [once(port1, 'message'), deferred()];
    const [source, sink] = streams(written.resolve);
    const file = await fs.promises.open(__filename);
    port1.postMessage({ source, list: [new Map([['sink', sink]])], file }, [source, sink, file]);
    assert.strictEqual(await written.promise, 'another');
    const [{ back, file: returned }] = await message;
    await use({ ...back, file: returned });
    await returned.close();
    assert.strictEqual(await new Reader(port).next(), 'another');
    port1.close();
  },
  async right({ port }) {
    const { ports: [arrived] } = await new Reader(port).event();
    const message = await new Reader(arrived).next();
    await use(message);
    const [source, sink] = streams((chunk) => port.postMessage(chunk));
    arrived.postMessage({ back: { source, list: [new Map([['sink', sink]])] }, file: message.file }, [source, sink, message.file]);
  },
});

test("a signal goes along in messages by a port of Node's, if Node hands it over", async (t) => {
  const nodes = new worker_threads.MessageChannel();
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(null, [nodes.port2]);
  const { ports: [ours] } = await new Reader(port2).event();
  const [there, back] = [new AbortController(), new AbortController()];
  const answer = Promise.race([once(nodes.port1, 'message'), once(process, 'warning')]);
  ours.postMessage([back.signal], [back.signal]);
  const [got] = await answer;
  if (got instanceof Error) t.is(got.code, 'MESSAGE_PORT_LOST'); // Node 20 hands none over
  else {
    back.abort('back');
    await once(got[0], 'abort');
    t.is(got[0].reason, 'back');
    nodes.port1.postMessage({ signal: transferableAbortSignal(there.signal) }, [there.signal]);
    const { signal } = await new Reader(ours).next();
    there.abort('there');
    await once(signal, 'abort');
    t.is(signal.reason, 'there');
  }
  for (const port of [port1, nodes.port1]) port.close();
});

test.serial("a socket, a server and a descriptor in messages by a port of Node's close, unless Node hands them over", async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {any} */ (server.address());
  const accepted = once(server, 'connection');
  const socket = net.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const [other] = await accepted;
  const descriptor = new FileDescriptor(fs.openSync(__filename));
  const nodes = new worker_threads.MessageChannel();
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(null, [nodes.port2]);
  const { ports: [ours] } = await new Reader(port2).event();
  /** What arrives; undefined if it is lost. */
  const send = async (/** @type {any} */ thing) => {
    const controller = new AbortController();
    const { signal } = controller;
    const outcome = Promise.race([
      once(process, 'warning', { signal }).then(([{ code }]) => void t.is(code, 'MESSAGE_PORT_LOST')),
      once(nodes.port1, 'message', { signal }).then(([[arrived]]) => arrived),
    ]);
    ours.postMessage([thing], [thing]);
    const arrived = await outcome;
    controller.abort();
    return arrived;
  };
  t.is(await send(descriptor), undefined);
  const closed = once(other.resume(), 'close');
  (await send(socket))?.destroy();
  await closed;
  (await send(server))?.close();
  const [{ code }] = await once(net.connect(port, '127.0.0.1'), 'error');
  t.is(code, 'ECONNREFUSED');
  for (const end of [port1, nodes.port1]) end.close();
});
