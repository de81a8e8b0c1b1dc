// The rules of the Streams standard's transfer, one by one, and what a hostile other end may cost.
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, receiveMessageOnPort } = require('../../index.js');
const { Exit } = require('../../lib/transfer/end.js');
const { MAX_IN_FLIGHT } = require('../../lib/transfer/limits.js');
const { readableOver } = require('../../lib/transfer/streams/readable.js');
const { writableOver } = require('../../lib/transfer/streams/writable.js');
const { test } = require('../helpers/test.js');

const turn = () => new Promise((resolve) => { setImmediate(resolve); });
const turns = async (count) => { for (let i = 0; i < count; i++) await turn(); };
const isDataClone = { any: true, name: 'DataCloneError', instanceOf: DOMException };

/** Hands a stream over in this thread, and gives what arrives. */
function transfer(stream) {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(stream, [stream]);
  const { message } = receiveMessageOnPort(port2);
  port1.close();
  return message;
}

/** A stream that records what its source is asked for. */
function recording(source = {}, strategy = undefined) {
  const events = [];
  const stream = new ReadableStream({
    start: source.start,
    pull(controller) { events.push('pull'); return source.pull?.(controller); },
    cancel(reason) { events.push('cancel', reason); return source.cancel?.(reason); },
  }, strategy);
  return { stream, events };
}

// ---------------------------------------------------------------- what may be listed

test('a locked stream cannot be handed over, and nothing has changed', (t) => {
  const { port1 } = new MessageChannelMain();
  const [readable, writable, one, two] = [new ReadableStream(), new WritableStream(), new TransformStream(), new TransformStream()];
  readable.getReader();
  writable.getWriter();
  one.readable.getReader();
  two.writable.getWriter();
  const buffer = new ArrayBuffer(8);
  const free = new ReadableStream();
  for (const stream of [readable, writable, one, two]) {
    t.throws(() => port1.postMessage(stream, [buffer, free, stream]), { ...isDataClone, message: /^\w+Stream at index 2 is locked/ });
  }
  t.is(buffer.byteLength, 8);
  t.false(free.locked);
  t.false(one.writable.locked);
  port1.close();
});

for (const [title, list] of [
  ['twice', (stream) => [stream.readable, stream.readable]],
  ['and its readable side', (stream) => [stream, stream.readable]],
  ['behind its readable side', (stream) => [stream.readable, stream]],
  ['and its writable side', (stream) => [stream, stream.writable]],
  ['behind its writable side', (stream) => [stream.writable, stream]],
]) {
  test(`a stream ${title} in one list is a DataCloneError`, (t) => {
    const { port1 } = new MessageChannelMain();
    const stream = new TransformStream();
    t.throws(() => port1.postMessage(null, list(stream)), { ...isDataClone, message: /is a duplicate/ });
    t.false(stream.readable.locked || stream.writable.locked);
    port1.close();
  });
}

test('a stream in the message and not in the list is a DataCloneError, on both faces', (t) => {
  for (const { port1 } of [new MessageChannelMain(), new MessageChannel()]) {
    for (const stream of [new ReadableStream(), new WritableStream(), new TransformStream()]) {
      t.throws(() => port1.postMessage({ stream }), { ...isDataClone, message: /not listed in transferList/ });
      t.throws(() => port1.postMessage({ stream }, [new ArrayBuffer(1)]), isDataClone);
    }
    port1.close();
  }
});

test('a stream that a getter locks meanwhile stays, as does everything else in the list', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const other = new MessageChannelMain();
  const stream = new ReadableStream();
  const free = new WritableStream();
  const message = { stream, get late() { stream.getReader(); return 1; } };
  t.throws(() => port1.postMessage(message, [other.port2, free, stream]), { ...isDataClone, message: /locked/ });
  t.false(other.port2.closed);
  t.false(free.locked);
  t.is(receiveMessageOnPort(port2), undefined);
  for (const port of [port1, other.port1]) port.close();
});

test('a message that is too large leaves its streams where they are', (t) => {
  const { port1 } = new MessageChannelMain();
  const streams = Array.from({ length: 1025 }, () => new ReadableStream());
  t.throws(() => port1.postMessage(null, streams), { code: 'ERR_MESSAGE_TOO_LARGE' });
  t.false(streams.some(({ locked }) => locked));
  port1.close();
});

