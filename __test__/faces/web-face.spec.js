// MessageChannel and MessagePort: what a browser's would do, on our ports.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, MessagePort, MessagePortMain } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');
const { webReader, onWeb } = require('../helpers/web.js');

const web = "const { MessageChannel, MessagePort, receiveMessageOnPort } = require('./index.js');\n";

/** A turn of the event loop in which everything that is due is delivered. */
const turn = () => new Promise(setImmediate);

/** Two entangled ports that are closed after the test, which may wait for events that hold nothing. */
function channel(t) {
  t.timeout(20_000);
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => { port1.close(); port2.close(); });
  return { port1, port2 };
}

// ---------------------------------------------------------------- shape

test('MessagePort is an EventTarget that nobody else can construct', (t) => {
  const { port1 } = channel(t);
  t.true(port1 instanceof MessagePort);
  t.true(port1 instanceof EventTarget);
  t.is(Object.getPrototypeOf(MessagePort), EventTarget);
  t.throws(() => new MessagePort(), { instanceOf: TypeError, message: 'Illegal constructor' });
  t.throws(() => new MessagePort(Symbol('OURS'), 1), { instanceOf: TypeError, message: 'Illegal constructor' });
  t.throws(() => Reflect.construct(EventTarget, [], MessagePort).postMessage(1), { instanceOf: TypeError });
  t.false(port1 instanceof MessagePortMain);
  t.false('on' in port1);
});

test('its members are where WebIDL puts them', (t) => {
  const { port1 } = channel(t);
  const { prototype } = MessagePort;
  for (const name of ['onmessage', 'onmessageerror', 'onclose']) {
    const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(prototype, name);
    t.deepEqual([typeof get, typeof set, enumerable, configurable], ['function', 'function', true, true], name);
    t.throws(() => prototype[name], { instanceOf: TypeError }, name);
    t.false(Object.hasOwn(port1, name));
  }
  for (const [name, length] of [['postMessage', 1], ['start', 0], ['close', 0]]) {
    const { value, enumerable, writable, configurable } = Object.getOwnPropertyDescriptor(prototype, name);
    t.deepEqual([value.length, enumerable, writable, configurable], [length, true, true, true], name);
    t.throws(() => value.call({}, 1), { instanceOf: TypeError }, name);
  }
  t.deepEqual([MessagePort.length, MessageChannel.length], [0, 0]);
  t.is(Object.prototype.toString.call(port1), '[object MessagePort]');
});

test('MessageChannel has two ports that cannot be replaced', (t) => {
  const made = new MessageChannel();
  t.teardown(() => made.port1.close());
  t.is(Object.prototype.toString.call(made), '[object MessageChannel]');
  t.is(made.port1, made.port1);
  t.not(made.port1, made.port2);
  t.throws(() => { 'use strict'; made.port1 = null; }, { instanceOf: TypeError });
  t.deepEqual(Object.keys(made), []);
  t.true(Object.getOwnPropertyDescriptor(MessageChannel.prototype, 'port1').enumerable);
  t.throws(() => MessageChannel(), { instanceOf: TypeError });
});

test("a port given to Node's own structuredClone or to JSON throws", (t) => {
  const { port1 } = channel(t);
  t.throws(() => structuredClone(port1), { any: true, name: 'DataCloneError' });
  t.throws(() => structuredClone({ port: port1 }, { transfer: [port1] }), { any: true });
  t.throws(() => JSON.stringify({ port: port1 }), { any: true, name: 'DataCloneError' });
});

// ---------------------------------------------------------------- the event

