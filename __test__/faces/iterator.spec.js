// for await over a MessagePortMain: one message at a time, and whatever was not taken stays in the port.
const assert = require('node:assert');
const { once } = require('node:events');
const { Readable } = require('node:stream');
const { MessageChannelMain, MessagePortMain, receiveMessageOnPort } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

const turn = () => new Promise(setImmediate);

function channel(t) {
  const { port1, port2 } = new MessageChannelMain();
  t.teardown(() => { port1.close(); port2.close(); });
  return { port1, port2 };
}

/** The data of all that an iterator still yields. */
async function all(iterator) {
  const yielded = [];
  for await (const { data } of iterator) yielded.push(data);
  return yielded;
}

scenario('yields { data, ports } in order, and ends at close', {
  left({ port }) {
    for (const i of range(3000)) port.postMessage(i);
    const { port1, port2 } = new MessageChannelMain();
    port.postMessage('a port', [port2]);
    port.postMessage(new Uint8Array(1_000_000));
    port1.close();
    port.close();
  },
  async right({ port }) {
    const seen = [];
    for await (const event of port) {
      assert.deepStrictEqual(Object.keys(event), ['data', 'ports']);
      seen.push(event.data.length ?? event.data);
      for (const taken of event.ports) {
        assert.ok(taken instanceof MessagePortMain);
        if (!taken.closed) await once(taken, 'close');
      }
    }
    assert.deepStrictEqual(seen, [...range(3000), 'a port'.length, 1_000_000]);
    assert.strictEqual(port.closed, true);
  },
});

scenario('break leaves the port open and paused; the rest can be read again or travels on', {
  async left({ port, road }) {
    for (const i of range(300)) port.postMessage(i);
    const { ports: [back] } = await new Reader(road).event();
    assert.deepStrictEqual(await new Reader(back).take(100), range(300).slice(200));
    back.close();
  },
  async right({ port, road }) {
    for (const first of [0, 100]) {
      let next = first;
      for await (const { data } of port) {
        assert.strictEqual(data, next++);
        if (next === first + 100) break;
      }
      assert.strictEqual(port.closed, false);
      assert.strictEqual(port.hasRef(), false);
    }
    const late = [];
    port.on('message', ({ data }) => late.push(data));
    await turn();
    await turn();
    assert.deepStrictEqual(late, []);
    road.postMessage(null, [port]);
  },
});

scenario('two iterators talk', {
  async left({ port }) {
    port.postMessage(0);
    for await (const { data } of port) {
      if (data === 1001) break;
      port.postMessage(data + 1);
    }
    port.close();
  },
  async right({ port }) {
    for await (const { data } of port) port.postMessage(data + 1);
    assert.strictEqual(port.closed, true);
  },
});

test('messages between two next() calls wait in the port', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const iterator = port2[Symbol.asyncIterator]();
  const first = iterator.next();
  port1.postMessage(1);
  port1.postMessage(2);
  t.deepEqual(await first, { done: false, value: { data: 1, ports: [] } });
  port1.postMessage(3);
  await turn();
  await turn();
  t.deepEqual(receiveMessageOnPort(port2), { message: 2, ports: [] });
  t.deepEqual((await iterator.next()).value.data, 3);
  t.deepEqual(await iterator.return(), { done: true, value: undefined });
  t.deepEqual(await iterator.next(), { done: true, value: undefined });
  t.false(port2.closed);
  port2.close();
});

test('several next() calls at once are answered in order', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const iterator = port2[Symbol.asyncIterator]();
  const pending = range(200).map(() => iterator.next());
  for (const i of range(150)) port1.postMessage(i);
  port1.close();
  const results = await Promise.all(pending);
  t.deepEqual(results.slice(0, 150).map(({ value }) => value.data), range(150));
  t.true(results.slice(150).every(({ done, value }) => done && value === undefined));
});

test('ends when the port is closed here, transferred away or closed already', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const ended = all(port2);
  await turn();
  port2.close();
  t.deepEqual(await ended, []);
  t.deepEqual(await all(port2), []);

  const other = new MessageChannelMain();
  const carrier = new MessageChannelMain();
  const cut = all(other.port2);
  other.port1.postMessage(1);
  await turn();
  await turn();
  carrier.port1.postMessage(null, [other.port2]);
  other.port1.postMessage(2);
  t.deepEqual(await cut, [1]);
  const { ports: [moved] } = receiveMessageOnPort(carrier.port2);
  other.port1.close();
  t.deepEqual(await all(moved), [2]);
  for (const port of [port1, carrier.port1]) port.close();
});

