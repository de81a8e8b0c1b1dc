// Node's face of a port: the rules of worker_threads' MessagePort, as its documentation has them.
const assert = require('node:assert');
const { once } = require('node:events');
const { setImmediate: turn } = require('node:timers/promises');
const { createContext } = require('node:vm');
const nodes = require('node:worker_threads');
const { MessageChannel, MessagePort, markAsUntransferable, moveMessagePortToContext, receiveMessageOnPort } = require('../../worker_threads.js');
const { MessageChannelMain, MessagePortMain } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { test } = require('../helpers/test.js');

const isOurs = (port) => port instanceof MessagePort;
const NODE = Number(process.versions.node.split('.')[0]);

/** Plays a rule with Node's own ports, too: what holds for both is the rule. */
const rule = (title, play) => {
  for (const [whose, names] of [["Node's own", nodes], ['ours', { MessageChannel, MessagePort, markAsUntransferable, receiveMessageOnPort }]]) {
    test.serial(`${title} (${whose})`, async (t) => {
      const loop = setInterval(() => {}, 1000); // a port that nobody listens to holds none
      t.teardown(() => clearInterval(loop));
      await play(t, names);
    });
  }
};

rule("on('message') gives the value, starts the port and holds the loop", async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  t.false(port1.hasRef());
  port2.postMessage({ a: 1 });
  const heard = [];
  port1.on('message', (...args) => heard.push(args));
  t.true(port1.hasRef());
  await once(port1, 'message');
  t.deepEqual(heard, [[{ a: 1 }]]);
  port1.close();
  await once(port1, 'close');
});

rule('onmessage gives a MessageEvent with the ports, and null lets go', async (t, { MessageChannel: Channel, MessagePort: Port }) => {
  const { port1, port2 } = new Channel();
  const inner = new Channel();
  const arrived = new Promise((resolve) => { port1.onmessage = resolve; });
  t.true(port1.hasRef());
  port2.postMessage({ port: inner.port1 }, [inner.port1]);
  const event = await arrived;
  t.is(event.type, 'message');
  t.is(event.target, port1);
  t.true(event instanceof MessageEvent);
  t.true(event.data.port instanceof Port);
  t.deepEqual([...event.ports], [event.data.port]);
  port1.onmessage = null;
  t.is(port1.onmessage, null);
  t.false(port1.hasRef());
  for (const port of [port1, event.data.port]) port.close();
  await once(port2, 'close');
});

rule("addEventListener('message') starts the port, too", async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  port2.postMessage(1);
  const event = await new Promise((resolve) => { port1.addEventListener('message', resolve, { once: true }); });
  t.is(event.data, 1);
  port2.close();
  await once(port1, 'close');
});

rule('while nobody listens messages wait, also after the last listener has gone', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const never = () => t.fail('removed');
  port1.on('message', never);
  await turn();
  port1.off('message', never);
  port2.postMessage('kept');
  await turn();
  const [value] = await once(port1, 'message');
  t.is(value, 'kept');
  port1.close();
  await once(port1, 'close');
});

rule("'close' comes on both ends, asynchronously; close(callback) listens for it", async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const log = [];
  port1.on('close', () => log.push('here'));
  const there = once(port2, 'close');
  const called = new Promise((resolve) => { port1.close(resolve); });
  t.deepEqual(log, []);
  t.false(port1.hasRef());
  await Promise.all([there, called]);
  t.deepEqual(log, ['here']);
});

rule('what was posted before close() arrives before the other end\'s \'close\'', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const log = [];
  port2.on('message', (value) => log.push(value));
  port1.postMessage(1);
  port1.postMessage(2);
  port1.close();
  await once(port2, 'close');
  t.deepEqual(log, [1, 2]);
});

rule('close() inside of a listener leaves what has arrived before to the listeners, one by one, and \'close\' comes last', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const inner = new Channel();
  const log = [];
  port1.on('message', (value) => {
    log.push(value);
    if (value !== 'first') return;
    port1.close();
    port1.postMessage('after');
    process.nextTick(() => log.push('tick'));
  });
  port1.addEventListener('message', ({ ports }) => log.push(ports.length));
  port2.on('message', () => t.fail('it was closed'));
  port2.postMessage('first');
  port2.postMessage('second');
  port2.postMessage({ port: inner.port1 }, [inner.port1]);
  await once(port1, 'close');
  t.deepEqual([...log.slice(0, 5), log.at(-1)], ['first', 0, 'tick', 'second', 0, 1]);
  t.is(log.length, 7);
  inner.port2.close();
});