test('a message is a real, trusted MessageEvent', async (t) => {
  const { port1, port2 } = channel(t);
  const seen = [];
  for (const i of range(2)) port2.addEventListener('message', (event) => seen.push([event, event.currentTarget, i]));
  port2.start();
  port1.postMessage({ some: 'data' });
  await once(port2, 'message');
  const [event] = seen[0];
  t.is(seen[1][0], event);
  t.deepEqual(seen.map(([, current]) => current === port2), [true, true]);
  t.true(event instanceof MessageEvent);
  t.true(event instanceof Event);
  t.is(event.type, 'message');
  t.true(event.isTrusted);
  t.deepEqual(event.data, { some: 'data' });
  t.is(event.data, event.data);
  t.is(event.target, port2);
  t.is(event.currentTarget, null);
  t.deepEqual([event.origin, event.lastEventId, event.source], ['', '', null]);
  t.deepEqual([event.bubbles, event.cancelable], [false, false]);
  t.deepEqual(event.ports, []);
  t.true(Object.isFrozen(event.ports));
  t.is(Object.prototype.toString.call(event), '[object MessageEvent]');
});

test('what arrives has the face of the port through which it arrives', async (t) => {
  const { port1, port2 } = channel(t);
  const main = new MessageChannelMain();
  const other = new MessageChannel();
  port1.postMessage({ twice: [main.port1, other.port1, main.port1] }, [other.port1, main.port1]);
  port2.start();
  const [{ data, ports }] = await once(port2, 'message');
  t.true(Object.isFrozen(ports));
  t.is(ports.length, 2);
  t.true(ports.every((port) => port instanceof MessagePort));
  t.deepEqual(data.twice.map((port) => ports.indexOf(port)), [1, 0, 1]);

  main.port2.postMessage('back', [other.port2]);
  ports[1].start();
  const [back] = await once(ports[1], 'message');
  t.true(back.ports[0] instanceof MessagePort);

  const carrier = new MessageChannelMain();
  carrier.port1.postMessage('to Electron', [ports[0]]);
  carrier.port2.start();
  const [event] = await once(carrier.port2, 'message');
  t.true(event.ports[0] instanceof MessagePortMain);
  for (const port of [event.ports[0], back.ports[0], ports[1], carrier.port1]) port.close();
});

test('an event is not trusted when a user dispatches it', (t) => {
  const { port1 } = channel(t);
  let seen;
  port1.onmessage = (event) => { seen = [event.isTrusted, event.data, event.target === port1]; };
  port1.dispatchEvent(new MessageEvent('message', { data: 'forged' }));
  t.deepEqual(seen, [false, 'forged', true]);
});

test("an undecodable message is a 'messageerror' whose data is null; its ports came along; the port stays usable", async (t) => {
  t.timeout(20_000);
  await prints(t, `${web}
    const { native, KEY } = require('./lib/native/addon.js');
    const { wrapWeb } = require('./lib/faces/web/port.js');
    const raw = native.createChannel();
    const port = wrapWeb(native.control[KEY]);
    const { port1: kept, port2: sent } = { port1: native.createChannel(), port2: native.control[KEY] };
    const peer = wrapWeb(kept);
    native.setOutbox(new Uint8Array(64).fill(0xff).buffer);
    native.post(raw, 64);
    native.postParts(raw, 64, [sent], [], [], [], []);
    const { Encoder } = require('./lib/clone/encode/index.js');
    const encoder = new Encoder((buffer) => native.setOutbox(buffer));
    native.post(raw, encoder.encode('a good one', null));

    port.addEventListener('messageerror', (event) => {
      console.log(event instanceof MessageEvent, event.isTrusted, event.data, event.ports.length, Object.isFrozen(event.ports));
      event.ports[0]?.close();
    });
    peer.onclose = () => console.log("the port that came along was closed by its listener");
    port.onmessage = ({ data }) => {
      console.log(data);
      setImmediate(() => setImmediate(() => port.close()));
    };
  `, ['true true null 0 true', 'true true null 1 true', 'a good one', 'the port that came along was closed by its listener']);
});

// ---------------------------------------------------------------- starting and listening