test('a transfer inside the loop takes the unread rest along', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const carrier = new MessageChannelMain();
  for (const i of range(100)) port1.postMessage(i);
  port1.close();
  const seen = [];
  for await (const { data } of port2) {
    seen.push(data);
    if (data === 41) carrier.port1.postMessage(null, [port2]);
  }
  t.deepEqual(seen, range(42));
  const { ports: [moved] } = receiveMessageOnPort(carrier.port2);
  t.deepEqual(await all(moved), range(100).slice(42));
  carrier.port1.close();
});

test('leaves no listener behind, and holds nothing but a step that waits', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  const iterator = port2[Symbol.asyncIterator]();
  t.false(port2.hasRef());
  const next = iterator.next();
  await turn();
  t.true(port2.hasRef());
  port1.postMessage(1);
  await next;
  t.false(port2.hasRef());
  t.deepEqual(port2.eventNames(), []);
  port2.close();
});

test('timers get their turn while messages keep coming', async (t) => {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(0);
  let fired = false;
  setTimeout(() => { fired = true; }, 1);
  for await (const { data } of port2) {
    port1.postMessage(data + 1); // there is always another one
    if (fired || data === 1e6) break;
  }
  t.true(fired);
  port2.close();
});

test.serial("throws what 'messageerror' says, and leaves the port usable", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { native, KEY } = require('./lib/native/addon.js');
    const { wrapMain } = require('./lib/faces/main/port.js');
    const { Encoder } = require('./lib/clone/encode/index.js');
    const bad = new Uint8Array(64).fill(0xff).buffer;
    async function run(before) {
      const raw = native.createChannel();
      const port = wrapMain(native.control[KEY]);
      const kept = native.createChannel();
      const sent = native.control[KEY];
      const peer = wrapMain(kept);
      peer.on('close', () => console.log('the port that came along was closed'));
      const post = () => {
        native.setOutbox(bad);
        native.postParts(raw, 64, [sent], [], [], [], []);
        const encoder = new Encoder((buffer) => native.setOutbox(buffer));
        native.post(raw, encoder.encode('a good one', null));
      };
      if (before) post();
      else setImmediate(post);
      try {
        for await (const { data } of port) console.log('wrong', data);
      } catch (error) {
        console.log(error.code, port.closed);
      }
      for await (const { data } of port) {
        console.log(data);
        break;
      }
      if (!peer.closed) await new Promise((resolve) => peer.on('close', resolve));
      port.close();
    }
    const alive = setInterval(() => {}, 1000); // a 'close' listener alone holds nothing
    run(true).then(() => run(false)).then(() => clearInterval(alive));
  `, [true, false].flatMap(() => ['ERR_MESSAGE_MALFORMED false', 'a good one', 'the port that came along was closed']));
});

test.serial('a waiting loop keeps a program alive until the other end closes', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    (async () => {
      for await (const { data } of port2) console.log(data);
      console.log('ended');
    })();
    setTimeout(() => { port1.postMessage('still here'); port1.close(); }, 50);
  `, ['still here', 'ended']);
});