test.serial('who closes in a listener hears a bounded part of the rest, in number and in bytes: a peer may post without end', async (t) => {
  for (const [post, most] of [
    [(port) => { for (let i = 0; i < 10_100; i++) port.postMessage(i); }, 10_000],
    [(port) => { for (let i = 0; i < 6; i++) port.postMessage(new ArrayBuffer(64 << 20)); }, 4],
  ]) {
    const { port1, port2 } = new MessageChannel();
    let heard = 0;
    port1.on('message', () => { if (heard++ === 0) port1.close(); });
    post(port2);
    await once(port1, 'close');
    t.is(heard, 1 + most);
  }
});

rule('who has closed and listens no more gets nothing of what waits', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const log = [];
  port1.once('message', (value) => {
    log.push(value);
    port1.close();
  });
  for (const value of [1, 2, 3]) port2.postMessage(value);
  await once(port1, 'close');
  t.deepEqual(log, [1]);
});

rule('what a listener closes in a tick or a promise of its own closes as if it had done so itself: the rest is heard', async (t, { MessageChannel: Channel }) => {
  for (const soon of [(close) => process.nextTick(close), (close) => Promise.resolve().then(close)]) {
    const { port1, port2 } = new Channel();
    const log = [];
    port1.on('message', (value) => {
      log.push(value);
      if (value === 'first') soon(() => port1.close());
    });
    for (const value of ['first', 'second', 'third']) port2.postMessage(value);
    await once(port1, 'close');
    t.deepEqual(log, ['first', 'second', 'third']);
  }
});

rule('ports in the rest of what has arrived close, if nobody listens any more to who has closed', async (t, { MessageChannel: Channel }) => {
  for (const listen of [
    (port) => port.once('message', () => port.close()),
    (port) => port.on('message', function listener(value) { if (value === 'first') port.close(); else port.off('message', listener); }),
  ]) {
    const { port1, port2 } = new Channel();
    const inner = new Channel();
    const closed = once(inner.port2, 'close');
    listen(port1);
    for (const value of ['first', 'second']) port2.postMessage(value);
    port2.postMessage('third', [inner.port1]);
    await closed;
    t.pass();
  }
});

rule('a post on a port that is closed, or gone, is looked at, takes along what it lists, and arrives nowhere', async (t, { MessageChannel: Channel }) => {
  const closed = new Channel();
  const gone = new Channel();
  const by = new Channel();
  const { port1: shut } = new Channel();
  shut.close();
  closed.port1.close();
  by.port1.postMessage(0, [gone.port1]);
  for (const port of [closed.port1, gone.port1]) {
    const wrong = (message, list, text) => t.throws(() => port.postMessage(message, list), { any: true, name: 'DataCloneError', message: text });
    wrong(() => {}, [], /could not be cloned/);
    wrong(0, [shut], /^MessagePort in transfer list is already detached/);
    wrong(0, [port], /^Transfer list contains source port/);
    t.throws(() => port.postMessage(0, 5), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    t.throws(() => port.postMessage(), { instanceOf: TypeError, code: 'ERR_MISSING_ARGS' });
    t.is(port.postMessage('nowhere'), undefined);
    const buffer = new ArrayBuffer(4);
    port.postMessage(buffer, [buffer]);
    t.is(buffer.byteLength, 0);
    const moving = new Channel();
    port.postMessage(moving.port1, [moving.port1]);
    await once(moving.port2, 'close');
  }
  by.port1.close();
});

rule("the getters of a MessageEvent know their own: what is none is ERR_INVALID_THIS", async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  port1.postMessage('value');
  const event = await new Promise((resolve) => { port2.onmessage = resolve; });
  t.is(event.data, 'value');
  const { prototype } = event.constructor;
  for (const name of ['data', 'origin', 'lastEventId', 'source', 'ports']) {
    const wrongs = [{}, prototype, undefined, null, () => {}];
    if (isOurs(port1) || NODE >= 22) wrongs.push(5, 'text', true, 1n, Symbol('X')); // of which Node 20 has an error of the engine
    for (const wrong of wrongs) t.throws(() => Reflect.get(prototype, name, wrong), { instanceOf: TypeError, code: 'ERR_INVALID_THIS' });
  }
  port1.close();
  await once(port2, 'close');
});

