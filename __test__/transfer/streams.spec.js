// Streams are handed over everywhere: in order, in window and whole; what ends at one end ends at the other, with its reason.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { readableSide } = require('../../lib/transfer/streams/readable.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test, fixture } = require('../helpers/test.js');

/** A promise, and what settles it. */
function deferred() {
  let resolve;
  const promise = new Promise((settle) => { resolve = settle; });
  return { promise, resolve };
}

/** A source of numbers that counts how many it was asked for. */
function counting(end = Infinity) {
  const cancelled = deferred();
  const source = {
    pulls: 0,
    cancelled: cancelled.promise,
    stream: new ReadableStream({
      pull(controller) {
        controller.enqueue(source.pulls++);
        if (source.pulls === end) controller.close();
      },
      cancel: cancelled.resolve,
    }),
  };
  return source;
}

async function all(readable) {
  const chunks = [];
  for await (const chunk of readable) chunks.push(chunk);
  return chunks;
}

scenario('a readable stream: every chunk in order, then its end', {
  async left({ port }) {
    const { stream } = counting(500);
    port.postMessage({ the: stream }, [stream]);
    assert.ok(stream.locked);
    assert.strictEqual(await new Reader(port).next(), 'read it');
  },
  async right({ port }) {
    const { data, ports } = await new Reader(port).event();
    assert.ok(data.the instanceof ReadableStream);
    assert.deepStrictEqual(ports, []);
    assert.deepStrictEqual(await all(data.the), range(500));
    port.postMessage('read it');
  },
});

scenario('a writable stream: what is written there is written here, and closed', {
  async left({ port }) {
    const written = [];
    const closed = deferred();
    const stream = new WritableStream({ write: (chunk) => { written.push(chunk); }, close: closed.resolve });
    port.postMessage(stream, [stream]);
    await closed.promise;
    assert.deepStrictEqual(written, range(500));
    port.postMessage('wrote it');
  },
  async right({ port }) {
    const reader = new Reader(port);
    const writer = (await reader.next()).getWriter();
    for (const i of range(500)) {
      await writer.ready;
      writer.write(i);
    }
    await writer.close();
    assert.strictEqual(await reader.next(), 'wrote it');
  },
});

scenario('a transform stream: it is piped through from there', {
  async left({ port }) {
    const stream = new TransformStream({ transform: (chunk, controller) => controller.enqueue(chunk * 2) });
    port.postMessage(stream, [stream]);
    assert.ok(stream.readable.locked && stream.writable.locked);
    assert.strictEqual(await new Reader(port).next(), 'done');
  },
  async right({ port }) {
    const stream = await new Reader(port).next();
    assert.ok(stream instanceof TransformStream);
    assert.deepStrictEqual(await all(counting(200).stream.pipeThrough(stream)), range(200).map((i) => i * 2));
    port.postMessage('done');
  },
});

scenario('large chunks of bytes arrive as they left', {
  async left({ port }) {
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(300_000).fill(++sent));
        if (sent === 20) controller.close();
      },
      type: 'bytes',
    });
    port.postMessage(stream, [stream]);
    assert.strictEqual(await new Reader(port).next(), 'read it');
  },
  async right({ port }) {
    const chunks = await all(await new Reader(port).next());
    assert.deepStrictEqual(chunks.map(({ length }) => length), range(20).map(() => 300_000));
    assert.ok(chunks.every((chunk, i) => chunk.every((byte) => byte === i + 1)));
    port.postMessage('read it');
  },
});

scenario('backpressure: a source is asked for no more than a window ahead of its reader', {
  async left({ port }) {
    const source = counting();
    port.postMessage(source.stream, [source.stream]);
    assert.strictEqual(await source.cancelled, 'enough');
    assert.ok(source.pulls >= 200 && source.pulls <= 200 + 128 + 2, `${source.pulls} pulls`);
  },
  async right({ port }) {
    const reader = (await new Reader(port).next()).getReader();
    for (const i of range(200)) assert.strictEqual((await reader.read()).value, i);
    await reader.cancel('enough');
  },
});

scenario('an error of the source is that of the reader', {
  async left({ port }) {
    const error = new RangeError('broken');
    const stream = new ReadableStream({ pull: (controller) => controller.error(error) });
    port.postMessage(stream, [stream]);
    assert.strictEqual(await new Reader(port).next(), 'heard of it');
  },
  async right({ port }) {
    const stream = await new Reader(port).next();
    await assert.rejects(all(stream), { name: 'RangeError', message: 'broken' });
    port.postMessage('heard of it');
  },
});