test('onmessage starts the port, also when it is set to null; addEventListener does not', async (t) => {
  const { port1, port2 } = channel(t);
  const seen = [];
  port2.addEventListener('message', ({ data }) => seen.push(data));
  port1.postMessage(1);
  await turn();
  await turn();
  t.deepEqual(seen, []);
  port2.onmessage = null;
  await once(port2, 'message');
  t.deepEqual(seen, [1]);

  const other = channel(t);
  other.port1.postMessage(2);
  const arrived = new Promise((resolve) => { other.port2.onmessage = resolve; });
  t.is((await arrived).data, 2);
});

test('start() twice does nothing more; a started port without a listener discards, and closes the ports in it', async (t) => {
  const { port1, port2 } = channel(t);
  const inside = channel(t);
  port2.start();
  port2.start();
  port1.postMessage('lost', [inside.port1]);
  await once(inside.port2, 'close');
  t.true(inside.port2.closed);
  port1.postMessage('seen');
  const seen = [];
  port2.addEventListener('message', ({ data }) => seen.push(data));
  await once(port2, 'message');
  t.deepEqual(seen, ['seen']);
});

test('event handler attributes follow HTML', async (t) => {
  const { port1, port2 } = channel(t);
  const log = [];
  const handler = (name) => function (event) { log.push([name, this === port2, event.data]); };
  t.is(port2.onmessage, null);
  port2.onmessage = handler('first');
  port2.addEventListener('message', handler('listener'));
  const second = handler('second');
  port2.onmessage = second; // takes over the place before the listener
  t.is(port2.onmessage, second);
  port1.postMessage(1);
  await once(port2, 'message');
  t.deepEqual(log.splice(0), [['second', true, 1], ['listener', true, 1]]);

  port2.onmessage = null;
  t.is(port2.onmessage, null);
  port2.onmessage = handler('third'); // comes last now
  port1.postMessage(2);
  await once(port2, 'message');
  t.deepEqual(log.splice(0), [['listener', true, 2], ['third', true, 2]]);

  for (const value of [undefined, 5, 'text', Symbol('s')]) {
    port2.onmessage = value;
    t.is(port2.onmessage, null);
  }
  const uncallable = { handleEvent() { t.fail('an attribute calls no handleEvent'); } };
  port2.onmessage = uncallable;
  t.is(port2.onmessage, uncallable);
  port1.postMessage(3);
  await once(port2, 'message');
  t.deepEqual(log, [['listener', true, 3]]);
});

test('listeners: once, signal, handleEvent, stopImmediatePropagation', async (t) => {
  const { port1, port2 } = channel(t);
  const log = [];
  const controller = new AbortController();
  port2.addEventListener('message', () => log.push('once'), { once: true });
  port2.addEventListener('message', () => log.push('signal'), { signal: controller.signal });
  port2.addEventListener('message', { handleEvent(event) { log.push(`object ${event.data}`); } });
  port2.addEventListener('message', (event) => { log.push('stop'); event.stopImmediatePropagation(); });
  port2.addEventListener('message', () => log.push('never'));
  port2.start();
  port1.postMessage(1);
  port1.postMessage(2);
  const flush = async () => { port1.postMessage('end'); while (!log.includes('object end')) await turn(); await turn(); };
  await flush();
  t.deepEqual(log.splice(0), ['once', 'signal', 'object 1', 'stop', 'signal', 'object 2', 'stop', 'signal', 'object end', 'stop']);
  controller.abort();
  await flush();
  t.deepEqual(log, ['object end', 'stop']);
});