rule('a port that was transferred emits \'close\' where it was', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const moving = new Channel();
  const left = once(moving.port1, 'close');
  port1.postMessage(moving.port1, [moving.port1]);
  await left;
  t.throws(() => port1.postMessage(0, [moving.port1]), { any: true, name: 'DataCloneError', message: /already detached/ });
  port2.close();
  moving.port2.close();
  await once(port1, 'close');
});

for (const [how, end] of /** @type {const} */ ([['here', (port1) => port1.close()], ['there', (_, port2) => port2.close()]])) {
  test.serial(`a port that was closed ${how} and is handed over afterwards has said 'close' once`, async (t) => {
    for (const handOver of [(port) => new MessageChannelMain().port1.postMessage(null, [port]), (port) => MessagePortMain.from(port)]) {
      for (const told of [false, true]) {
        const { port1, port2 } = new MessageChannel();
        let times = 0;
        port1.on('close', () => { times += 1; });
        const closed = once(port1, 'close');
        end(port1, port2);
        if (told) await closed;
        handOver(port1);
        await closed;
        for (let i = 0; i < 3; i++) await turn();
        t.is(times, 1);
      }
    }
  });
}

rule('ref() and unref() say who holds the loop, and listeners come and go with theirs', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  port1.ref();
  t.true(port1.hasRef());
  port1.unref();
  t.false(port1.hasRef());
  const first = () => {};
  const second = () => {};
  port1.on('message', first);
  port1.on('message', second);
  t.true(port1.hasRef());
  port1.unref();
  t.false(port1.hasRef());
  port1.off('message', first);
  port1.off('message', second);
  port1.on('message', first);
  t.true(port1.hasRef());
  port1.close();
  await once(port2, 'close');
});

rule('the first listener after others holds the loop again: after removeAllListeners(), and in the place of a handler', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  port1.on('message', () => {});
  port1.unref();
  port1.removeAllListeners('message');
  t.false(port1.hasRef());
  const listener = () => {};
  port1.on('message', listener);
  t.true(port1.hasRef());
  port1.unref();
  port1.onmessage = () => {};
  t.false(port1.hasRef(), 'it is the second');
  port1.off('message', listener);
  port1.onmessage = () => {};
  t.true(port1.hasRef());
  port1.close();
  await once(port2, 'close');
});

rule('the data of an event is null where nothing was posted', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const heard = [];
  port1.on('message', (value) => heard.push(value));
  port1.addEventListener('message', ({ data }) => heard.push(data));
  port2.postMessage(undefined);
  await once(port1, 'message');
  t.deepEqual(heard, [undefined, null]);
  port1.close();
  await once(port2, 'close');
});

rule('of memory that is gone the engine speaks, also where a view of it was posted', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const bytes = new Uint8Array(8);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  for (const message of [bytes, bytes.buffer, { bytes }]) {
    t.throws(() => port1.postMessage(message), { any: true, name: 'DataCloneError', message: /^An ArrayBuffer is detached and could not be cloned\./ });
  }
  port1.close();
  await once(port2, 'close');
});

rule('it is an EventEmitter and an EventTarget', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const log = [];
  port1.on('foo', (value) => log.push(value));
  port1.addEventListener('foo', ({ type, detail }) => log.push([type, detail]));
  port1.emit('foo', 'bar');
  t.deepEqual(log, ['bar', ['foo', 'bar']]);
  t.is(port1.listenerCount('foo'), 2);
  t.true(port1 instanceof EventTarget);
  port1.close();
  await once(port2, 'close');
});