scenario('abort() there aborts the sink here with its reason', {
  async left({ port }) {
    const aborted = deferred();
    const stream = new WritableStream({ abort: aborted.resolve });
    port.postMessage(stream, [stream]);
    assert.deepStrictEqual(await aborted.promise, { because: 'of this' });
  },
  async right({ port }) {
    await (await new Reader(port).next()).abort({ because: 'of this' });
  },
});

scenario('an error of the sink is that of the writer', {
  async left({ port }) {
    const stream = new WritableStream({ write() { throw new TypeError('no more'); } });
    port.postMessage(stream, [stream]);
    assert.strictEqual(await new Reader(port).next(), 'heard of it');
  },
  async right({ port }) {
    const writer = (await new Reader(port).next()).getWriter();
    writer.closed.catch(() => {});
    await assert.rejects((async () => { for (;;) await writer.write('chunk'); })(), { name: 'TypeError', message: 'no more' });
    port.postMessage('heard of it');
  },
});

for (const way of ['SIGKILL', 'process.exit()', 'worker.terminate()']) {
  scenario(`the reader dies by ${way}: the source is cancelled`, {
    dies: ['right', way],
    async left({ port }) {
      const { stream, cancelled } = counting();
      port.postMessage(stream, [stream]);
      assert.strictEqual((await cancelled).code, 'ERR_PEER_GONE');
    },
    async right({ port, end }) {
      const reader = (await new Reader(port).next()).getReader();
      for (const i of range(20)) assert.strictEqual((await reader.read()).value, i);
      await end(way);
    },
  });

  scenario(`the writer dies by ${way}: the sink is aborted`, {
    dies: ['right', way],
    async left({ port }) {
      const aborted = deferred();
      const stream = new WritableStream({ abort: aborted.resolve });
      port.postMessage(stream, [stream]);
      assert.strictEqual((await aborted.promise).code, 'ERR_PEER_GONE');
    },
    async right({ port, end }) {
      const writer = (await new Reader(port).next()).getWriter();
      for (const i of range(20)) await writer.write(i);
      await end(way);
    },
  });

  scenario(`the source dies by ${way}: the reader rejects`, {
    dies: ['right', way],
    async left({ port }) {
      const stream = await new Reader(port).next();
      await assert.rejects(all(stream), { code: 'ERR_PEER_GONE' });
    },
    async right({ port, end }) {
      const source = counting();
      port.postMessage(source.stream, [source.stream]);
      while (source.pulls < 50) await new Promise((resolve) => { setImmediate(resolve); });
      await end(way);
    },
  });

  scenario(`the sink dies by ${way}: the writer rejects`, {
    dies: ['right', way],
    async left({ port }) {
      const writer = (await new Reader(port).next()).getWriter();
      writer.closed.catch(() => {});
      await assert.rejects((async () => { for (;;) await writer.write('chunk'); })(), { code: 'ERR_PEER_GONE' });
    },
    async right({ port, end }) {
      const enough = deferred();
      let count = 0;
      const stream = new WritableStream({ write() { if (++count === 20) enough.resolve(); } });
      port.postMessage(stream, [stream]);
      await enough.promise;
      await end(way);
    },
  });
}

scenario('unread in the queue of a port, streams move on with it', {
  async left({ port }) {
    const { port1, port2 } = new MessageChannelMain();
    const { stream } = counting(50);
    const written = [];
    const closed = deferred();
    const sink = new WritableStream({ write: (chunk) => { written.push(chunk); }, close: closed.resolve });
    port1.postMessage([stream, sink], [stream, sink]);
    port.postMessage('take this', [port2]);
    await closed.promise;
    assert.deepStrictEqual(written, range(50));
    port1.close();
  },
  async right({ port }) {
    const { ports } = await new Reader(port).event();
    const [stream, sink] = await new Reader(ports[0]).next();
    await stream.pipeTo(sink);
  },
});

scenario('a stream goes there and back, half read', {
  async left({ port }) {
    const { stream } = counting(100);
    port.postMessage(stream, [stream]);
    assert.deepStrictEqual(await all(await new Reader(port).next()), range(100).slice(30));
    port.postMessage('all of it');
  },
  async right({ port }) {
    const reader = new Reader(port);
    const stream = await reader.next();
    const chunks = stream.getReader();
    for (const i of range(30)) assert.strictEqual((await chunks.read()).value, i);
    chunks.releaseLock();
    port.postMessage(stream, [stream]);
    assert.ok(stream.locked);
    assert.strictEqual(await reader.next(), 'all of it');
  },
});