test('event.ports are the ports, whatever stands between them in the list', async (t) => {
  const { port1, port2 } = new MessageChannel();
  const channels = [new MessageChannel(), new MessageChannel()];
  const [readable, writable, transform] = [new ReadableStream(), new WritableStream(), new TransformStream()];
  const message = { again: channels[1].port2, readable, writable, transform };
  port1.postMessage(message, [readable, channels[0].port2, transform, channels[1].port2, writable]);
  const [{ data, ports }] = await Promise.all([new Promise((resolve) => { port2.onmessage = resolve; })]);
  t.is(ports.length, 2);
  t.is(data.again, ports[1]);
  t.true(data.readable instanceof ReadableStream && data.writable instanceof WritableStream && data.transform instanceof TransformStream);
  for (const port of [port1, ...ports]) port.close();
});

test('a stream that is listed and not in the message is cancelled: nobody can ever read it', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const cancelled = new Promise((resolve) => {
    const stream = new ReadableStream({ cancel: resolve });
    port1.postMessage('no stream', [stream]);
  });
  t.is(receiveMessageOnPort(port2).message, 'no stream');
  t.is((await cancelled).code, 'ERR_PEER_GONE');
  port1.close();
});

test('a stream stands in the message as often as it was put there, and is one', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const stream = new ReadableStream();
  port1.postMessage([stream, { stream }, new Map([[stream, 1]])], [stream]);
  const { message: [first, second, map] } = receiveMessageOnPort(port2);
  t.is(first, second.stream);
  t.is([...map.keys()][0], first);
  port1.close();
});

// ---------------------------------------------------------------- readable streams

test('to hand a stream over relieves backpressure', async (t) => {
  const { stream, events } = recording({}, { highWaterMark: 0 });
  await turn();
  t.deepEqual(events, []);
  const arrived = transfer(stream);
  await turn();
  t.deepEqual(events, ['pull']);
  await arrived.cancel();
});

test('to hand a stream over adds one chunk to the size of its queue', async (t) => {
  const { stream, events } = recording({ pull: (controller) => controller.enqueue('a') }, { highWaterMark: 2 });
  const arrived = transfer(stream);
  await turns(20);
  t.deepEqual(events, ['pull', 'pull', 'pull']);
  await arrived.cancel();
});

test('the extra place is counted in chunks', async (t) => {
  const { stream, events } = recording({
    start(controller) {
      controller.enqueue(new Uint8Array(1024));
      controller.enqueue(new Uint8Array(1024));
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: 512 }));
  const arrived = transfer(stream);
  await turns(20);
  t.deepEqual(events, []);
  await arrived.cancel();
});

test('one read asks for one chunk', async (t) => {
  const { stream, events } = recording({ pull: (controller) => controller.enqueue('a') }, { highWaterMark: 0 });
  const reader = transfer(stream).getReader();
  await reader.read();
  await turns(20);
  t.deepEqual(events, ['pull', 'pull']);
  await reader.cancel();
});

test('cancel() reaches the source, ends pending reads and does not wait for the source', async (t) => {
  const { stream, events } = recording({ cancel: () => new Promise(() => {}) });
  const reader = transfer(stream).getReader();
  const pending = reader.read();
  await reader.cancel('message');
  t.deepEqual(await pending, { done: true, value: undefined });
  while (!events.includes('cancel')) await turn();
  t.deepEqual(events.slice(-2), ['cancel', 'message']);
});

test('a chunk that cannot be cloned is an error of both sides', async (t) => {
  const { stream, events } = recording({ pull: (controller) => controller.enqueue({ f: [() => 'a function'] }) });
  await t.throwsAsync(transfer(stream).getReader().read(), { ...isDataClone, message: /at chunk\.f\[0\]$/ });
  while (!events.includes('cancel')) await turn();
  t.regex(events.at(-1).message, /at chunk\.f\[0\]$/);
});

test('a chunk whose getter throws what cannot be cloned either is an error of both sides', async (t) => {
  const evil = { get chunk() { throw () => 'a function'; } }; // eslint-disable-line no-throw-literal
  const { stream, events } = recording({ pull: (controller) => controller.enqueue(evil) });
  await t.throwsAsync(transfer(stream).getReader().read(), isDataClone);
  while (!events.includes('cancel')) await turn();

  let aborted;
  const writer = transfer(new WritableStream({ abort(reason) { aborted = reason; } })).getWriter();
  writer.closed.catch(() => {});
  await t.throwsAsync(writer.write(evil), { any: true, instanceOf: Function });
  while (aborted === undefined) await turn();
  t.is(aborted.name, 'DataCloneError');

  const cancelled = recording();
  await t.throwsAsync(transfer(cancelled.stream).cancel(evil), { any: true, instanceOf: Function });
  while (!cancelled.events.includes('cancel')) await turn();
  t.is(cancelled.events.at(-1).name, 'DataCloneError');
});