rule('the transfer list is an iterable, or an object with one', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  for (const list of [0, false, 'X', Symbol('X')]) {
    t.throws(() => port1.postMessage(0, list), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: 'Optional transferList argument must be an iterable' });
  }
  for (const transfer of [null, 0, {}, { [Symbol.iterator]: () => ({ next: 42 }) }]) {
    t.throws(() => port1.postMessage(0, { transfer }), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: 'Optional options.transfer argument must be an iterable' });
  }
  t.throws(() => port1.postMessage(), { instanceOf: TypeError, code: 'ERR_MISSING_ARGS' });
  const withIterator = (buffer) => Object.assign([buffer], { [Symbol.iterator]: () => assert.fail('an array is asked for its iterator') });
  for (const wrap of [(buffer) => [buffer], (buffer) => new Set([buffer]), withIterator, (buffer) => ({ transfer: [buffer] })]) {
    const buffer = new ArrayBuffer(10);
    port1.postMessage(buffer, wrap(buffer));
    t.is(buffer.byteLength, 0);
  }
  for (const list of [null, undefined, [], {}, { transfer: undefined }]) port1.postMessage(0, list);
  const twice = new ArrayBuffer(1);
  t.throws(() => port1.postMessage(0, [twice, twice]), { any: true, name: 'DataCloneError', message: 'Transfer list contains duplicate ArrayBuffer' });
  t.throws(() => port1.postMessage(0, [port1]), { any: true, name: 'DataCloneError', message: 'Transfer list contains source port' });
  const other = new Channel();
  t.throws(() => port1.postMessage(0, [other.port1, other.port1]), { any: true, name: 'DataCloneError', message: 'Transfer list contains duplicate MessagePort' });
  port2.on('message', () => {}); // 'close' comes behind what waits
  for (const port of [port1, other.port1]) port.close();
  await Promise.all([once(port2, 'close'), once(other.port2, 'close')]);
});

rule('of what is wrong in a list the first is told, and a kind by its name', (t, { MessageChannel: Channel, markAsUntransferable: mark }) => {
  const { port1 } = new Channel();
  const { port1: other } = new Channel();
  const marked = new Channel().port1;
  mark(marked);
  const stream = new ReadableStream();
  const buffer = new ArrayBuffer(1);
  const { buffer: fixed } = new WebAssembly.Memory({ initial: 1 });
  const refused = (list, message) => t.throws(() => port1.postMessage(0, list), { any: true, message });
  refused([stream, stream], /^Transfer list contains duplicate ReadableStream$/);
  refused([5, 5], /^Found invalid /);
  refused([null, null], /^Found invalid /);
  const { proxy, revoke } = Proxy.revocable({}, { getPrototypeOf: () => assert.fail('code of the program runs') });
  refused([proxy, proxy], /^Found invalid /);
  revoke();
  refused([proxy, proxy], /^Found invalid /);
  const nodePort = new nodes.MessageChannel().port1;
  refused([nodePort, nodePort], /^Transfer list contains duplicate MessagePort$/);
  nodePort.close();
  refused([buffer, buffer, port1], /^Transfer list contains duplicate ArrayBuffer$/);
  refused([other, port1, other], /^Transfer list contains source port$/);
  if (NODE >= 21) {
    const unsupported = /^Cannot transfer object of unsupported type\./;
    for (const list of [[fixed], [fixed, fixed], [other, fixed, other], [fixed, buffer, buffer], [fixed, port1], [marked, marked], [marked, buffer, buffer]]) {
      refused(list, unsupported);
    }
    refused([buffer, buffer, fixed], /^Transfer list contains duplicate ArrayBuffer$/);
    refused([buffer, buffer, marked], /^Transfer list contains duplicate ArrayBuffer$/);
  }
  t.is(buffer.byteLength, 1);
  for (const port of [port1, other, marked]) port.close();
});

rule("what a listener emits has no ports, and those of the message that it hears are that's own", async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const carried = new Channel();
  const heard = [];
  const hear = ({ data, ports }) => { heard.push([data, ports.length]); };
  port1.addEventListener('message', (event) => {
    hear(event);
    if (heard.length === 1) t.true(port1.emit('message', 'inner'));
  });
  port1.addEventListener('message', hear);
  port1.start();
  port2.postMessage('outer', [carried.port1]);
  await once(port1, 'message');
  t.deepEqual(heard, [['outer', 1], ['inner', 0], ['inner', 0], ['outer', 1]]);
  for (const port of [port1, carried.port2]) port.close();
});

rule('a port that is posted to itself is lost, with a warning, and its channel closes', async (t, { MessageChannel: Channel }) => {
  const { port1, port2 } = new Channel();
  const warned = once(process, 'warning');
  const closed = once(port1, 'close');
  port1.postMessage(null, [port2]);
  const [warning] = await warned;
  t.is(warning.message, 'The target port was posted to itself, and the communication channel was lost');
  await closed;
});