test('streams that are passed on unread do not need who passed them', async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(fixture('pass-on.js'));
  const { port1, port2 } = new MessageChannelMain();
  const { stream } = counting(300);
  const written = [];
  const sink = new WritableStream({ write: (chunk) => { written.push(chunk); } });
  child.postMessage({ streams: [stream, sink], to: port2 }, [stream, sink, port2]);
  const [code] = await once(child, 'exit');
  t.is(code, 0);
  const [source, target] = await new Reader(port1).next();
  await source.pipeTo(target);
  while (written.length < 300) await new Promise((resolve) => { setImmediate(resolve); });
  t.deepEqual(written, range(300));
});

for (const [end, begin, die] of [
  ['killed', () => utilityProcess.fork(fixture('gives-numbers.js')), (place) => place.kill('SIGKILL')],
  ['terminated', () => new Worker(fixture('gives-numbers.js')), (place) => { place.terminate(); }],
]) {
  test(`who waits and does not read hears of the source's death through who passed the stream on with chunks of it: ${end}`, async (t) => {
    t.timeout(20_000);
    const place = begin();
    const [stream] = await once(place, 'message');
    const reader = stream.getReader();
    for (const i of range(20)) t.is((await reader.read()).value, i);
    while (readableSide(stream).portable !== undefined) await new Promise((resolve) => { setImmediate(resolve); }); // more are here
    reader.releaseLock();
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(stream, [stream]);
    const received = new Reader(port2);
    const passed = (await received.next()).getReader();
    for (let i = 0; i < 5; i++) await new Promise((resolve) => { setImmediate(resolve); });
    die(place);
    await t.throwsAsync(passed.closed, { code: 'ERR_PEER_GONE' });
    await t.throwsAsync(passed.read(), { code: 'ERR_PEER_GONE' });
    port1.close();
  });
}

test('through streams of who passes it on the death of either end is told with its code', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const received = new Reader(port2);
  const transfer = (stream) => {
    port1.postMessage(stream, [stream]);
    return received.next();
  };
  const giver = utilityProcess.fork(fixture('gives-numbers.js'));
  const [numbers] = await once(giver, 'message');
  const reading = all(await transfer(numbers.pipeThrough(new TransformStream())));
  giver.kill('SIGKILL');
  await t.throwsAsync(reading, { code: 'ERR_PEER_GONE' });

  const holder = utilityProcess.fork(fixture('holds-streams.js'));
  const aborted = deferred();
  const { writable, readable } = new TransformStream();
  readable.pipeTo(await transfer(new WritableStream({ abort: aborted.resolve }))).catch(() => {});
  holder.postMessage(writable, [writable]);
  await once(holder, 'message');
  holder.kill('SIGKILL');
  t.is((await aborted.promise).code, 'ERR_PEER_GONE');
  port1.close();
});

test('a stream that is kept and not read does not keep a process', async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(fixture('keeps-streams.js'));
  const { stream, cancelled } = counting();
  const aborted = deferred();
  const sink = new WritableStream({ abort: aborted.resolve });
  child.postMessage([stream, sink], [stream, sink]);
  const [code] = await once(child, 'exit');
  t.is(code, 0);
  t.is((await cancelled).code, 'ERR_PEER_GONE');
  t.is((await aborted.promise).code, 'ERR_PEER_GONE');
});

for (const [end, place] of [
  ["child.kill('SIGKILL')", "utilityProcess.fork(require.resolve('./__test__/fixtures/holds-streams.js'))"],
  ['child.terminate()', "new Worker(require.resolve('./__test__/fixtures/holds-streams.js'))"],
]) {
  test(`sources and sinks that nobody holds any more are told of the other end's death, after a collection of garbage: ${end}`, (t) => {
    t.timeout(60_000);
    return prints(t, `
      ${collecting}
      (async () => {
        const child = ${place};
        const told = [];
        (() => {
          const never = () => new Promise(() => {});
          const streams = [
            new ReadableStream({ pull: never, cancel: ({ code }) => { told.push('waiting source ' + code); } }),
            new ReadableStream({ type: 'bytes', cancel: ({ code }) => { told.push('idle source ' + code); } }),
            new WritableStream({ abort: ({ code }) => { told.push('idle sink ' + code); } }),
          ];
          child.postMessage(streams, streams);
        })();
        await new Promise((resolve) => child.once('message', resolve));
        await outlive();
        console.log(told.length);
        ${end};
        await collect(() => told.length === 3);
        console.log(told.sort().join());
      })();
    `, ['0', 'idle sink ERR_PEER_GONE,idle source ERR_PEER_GONE,waiting source ERR_PEER_GONE'], { node: ['--expose-gc'], timeout: 50_000 });
  });
}