test('cancel() against error(), close() and enqueue() is benign', async (t) => {
  for (const race of ['error', 'close', 'enqueue']) {
    let controller;
    const stream = new ReadableStream({ start(given) { controller = given; } });
    const reader = transfer(stream).getReader();
    await turn();
    controller[race]('a');
    const cancelled = reader.cancel('b');
    await t.notThrowsAsync(Promise.all([reader.closed, cancelled]), race);
  }
});

test('what waits in the window is read before the end of the stream', async (t) => {
  let count = 0;
  const stream = new ReadableStream({
    pull(controller) {
      controller.enqueue(count++);
      if (count === 40) controller.close();
    },
  });
  const reader = transfer(stream).getReader();
  const read = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    read.push(value);
    await turns(4); // the rest arrives meanwhile
  }
  t.deepEqual(read, Array.from({ length: 40 }, (_, i) => i));
  await reader.closed;
});

for (const [title, make] of [
  ['views', () => new Uint8Array(2 ** 18)],
  ['buffers', () => new ArrayBuffer(2 ** 18)],
  ['texts', () => 'x'.repeat(2 ** 18)],
]) {
  test(`no more than a MiB is asked for ahead: ${title}`, async (t) => {
    const reads = 60;
    let asked = 0;
    let busy = true;
    const stream = new ReadableStream({
      async pull(controller) {
        asked++;
        if (busy) await turn(); // the reader waits, and learns to ask for more
        controller.enqueue(make());
      },
    }, { highWaterMark: 0 });
    const reader = transfer(stream).getReader();
    for (let i = 0; i < reads; i++) await reader.read();
    busy = false;
    await turns(50);
    t.true(asked > reads + 1 && asked <= reads + 4 + 1, `${asked}`); // the window, and one that is read ahead to be sent
    await reader.cancel();
  });
}

test("a byte stream's memory goes along, another's is copied", async (t) => {
  for (const [type, left] of [['bytes', 0], [undefined, 64]]) {
    const chunk = new Uint8Array(64).fill(7);
    let seen;
    const stream = new ReadableStream({ type, start(controller) { controller.enqueue(chunk); controller.close(); } });
    const arrived = transfer(stream);
    for await (const bytes of arrived) seen = bytes;
    t.deepEqual(seen, new Uint8Array(64).fill(7));
    t.is(chunk.byteLength, left, `${type}`);
  }
});

// ---------------------------------------------------------------- writable streams

test('a writer is told to wait while the sink is busy', async (t) => {
  let finish;
  let written = 0;
  const stream = new WritableStream({ write: () => { written++; return new Promise((resolve) => { finish = resolve; }); } });
  const writer = transfer(stream).getWriter();
  await writer.write('a');
  while (written === 0) await turn();
  let second = false;
  const done = writer.write('b').then(() => { second = true; });
  await turns(20);
  t.false(second);
  t.is(writer.desiredSize, 0);
  finish();
  await done;
  while (written < 2) await turn();
  finish();
  await writer.close();
});

test('abort() does not wait for a write that waits for the sink', async (t) => {
  let aborted;
  const stream = new WritableStream({ write: () => new Promise(() => {}), abort(reason) { aborted = reason; } });
  const writer = transfer(stream).getWriter();
  writer.closed.catch(() => {});
  await writer.write('a');
  const waiting = writer.write('b');
  await turn();
  await writer.abort('stop');
  await t.notThrowsAsync(waiting.catch(() => {}));
  t.is(aborted, undefined); // the sink is still busy
});

test('close() closes the sink behind what was written', async (t) => {
  const events = [];
  const stream = new WritableStream({ write: (chunk) => { events.push(chunk); }, close() { events.push('close'); } });
  const writer = transfer(stream).getWriter();
  writer.write(1);
  writer.write(2);
  await writer.close();
  while (events.length < 3) await turn();
  t.deepEqual(events, [1, 2, 'close']);
});

test('a stream that is closed in the moment of its arrival, and passed on, is closed', async (t) => {
  const written = [];
  let arrived;
  const ended = new Promise((resolve) => { arrived = transfer(new WritableStream({ write(chunk) { written.push(chunk); }, close: resolve })); });
  const writer = arrived.getWriter();
  const closed = writer.close();
  writer.releaseLock();
  const next = transfer(arrived).getWriter();
  next.closed.catch(() => {});
  await t.throwsAsync(next.write('too late'), { instanceOf: TypeError });
  await Promise.all([closed, ended]);
  t.deepEqual(written, []);
});

test('a chunk that cannot be cloned rejects its write and aborts the sink', async (t) => {
  let aborted;
  const stream = new WritableStream({ abort(reason) { aborted = reason; } });
  const writer = transfer(stream).getWriter();
  writer.closed.catch(() => {});
  await t.throwsAsync(writer.write(Symbol('chunk')), { ...isDataClone, message: /at chunk$/ });
  while (aborted === undefined) await turn();
  t.regex(aborted.message, /at chunk$/);
});