rule('receiveMessageOnPort takes what waits, in order, and undefined when there is none', async (t, { MessageChannel: Channel, receiveMessageOnPort: receive }) => {
  const { port1, port2 } = new Channel();
  port1.postMessage({ hello: 'world' });
  port1.postMessage(undefined);
  t.deepEqual(receive(port2), { message: { hello: 'world' } });
  t.deepEqual(receive(port2), { message: undefined });
  t.is(receive(port2), undefined);
  for (const wrong of [null, 0, -1, {}, []]) t.throws(() => receive(wrong), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  port1.close();
  await once(port2, 'close');
});

rule('nobody constructs a port, and a channel only with new', (t, { MessageChannel: Channel, MessagePort: Port }) => {
  t.throws(() => new Port(), { instanceOf: TypeError, code: 'ERR_CONSTRUCT_CALL_INVALID' });
  t.throws(() => Port(), { instanceOf: TypeError, code: 'ERR_CONSTRUCT_CALL_INVALID' });
  t.throws(() => Channel(), { instanceOf: TypeError, code: 'ERR_CONSTRUCT_CALL_REQUIRED' });
  t.deepEqual(
    Object.getOwnPropertyNames(Port.prototype).sort(),
    ['close', 'constructor', 'hasRef', 'onmessage', 'onmessageerror', 'postMessage', 'ref', 'start', 'unref'],
  );
});

rule('what may not leave stays: what is marked, memory of the Buffer pool and of WebAssembly, what is detached; Node 20 passes over it in a list', (t, names) => {
  const { MessageChannel: Channel, markAsUntransferable: mark, receiveMessageOnPort: receive } = names;
  const { port1, port2 } = new Channel();
  const moving = new Channel();
  const [marked, gone, object] = [new ArrayBuffer(2), new ArrayBuffer(2), {}];
  for (const one of [moving.port1, marked, object]) mark(one);
  structuredClone(gone, { transfer: [gone] });
  const pooled = Buffer.from('pooled');
  const { buffer: memory } = new WebAssembly.Memory({ initial: 1 });
  for (const [message, one] of [[0, moving.port1], [marked, marked], [0, object], [pooled, pooled.buffer], [0, memory], [0, gone]]) {
    const good = new ArrayBuffer(8);
    const post = () => port1.postMessage(message, [good, one]);
    if (NODE < 21) post();
    else t.throws(post, { any: true, name: 'DataCloneError' });
    t.is(good.byteLength, NODE < 21 ? 0 : 8, 'the rest of the list leaves, or nothing does');
    t.deepEqual(receive(port2), NODE < 21 ? { message: message === pooled ? new Uint8Array(pooled) : message } : undefined);
  }
  t.throws(() => port1.postMessage(moving.port1, [moving.port1]), { any: true, name: NODE < 21 ? 'TypeError' : 'DataCloneError' });
  t.deepEqual([marked.byteLength, `${pooled}`, memory.byteLength], [2, 'pooled', 65_536]);
  for (const port of [port1, port2, moving.port1, moving.port2]) port.close();
});

test.serial('what needs one address space throws and says so', (t) => {
  const { port1 } = new MessageChannel();
  t.throws(() => moveMessagePortToContext(port1, createContext()), { code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message: /context/ });
  port1.close();
});

test.serial('receiveMessageOnPort takes Node\'s own ports and ports with our other faces', (t) => {
  const { port1, port2 } = new nodes.MessageChannel();
  port1.postMessage(1);
  t.deepEqual(receiveMessageOnPort(port2), { message: 1 });
  port1.close();
  t.false(new MessageChannel().port1 instanceof MessagePortMain);
});

test.serial('a port with no listener holds nothing, and one with a listener does until the other end closes', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { MessageChannel } = require('./worker_threads.js');
    const { port1, port2 } = new MessageChannel();
    port2.on('close', () => {});
    new MessageChannel().port1.on('message', () => {}).unref();
    const held = new MessageChannel();
    held.port1.on('message', (value) => { console.log(value); held.port2.close(); });
    setImmediate(() => held.port2.postMessage('held'));
    process.on('exit', () => console.log('done'));
  `, ['held', 'done']);
});