test('hasRef(): held while started with a message listener, whichever way that listener goes', async (t) => {
  const { port1, port2 } = channel(t);
  const f = () => {};
  const steps = [];
  const step = (action) => { action(); steps.push(port2.hasRef()); };
  step(() => port2.addEventListener('message', f));
  step(() => port2.start());
  step(() => port2.unref());
  step(() => port2.ref());
  step(() => port2.removeEventListener('message', f));
  step(() => { port2.onmessage = f; });
  step(() => { port2.onmessage = null; });
  const controller = new AbortController();
  step(() => port2.addEventListener('message', f, { signal: controller.signal }));
  step(() => controller.abort());
  step(() => port2.addEventListener('close', f));
  step(() => port2.addEventListener('message', f, { once: true }));
  t.deepEqual(steps, [false, true, false, true, false, true, false, true, false, false, true]);
  port1.postMessage('uses the listener up');
  while (port2.hasRef()) await turn();
  port2.onmessage = f;
  t.true(port2.hasRef());
  port2.close();
  t.false(port2.hasRef());
});

// ---------------------------------------------------------------- postMessage

test("a listener counts that is added by EventTarget's own method, past ours", async (t) => {
  const { port1, port2 } = channel(t);
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const heard = [];
  const listener = ({ data }) => heard.push(data);
  port2.start();
  addEventListener.call(port2, 'message', listener);
  addEventListener.call(port2, 'message', listener, true);
  addEventListener.call(port2, 'message', (event) => heard.push(event.type), { once: true });
  t.true(port2.hasRef());
  port1.postMessage('first');
  await once(port2, 'message');
  removeEventListener.call(port2, 'message', listener);
  t.true(port2.hasRef());
  removeEventListener.call(port2, 'message', listener, { capture: true });
  t.false(port2.hasRef());
  const closed = new Promise((resolve) => { addEventListener.call(port2, 'close', resolve); });
  port1.close();
  await closed;
  t.deepEqual(heard, ['first', 'first', 'message']);
});