// ---------------------------------------------------------------- reasons

/** What the source hears of `cancel(reason)`. */
async function heard(reason) {
  let hear;
  const cancelled = new Promise((resolve) => { hear = resolve; });
  await transfer(new ReadableStream({ cancel: hear })).cancel(reason);
  return cancelled;
}

test('a reason arrives as it is', async (t) => {
  for (const reason of ['hi', '\t\r\n', 7, -0, undefined, null, true, NaN, Infinity, { a: [1] }, new Map([[1, 2]])]) {
    t.deepEqual(await heard(reason), reason);
  }
  const circular = { deep: {} };
  circular.deep.self = circular;
  const arrived = await heard(circular);
  t.is(arrived.deep.self, arrived);
  for (const reason of [new TypeError('type'), new URIError('uri'), new RangeError('range'), new DOMException('boo', 'wrong')]) {
    const { name, message, constructor } = await heard(reason);
    t.deepEqual({ name, message, constructor }, { name: reason.name, message: reason.message, constructor: reason.constructor });
  }
});

test('a reason that cannot be cloned is a DataCloneError on both sides', async (t) => {
  for (const reason of [Symbol('hi'), () => 'hi']) {
    const { stream, events } = recording();
    await t.throwsAsync(transfer(stream).cancel(reason), { ...isDataClone, message: /at reason$/ });
    while (!events.includes('cancel')) await turn();
    t.regex(events.at(-1).message, /at reason$/);
  }
});

// ---------------------------------------------------------------- hostile ends

/**
 * A stream of ours over a port whose other end says what it likes, and hears what we say. Who only waits for a stream's end keeps
 * neither the loop nor the stream: here somebody does.
 */
function against(t, make) {
  const { here, going: { owner: hostile } } = new Exit();
  const told = [];
  hostile.serve({ message: (message) => told.push(message), broken: (error) => told.push(error), gone: () => told.push('gone') });
  const all = { stream: make(here), hostile, told };
  const kept = setInterval(() => all, 1000);
  t.teardown(() => clearInterval(kept));
  return all;
}

for (const [title, messages] of [
  ['a chunk that nobody has asked for', [[0, 'x']]],
  ['nonsense', ['nonsense']],
  ['an object', [{ type: 'chunk' }]],
  ['nothing', [undefined]],
  ['a request', [5]],
  ['a chunk too long', [[0, 'x', 'y']]],
]) {
  test(`a reader is sent ${title}: its stream fails, and says so`, async (t) => {
    const { stream, hostile, told } = against(t, readableOver);
    for (const message of messages) hostile.post(message);
    await t.throwsAsync(stream.getReader().closed, { code: 'ERR_MESSAGE_MALFORMED' });
    while (!told.includes('gone')) await turn();
    t.regex(told.find(Array.isArray)[1].message, /protocol/);
  });
}

for (const [title, messages] of [
  ['a huge window', [MAX_IN_FLIGHT + 1]],
  ['windows that add up to a huge one', [MAX_IN_FLIGHT, 1]],
  ['a negative window', [-1]],
  ['half a chunk', [0.5]],
  ['no number', [NaN]],
  ['a chunk', [[0, 'x']]],
  ['an end', ['close']],
]) {
  test(`a writer is sent ${title}: its stream fails, and says so`, async (t) => {
    const { stream, hostile, told } = against(t, writableOver);
    for (const message of messages) hostile.post(message);
    await t.throwsAsync(stream.getWriter().closed, { code: 'ERR_MESSAGE_MALFORMED' });
    while (!told.includes('gone')) await turn();
    t.regex(told.find(Array.isArray)[1].message, /protocol/);
  });
}

test('more chunks than were asked for fail the stream, however fast they come', async (t) => {
  const { stream, hostile, told } = against(t, readableOver);
  const reader = stream.getReader();
  const read = reader.read();
  while (told.length === 0) await turn();
  t.deepEqual(told, [1]);
  for (let i = 0; i < 1000; i++) hostile.post([0, i]);
  t.is((await read).value, 0);
  await t.throwsAsync(reader.closed, { code: 'ERR_MESSAGE_MALFORMED' });
});

test('ports in a chunk that nobody expects close', async (t) => {
  const { stream, hostile } = against(t, readableOver);
  const { port1, port2 } = new MessageChannelMain();
  const { checkTransfer } = require('../../lib/transfer/list.js');
  const read = stream.getReader().read();
  await turn();
  hostile.post([0, 'x'], [port2], (list) => checkTransfer(list, null, (text) => new Error(text)));
  await once(port1, 'close');
  await read.catch(() => {});
  t.pass();
});