test.serial('a loop that was left keeps no program alive', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(1);
    (async () => {
      for await (const { data } of port2) break;
      console.log('left');
    })();
  `, ['left']);
});

test('return() while next() is pending settles both, pauses the port and takes no message', async (t) => {
  const { port1, port2 } = channel(t);
  const iterator = port2[Symbol.asyncIterator]();
  const pending = [iterator.next(), iterator.next()];
  t.deepEqual(await iterator.return('value'), { done: true, value: 'value' });
  for (const each of pending) t.deepEqual(await each, { done: true, value: undefined });
  t.deepEqual(await iterator.next(), { done: true, value: undefined });
  t.false(port2.hasRef());
  t.deepEqual(['message', 'messageerror', 'close'].map((name) => port2.listenerCount(name)), [0, 0, 0]);
  port1.postMessage('not swallowed');
  const { value } = await port2[Symbol.asyncIterator]().next();
  t.is(value.data, 'not swallowed');
});

test('throw() while next() is pending ends it too', async (t) => {
  const { port1, port2 } = channel(t);
  const iterator = port2[Symbol.asyncIterator]();
  const pending = iterator.next();
  await t.throwsAsync(iterator.throw(new Error('enough')), { message: 'enough' });
  t.deepEqual(await pending, { done: true, value: undefined });
  port1.postMessage('not swallowed');
  t.is((await port2[Symbol.asyncIterator]().next()).value.data, 'not swallowed');
});

test('several calls of next() get the messages in order; what none has asked for stays', async (t) => {
  const { port1, port2 } = channel(t);
  const iterator = port2[Symbol.asyncIterator]();
  const early = [iterator.next(), iterator.next()];
  for (let i = 0; i < 4; i++) port1.postMessage(i);
  const late = iterator.next();
  t.deepEqual((await Promise.all([...early, late])).map(({ value }) => value.data), [0, 1, 2]);
  await iterator.return();
  t.is((await port2[Symbol.asyncIterator]().next()).value.data, 3);
});

test('a stream over a port can be destroyed while it waits', async (t) => {
  const { port1, port2 } = channel(t);
  const stream = Readable.from(port2);
  const read = once(stream, 'data');
  port1.postMessage('first');
  t.is((await read)[0].data, 'first');
  const closed = once(stream, 'close');
  stream.destroy();
  await closed;
  t.false(port2.closed);
  port1.postMessage('second');
  t.is((await port2[Symbol.asyncIterator]().next()).value.data, 'second');
});

for (const event of [undefined, 'message', 'messageerror', 'close']) {
  test(`whoever removes all listeners${event ? ` of '${event}'` : ''} removes none of it`, async (t) => {
    const { port1, port2 } = channel(t);
    const iterator = port2[Symbol.asyncIterator]();
    const first = iterator.next();
    port2.removeAllListeners(event);
    t.true(port2.hasRef());
    port1.postMessage('first');
    t.is((await first).value.data, 'first');
    const failed = port2[Symbol.asyncIterator]().next();
    port2.removeAllListeners(event);
    port2.emit('messageerror', { error: new Error('unreadable'), ports: [] });
    await t.throwsAsync(failed, { message: 'unreadable' });
    const last = iterator.next();
    port2.removeAllListeners(event);
    port1.close();
    t.deepEqual(await last, { done: true, value: undefined });
    for (const name of ['message', 'messageerror', 'close']) t.is(port2.listenerCount(name), 0);
  });
}

test('it is an async iterator like others', (t) => {
  const { port2 } = channel(t);
  const iterator = port2[Symbol.asyncIterator]();
  t.is(iterator[Symbol.asyncIterator](), iterator);
  if (Symbol.asyncDispose) t.is(typeof iterator[Symbol.asyncDispose], 'function');
  t.is(Object.prototype.toString.call(iterator), '[object MessagePortMain AsyncIterator]');
});

test('several iterators share the messages: each is given once, and who leaves takes nobody along', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const [a, b, c] = [0, 1, 2].map(() => port2[Symbol.asyncIterator]());
  const waiting = [a.next(), b.next(), c.next(), a.next()];
  await b.return();
  for (let i = 0; i < 4; i++) port1.postMessage(i);
  const told = await Promise.all(waiting);
  t.deepEqual(told.map(({ done, value }) => (done ? 'done' : value.data)), [0, 'done', 1, 2]);
  t.is((await c.next()).value.data, 3);
  const last = [a.next(), c.next()];
  t.true(port2.hasRef());
  const carrier = new MessageChannelMain();
  carrier.port1.postMessage(null, [port2]);
  t.deepEqual(await Promise.all(last), [{ done: true, value: undefined }, { done: true, value: undefined }]);
  for (const port of [port1, carrier.port1]) port.close();
});

for (const [what, put] of [
  ['closes the port', (port) => port.close()],
  ['hands the port over', (port) => new MessageChannelMain().port1.postMessage(0, [port])],
]) {
  test(`who is told of a new listener and ${what} ends the loop`, async (t) => {
    for (const name of ['message', 'messageerror', 'close']) {
      const { port1, port2 } = new MessageChannelMain();
      port1.on('newListener', (event) => { if (event === name) put(port1); });
      t.deepEqual(await port1[Symbol.asyncIterator]().next(), { done: true, value: undefined }, name);
      port2.close();
    }
  });
}

test('who is told of a new listener and throws fails that step, and leaves no listener behind', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const fail = (event) => { if (event === 'close') throw new Error('its own'); };
  port1.on('newListener', fail);
  const [one, other] = [port1[Symbol.asyncIterator](), port1[Symbol.asyncIterator]()];
  await t.throwsAsync(one.next(), { message: 'its own' });
  t.deepEqual(port1.eventNames(), ['newListener']);
  port1.off('newListener', fail);
  port2.postMessage('after');
  t.is((await other.next()).value.data, 'after');
  port1.close();
});