test('postMessage() is a TypeError, postMessage(undefined) delivers undefined', async (t) => {
  const { port1, port2 } = channel(t);
  t.throws(() => port1.postMessage(), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  port1.postMessage(undefined);
  port2.start();
  const [{ data }] = await once(port2, 'message');
  t.is(data, undefined);
});

test('the options are converted as WebIDL does', async (t) => {
  const { port1, port2 } = channel(t);
  const ways = [
    (port) => [port],
    (port) => new Set([port]),
    function* (port) { yield port; },
    (port) => ({ transfer: [port] }),
    (port) => ({ transfer: new Set([port]) }),
    (port) => Object.assign(() => {}, { transfer: [port] }),
    (port) => new (class { transfer = [port]; })(),
  ];
  port2.start();
  for (const way of ways) {
    const { port1: kept, port2: sent } = new MessageChannel();
    port1.postMessage('take it', way(sent));
    const [{ ports }] = await once(port2, 'message');
    t.is(ports.length, 1, String(way));
    t.true(sent.closed);
    kept.close();
  }
  for (const none of [undefined, null, {}, [], { transfer: undefined }, { transfer: [] }, new Map(), () => {}]) {
    port1.postMessage('nothing', none);
    const [{ ports }] = await once(port2, 'message');
    t.deepEqual(ports, []);
  }
  for (const bad of [5, 'text', true, Symbol('s'), 5n, { transfer: null }, { transfer: 5 }, { transfer: {} }, { transfer: 'text' }, [1], [null], ['text'], { transfer: [undefined] }]) {
    t.throws(() => port1.postMessage('bad', bad), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test('a list is taken as WebIDL does: its iterator is asked for once, and nothing behind what is no object', (t) => {
  const { port1 } = channel(t);
  const refused = { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' };
  for (const place of [(list) => list, (list) => ({ transfer: list })]) {
    let [asked, returned, taken] = [0, 0, 0];
    const buffers = [new ArrayBuffer(1), new ArrayBuffer(2)];
    port1.postMessage('taken', place({ get [Symbol.iterator]() { asked += 1; return () => buffers.values(); } }));
    t.deepEqual([asked, buffers[0].byteLength, buffers[1].byteLength], [1, 0, 0]);
    const endless = { next: () => (taken++ < 1000 ? { value: taken } : { done: true }), return() { returned += 1; return {}; } };
    t.throws(() => port1.postMessage('lost', place({ [Symbol.iterator]: () => endless })), refused);
    t.deepEqual([taken, returned], [1, 0]);
    for (const iterator of [5, () => 5, () => ({}), () => ({ next: 5 }), () => ({ next: () => 5 })]) {
      t.throws(() => port1.postMessage('lost', place({ [Symbol.iterator]: iterator })), refused, String(iterator));
    }
  }
});

test('what cannot be transferred is a DataCloneError, and nothing has changed', async (t) => {
  const { port1, port2 } = channel(t);
  const { port1: fine, port2: gone } = channel(t);
  const carrier = channel(t);
  const buffer = new ArrayBuffer(8);
  carrier.port1.postMessage(0, [gone]);
  const refused = { any: true, instanceOf: DOMException, name: 'DataCloneError', code: 25 };
  for (const list of [
    [{}], [() => {}], [new Date()], [new SharedArrayBuffer(8)], [new Uint8Array(8)], [port1], [gone], [fine, fine], [buffer, buffer],
  ]) {
    t.throws(() => port1.postMessage('lost', [...list, fine]), refused);
    t.throws(() => port1.postMessage('lost', { transfer: [fine, buffer, ...list] }), refused);
  }
  t.throws(() => port1.postMessage({ port: fine }), refused);
  t.throws(() => port1.postMessage(() => {}, [fine, buffer]), refused);
  t.throws(() => port1.postMessage({ get x() { throw new RangeError('mine'); } }, [fine, buffer]), { instanceOf: RangeError, message: 'mine' });
  t.false(fine.closed);
  t.is(buffer.byteLength, 8);
  port1.postMessage(buffer, [fine, buffer]);
  t.is(buffer.byteLength, 0);
  port2.start();
  const [{ data, ports }] = await once(port2, 'message');
  t.deepEqual([data.byteLength, ports.length], [8, 1]);
});

test('a closed or transferred port is silent; its transferables stay here', (t) => {
  const { port1: closed } = channel(t);
  const { port1: sent } = channel(t);
  const carrier = channel(t);
  const { port1: kept } = channel(t);
  closed.close();
  carrier.port1.postMessage(0, [sent]);
  for (const port of [closed, sent]) {
    port.postMessage(() => {}, [kept]);
    port.start();
    port.close();
    t.true(port.closed);
  }
  t.false(kept.closed);
});

test('a port through its own channel: nobody gets it, and the channel closes', async (t) => {
  t.timeout(20_000);
  await prints(t, `${web}
    process.on('warning', ({ code }) => console.log(code));
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => console.log('no');
    port1.onclose = () => console.log('close');
    port1.postMessage(0, [port2]);
    console.log('asynchronously', port2.closed);
  `, ['asynchronously true', 'MESSAGE_PORT_LOOP', 'close'], { node: ['--no-warnings'] });
});

// ---------------------------------------------------------------- close

test("close() says nothing here, and 'close' there, once, as a trusted Event", async (t) => {
  const { port1, port2 } = channel(t);
  const log = [];
  port1.onclose = () => log.push('here');
  port2.onclose = (event) => log.push(event);
  port2.addEventListener('close', ({ currentTarget }) => log.push(currentTarget));
  t.is(port1.close(), undefined);
  t.true(port1.closed);
  t.false(port2.closed);
  t.deepEqual(log, []);
  port1.close();
  await once(port2, 'close');
  t.true(port2.closed);
  await turn();
  await turn();
  t.is(log.length, 2);
  const [event] = log;
  t.true(event.isTrusted);
  t.is(event.type, 'close');
  t.is(event.target, port2);
  t.is(log[1], port2);
  t.is(event.constructor, Event);
  t.false(event instanceof MessageEvent);
});

test('close() drops what was not delivered; what was posted before still arrives there', async (t) => {
  const { port1, port2 } = channel(t);
  port1.onmessage = () => t.fail('dropped');
  port2.postMessage('to nobody');
  port1.postMessage('last words');
  port1.close();
  const log = [];
  port2.onmessage = ({ data }) => log.push(data);
  await once(port2, 'close');
  t.deepEqual(log, ['last words']);
});

test("'close' does not wait for start() when nothing is left to deliver, and does when something is", async (t) => {
  const empty = channel(t);
  empty.port1.close();
  await once(empty.port2, 'close');

  const { port1, port2 } = channel(t);
  port1.postMessage(1);
  port1.close();
  let closed = false;
  port2.onclose = () => { closed = true; };
  await turn();
  await turn();
  t.false(closed);
  t.false(port2.closed);
  const arrived = once(port2, 'message');
  port2.start();
  t.is((await arrived)[0].data, 1);
  await once(port2, 'close');
});

test('a list is read, then the message is cloned, then what is detached is found: the order of HTML', (t) => {
  const refused = { any: true, instanceOf: DOMException, name: 'DataCloneError' };
  const { port1 } = channel(t);
  const { port1: fine, port2: gone } = channel(t);
  const { port1: closed } = channel(t);
  const stream = new ReadableStream();
  stream.getReader();
  const empty = new ArrayBuffer(8);
  structuredClone(empty, { transfer: [empty] });
  channel(t).port1.postMessage(0, [gone]);
  closed.close();
  const mine = new Error('mine');
  const failing = { get x() { throw mine; } };
  for (const list of [[{}], [port1], [fine, fine], [empty, empty], [gone, gone]]) t.throws(() => port1.postMessage(failing, list), refused);
  for (const list of [[gone], [closed], [empty], [stream], [fine, gone]]) {
    t.is(t.throws(() => port1.postMessage(failing, list), { any: true }), mine);
    t.throws(() => port1.postMessage(0, list), refused);
    t.throws(() => port1.postMessage(list, list), refused);
  }
  t.false(fine.closed);
});

test('what a getter detaches meanwhile is found, and nothing has changed', (t) => {
  const { port1 } = channel(t);
  const { port1: fine } = channel(t);
  for (const detach of [(port) => channel(t).port1.postMessage(0, [port]), (port) => port.close()]) {
    const { port1: meanwhile } = channel(t);
    t.throws(() => port1.postMessage({ get x() { detach(meanwhile); return 1; } }, [fine, meanwhile]), { any: true, name: 'DataCloneError' });
  }
  t.false(fine.closed);
});

test('a port that its peer has closed may be transferred; it arrives and emits one close', async (t) => {
  const { port1, port2 } = channel(t);
  const { port1: dead, port2: peer } = channel(t);
  peer.close();
  while (!dead.closed) await turn();
  port1.postMessage(0, [dead]);
  let closes = 0;
  port2.onmessage = ({ ports: [port] }) => { port.onclose = () => { closes++; }; };
  while (closes === 0) await turn();
  await turn();
  t.is(closes, 1);
});

test("a listener that throws becomes an 'uncaughtException'; the following messages arrive", async (t) => {
  t.timeout(20_000);
  await prints(t, `${web}
    process.on('uncaughtException', (error) => console.log(error.message));
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => {
      if (data === 3) return port2.close();
      console.log(data);
      if (data === 1) throw new Error('mine');
    };
    for (let i = 0; i <= 3; i++) port1.postMessage(i);
  `, ['0', '1', 'mine', '2']);
});

// ---------------------------------------------------------------- in every placement

scenario('in order, exactly once, both ways, between two web faces', {
  left: onWeb(async ({ port }) => {
    const reader = webReader(port);
    for (const i of range(3000)) port.postMessage({ i });
    assert.deepStrictEqual(await reader.take(3000), range(3000).map((i) => i * 2));
    port.postMessage('done');
  }),
  right: onWeb(async ({ port }) => {
    const reader = webReader(port);
    for (const i of range(3000)) {
      const message = await reader.next();
      assert.deepStrictEqual(message, { i });
      port.postMessage(i * 2);
    }
    assert.deepStrictEqual(await reader.rest(), ['done']);
    assert.strictEqual(port.closed, true);
  }),
});

scenario('a web face talks to a MessagePortMain, and each gets ports with its own face', {
  left: onWeb(async ({ port }) => {
    const { port1, port2 } = new MessageChannel();
    port.postMessage({ take: port2 }, [port2]);
    port1.start();
    const [{ data, ports, target }] = await once(port1, 'message');
    assert.strictEqual(data, 'answer');
    assert.strictEqual(target, port1);
    assert.ok(ports[0] instanceof MessagePort);
    ports[0].postMessage('and on');
    await once(ports[0], 'close');
    port1.close();
  }),
  async right({ port }) {
    const { data, ports: [taken] } = await new Reader(port).event();
    assert.ok(taken instanceof MessagePortMain);
    assert.strictEqual(data.take, taken);
    const { port1, port2 } = new MessageChannel();
    taken.postMessage('answer', [port2]);
    port1.start();
    const [event] = await once(port1, 'message');
    assert.strictEqual(event.data, 'and on');
    port1.close();
    taken.close();
  },
});

scenario('unread messages travel with a web port, also from inside its listener', {
  left: onWeb(async ({ port }) => {
    const { port1, port2 } = new MessageChannel();
    for (const i of range(500)) port1.postMessage(i);
    const seen = [];
    await new Promise((resolve) => {
      port2.onmessage = ({ data }) => {
        seen.push(data);
        if (data !== 99) return;
        port.postMessage('the rest', [port2]);
        resolve();
      };
    });
    for (const i of range(500)) port1.postMessage(500 + i);
    assert.deepStrictEqual(seen, range(100));
    port1.start();
    const [{ data }] = await once(port1, 'message');
    assert.strictEqual(data, 'got them');
    port1.close();
  }),
  right: onWeb(async ({ port }) => {
    const { ports: [taken] } = await webReader(port).event();
    assert.deepStrictEqual(await webReader(taken).take(900), range(1000).slice(100));
    taken.postMessage('got them');
    await once(taken, 'close');
  }, { close: false }),
});

scenario('each message is its own task: nextTicks and microtasks run between two', {
  left: onWeb(({ port }) => {
    for (const i of range(50)) port.postMessage(i);
  }),
  right: onWeb(async ({ port }) => {
    const log = [];
    port.onmessage = ({ data }) => {
      log.push(`message ${data}`);
      process.nextTick(() => log.push(`tick ${data}`));
      Promise.resolve().then(() => log.push(`microtask ${data}`));
    };
    await once(port, 'close');
    assert.deepStrictEqual(log, range(50).flatMap((i) => [`message ${i}`, `tick ${i}`, `microtask ${i}`]));
  }),
});

scenario('close() inside onmessage stops delivery at once', {
  left: onWeb(async ({ port }) => {
    const rest = webReader(port).rest();
    for (const i of range(1000)) port.postMessage(i);
    assert.deepStrictEqual(await rest, ['enough']);
  }),
  right: onWeb(async ({ port }) => {
    const seen = [];
    await new Promise((resolve) => {
      port.onclose = () => assert.fail('close() says nothing on its own port');
      port.onmessage = ({ data }) => {
        seen.push(data);
        if (data !== 10) return;
        port.postMessage('enough');
        port.close();
        setImmediate(() => setImmediate(resolve));
      };
    });
    assert.deepStrictEqual(seen, range(11));
  }),
});

scenario('what waited for start() is all there, however much it was', {
  left: onWeb(async ({ port, road }) => {
    for (const i of range(20_000)) port.postMessage({ i, padding: 'x'.repeat(100) });
    road.postMessage('posted');
    await once(port, 'close');
  }),
  right: onWeb(async ({ port, road }) => {
    await new Reader(road).next();
    const got = await webReader(port).take(20_000);
    assert.deepStrictEqual(got.map(({ i }) => i), range(20_000));
  }),
});

scenario("what a killed process had already sent arrives whole and in order, then 'close'", {
  dies: ['right', 'SIGKILL'],
  left: onWeb(async ({ port }) => {
    const arrived = await webReader(port).rest();
    assert.deepStrictEqual(arrived, range(arrived.length));
    assert.strictEqual(port.closed, true);
  }),
  right: onWeb(async ({ port, end }) => {
    for (const i of range(1000)) port.postMessage(i);
    await end('SIGKILL');
  }),
});

for (const way of ['process.exit()', 'worker.terminate()', 'its natural end']) {
  scenario(`what was posted before ${way} arrives, then 'close'`, {
    dies: ['right', way],
    left: onWeb(async ({ port }) => {
      assert.deepStrictEqual(await webReader(port).rest(), range(1000));
      assert.strictEqual(port.closed, true);
    }),
    right: onWeb(async ({ port, end }) => {
      for (const i of range(1000)) port.postMessage(i);
      await end(way);
    }),
  });
}

// ---------------------------------------------------------------- event loop

const stays = `
  let turns = 0;
  const timer = setInterval(() => {
    if (++turns < 5) return;
    console.log('stays');
    clearInterval(timer);
    release();
  }, 20).unref();
  process.on('exit', () => console.log('exits'));
`;

for (const [title, setup, lines] of [
  ['onmessage holds a program until close()', 'port1.onmessage = () => {}; const release = () => port1.close();', ['stays', 'exits']],
  ["onmessage holds a program until the peer's close()", 'port1.onmessage = () => {}; const release = () => port2.close();', ['stays', 'exits']],
  ['onmessage holds a program until it is null', 'port1.onmessage = () => {}; const release = () => { port1.onmessage = null; };', ['stays', 'exits']],
  ['onmessage holds a program until a transfer', 'port1.onmessage = () => {}; const release = () => new MessageChannel().port1.postMessage(0, [port1]);', ['stays', 'exits']],
  ['a listener holds a program until its signal aborts', "const c = new AbortController(); port1.addEventListener('message', () => {}, { signal: c.signal }); port1.start(); const release = () => c.abort();", ['stays', 'exits']],
  ['a port that was not started holds nothing', "port1.addEventListener('message', () => {});", ['exits']],
  ['onclose and onmessageerror hold nothing', 'port1.onclose = () => {}; port1.onmessageerror = () => {}; port1.start();', ['exits']],
  ['unref() wins', 'port1.unref(); port1.onmessage = () => {};', ['exits']],
  ['a once listener holds nothing after its message', "port1.addEventListener('message', () => {}, { once: true }); port1.start(); port2.postMessage(0);", ['exits']],
  ['nor does one whose options are a function', "port1.addEventListener('message', () => {}, Object.assign(() => {}, { once: true })); port1.start(); port2.postMessage(0);", ['exits']],
]) {
  test.serial(title, async (t) => {
    t.timeout(20_000);
    await prints(t, `${web} const { port1, port2 } = new MessageChannel();\n${setup}\n${stays}`, lines);
  });
}

test('a listener that the program itself has used up, or takes back by a boolean, holds nothing', (t) => {
  const { port1, port2 } = channel(t);
  port2.start();
  port2.addEventListener('message', () => {}, { once: true });
  t.true(port2.hasRef());
  t.true(port2.dispatchEvent(new Event('message')));
  t.false(port2.hasRef());
  const listener = () => {};
  port2.addEventListener('message', listener, true);
  t.true(port2.hasRef());
  port2.removeEventListener('message', listener, true);
  t.false(port2.hasRef());
  let asked = 0;
  port2.addEventListener('message', listener, { get once() { asked += 1; return true; } });
  t.is(asked, 1);
  port2.dispatchEvent(new Event('message'));
  t.false(port2.hasRef());
  port1.close();
});
