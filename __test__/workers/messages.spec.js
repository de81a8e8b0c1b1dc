// Ports between a worker and its parent: what listeners, references, transfers and ends do there, as between two threads.
const { once } = require('node:events');
const { subtle } = require('node:crypto').webcrypto;
const net = require('node:net');
const { text } = require('node:stream/consumers');
const nodes = require('node:worker_threads');
const { rule, exitOf, NODE } = require('./rig.js');

const ECHO = "wt.parentPort.on('message', (message) => { if (message === 'end') wt.parentPort.close(); else wt.parentPort.postMessage(message) });";

rule('a listener that goes, a handler that is no function, and unref() let the worker end', async (t, { begin }) => {
  const code = (source) => exitOf(begin(source));
  t.is(await code("const listener = () => {}; wt.parentPort.on('message', listener); wt.parentPort.off('message', listener);"), 0);
  t.is(await code("wt.parentPort.onmessage = () => {}; wt.parentPort.onmessage = 'no function';"), 0);
  t.is(await code("wt.parentPort.on('message', () => {}); wt.parentPort.unref();"), 0);
  t.is(await code("wt.parentPort.addEventListener('message', () => {}); wt.parentPort.close();"), 0);
  t.is(await code("wt.parentPort.ref(); wt.parentPort.unref();"), 0);
});

rule('a listener for one message hears one, and the next waits for the next listener', async (t, { begin }) => {
  const worker = begin(`
    const { once } = require('node:events');
    (async () => {
      const told = [await once(wt.parentPort, 'message'), await new Promise((resolve) => wt.parentPort.addEventListener('message', ({ data }) => resolve(data), { once: true }))];
      setImmediate(() => setImmediate(async () => wt.parentPort.postMessage([...told, await once(wt.parentPort, 'message')])));
    })();
  `);
  for (const message of [1, 2, 3]) worker.postMessage(message);
  t.deepEqual(await once(worker, 'message'), [[[1], 2, [3]]]);
  t.is(await exitOf(worker), 0);
});

rule("what cannot be had there is a 'messageerror', with its error, for both kinds of listener, and the port goes on", async (t, { begin, MessageChannel }) => {
  const worker = begin(`wt.parentPort.once('message', (port) => {
    const heard = [];
    port.onmessageerror = ({ type, data }) => heard.push([type, data.code]);
    port.on('messageerror', (error) => heard.push([error instanceof Error, error.code]));
    port.on('message', (message) => { wt.parentPort.postMessage([...heard, message]); port.close(); });
  });`);
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt'])); // it does not leave its process
  port1.postMessage('behind it');
  worker.postMessage(port2, [port2]);
  const [heard] = await once(worker, 'message');
  t.deepEqual(heard.at(-1), 'behind it');
  t.deepEqual(heard.slice(0, -1), [['messageerror', 'ERR_MESSAGE_MALFORMED'], [true, 'ERR_MESSAGE_MALFORMED']]);
  t.is(await exitOf(worker), 0);
}, ['process']);

rule("the ports of what cannot be had there close, since a 'messageerror' has none", async (t, { begin, MessageChannel }) => {
  const worker = begin(`wt.parentPort.once('message', (port) => {
    let heard;
    port.addEventListener('messageerror', ({ ports }) => { heard = ports.length; });
    port.on('messageerror', () => {});
    port.on('message', () => { wt.parentPort.postMessage(heard); port.close(); });
  });`);
  const [{ port1, port2 }, inner] = [new MessageChannel(), new MessageChannel()];
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, false, ['encrypt']);
  port1.postMessage({ key, port: inner.port2 }, [inner.port2]);
  worker.postMessage(port2, [port2]);
  await once(inner.port1, 'close'); // while the other port goes on
  port1.postMessage('behind it');
  t.deepEqual(await once(worker, 'message'), [0]);
  t.is(await exitOf(worker), 0);
}, ['process']);

rule('an event has its data, target and ports', async (t, { begin, MessageChannel }) => {
  const worker = begin(`wt.parentPort.onmessage = (event) => {
    wt.parentPort.onmessage = null;
    const { data, ports, target, type } = event;
    wt.parentPort.postMessage([type, data.text, target === wt.parentPort, ports.length, ports[0] === data.port, ports[0] instanceof wt.MessagePort, event instanceof MessageEvent]);
  };`);
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ text: 'hello', port: port1 }, [port1]);
  t.deepEqual(await once(worker, 'message'), [['message', 'hello', true, 1, true, true, true]]);
  await exitOf(worker);
  port2.close();
});

rule("a port closes there when it is closed here, and the other way round, after what was posted", async (t, { begin, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const worker = begin("wt.workerData.on('message', (message) => wt.parentPort.postMessage(message)).on('close', () => wt.parentPort.postMessage('closed'))", { workerData: port1, transferList: [port1] });
  const told = [];
  const ended = new Promise((resolve) => {
    worker.on('message', (message) => {
      told.push(message);
      if (message === 'closed') resolve();
    });
  });
  for (const message of [1, 2, 3]) port2.postMessage(message);
  port2.close();
  await ended;
  t.deepEqual(told, [1, 2, 3, 'closed']);
  t.is(await exitOf(worker), 0);
});

rule("who hears the last message by a listener for one is told of the end, also if that was there before the listener", async (t, { begin, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const worker = begin("wt.workerData.postMessage('last'); wt.workerData.close(); wt.parentPort.postMessage('closed')", { workerData: port1, transferList: [port1] });
  const closed = new Promise((resolve) => { port2.once('close', resolve); });
  t.deepEqual(await once(worker, 'message'), ['closed']);
  await exitOf(worker); // its end is known here by now
  t.deepEqual(await once(port2, 'message'), ['last']);
  await closed;
});

rule("the ports of a worker that ends close, however it ends", async (t, { begin, MessageChannel }) => {
  for (const end of ['process.exit()', 'throw new Error("end")', 'for (;;);']) {
    const { port1, port2 } = new MessageChannel();
    const worker = begin(`wt.workerData.postMessage('last'); setImmediate(() => { ${end} });`, { workerData: port1, transferList: [port1] });
    worker.on('error', () => {});
    const closed = new Promise((resolve) => { port2.once('close', resolve); });
    port2.ref();
    t.deepEqual(await once(port2, 'message'), ['last']);
    if (end.startsWith('for')) await worker.terminate();
    await Promise.all([closed, exitOf(worker)]);
  }
});

rule('a port travels on with what waits in it, there and back', async (t, { begin, MessageChannel }) => {
  const worker = begin("wt.parentPort.once('message', (port) => { port.postMessage('from the worker'); wt.parentPort.postMessage(port, [port]); })");
  const { port1, port2 } = new MessageChannel();
  for (const message of [1, 2]) port2.postMessage(message);
  worker.postMessage(port1, [port1]);
  const [back] = await once(worker, 'message');
  port2.postMessage(3);
  const told = [];
  await new Promise((resolve) => {
    back.on('message', (message) => {
      told.push(message);
      if (told.length === 3) resolve();
    });
  });
  t.deepEqual(told, [1, 2, 3]);
  t.deepEqual(await once(port2, 'message'), ['from the worker']);
  back.close();
  await exitOf(worker);
});

rule('memory moves: it is gone here and has its content there', async (t, { begin }) => {
  const worker = begin(ECHO);
  const bytes = Uint8Array.of(1, 2, 3);
  worker.postMessage({ bytes, again: bytes }, [bytes.buffer]);
  t.is(bytes.byteLength, 0);
  const [{ bytes: one, again }] = await once(worker, 'message');
  t.deepEqual(one, Uint8Array.of(1, 2, 3));
  t.is(again, one);
  worker.postMessage('end');
  t.is(await exitOf(worker), 0);
});

rule('what was detached or closed, stands in the list twice, or is no thing to list: nothing is sent or detached', async (t, { begin, MessageChannel }) => {
  const worker = begin(ECHO);
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(8);
  const refused = (list, message) => t.throws(() => worker.postMessage(null, list), { any: true, name: 'DataCloneError', code: 25, message });
  refused([buffer, port1, port1], /^Transfer list contains duplicate MessagePort$/);
  refused([buffer, buffer], /^Transfer list contains duplicate ArrayBuffer$/);
  port2.close();
  refused([buffer, port2], /^MessagePort in transfer list is already detached$/);
  t.throws(() => worker.postMessage(() => {}), { any: true, name: 'DataCloneError', message: /could not be cloned/ });
  t.throws(() => worker.postMessage(port1), { any: true, message: /^Object that needs transfer was found in message but not listed in transferList/ });
  t.throws(() => worker.postMessage(1, 5), { code: 'ERR_INVALID_ARG_TYPE', message: 'Optional transferList argument must be an iterable' });
  t.throws(() => worker.postMessage(1, { transfer: 5 }), { code: 'ERR_INVALID_ARG_TYPE', message: 'Optional options.transfer argument must be an iterable' });
  t.is(buffer.byteLength, 8);
  worker.postMessage('the only one');
  t.deepEqual(await once(worker, 'message'), ['the only one']);
  worker.postMessage('end');
  await exitOf(worker);
});

rule('a port that is in no list is named as the fault of every message, and postMessage() without one', async (t, { begin, Worker, BroadcastChannel, MessageChannel, options }) => {
  const { port1 } = new MessageChannel();
  const channel = new BroadcastChannel('no ports');
  const worker = begin("wt.parentPort.once('message', () => {})");
  const text = /^Object that needs transfer was found in message but not listed in transferList$/;
  for (const post of [() => worker.postMessage({ port1 }), () => channel.postMessage({ port1 }), () => new Worker('', { eval: true, ...options, workerData: { port1 } })]) {
    const error = t.throws(post, { any: true, message: text });
    t.is(error.name, NODE === 20 ? 'TypeError' : 'DataCloneError');
  }
  t.throws(() => worker.postMessage(), { instanceOf: TypeError, code: 'ERR_MISSING_ARGS' });
  channel.close();
  port1.close();
  worker.postMessage('end');
  await exitOf(worker);
  t.notThrows(() => worker.postMessage(), 'nobody is there');
});

rule('postMessage() of a port says whether that was open, and of a worker nothing', async (t, { begin, MessageChannel }) => {
  const worker = begin("const told = [wt.parentPort.postMessage('open')]; wt.parentPort.close(); setImmediate(() => console.log(JSON.stringify([...told, wt.parentPort.postMessage('closed') ?? null])));", { stdout: true });
  t.is(worker.postMessage(1), undefined);
  const { port1, port2 } = new MessageChannel();
  t.true(port1.postMessage(1));
  t.true(port1.postMessage({ buffer: new ArrayBuffer(8) }, []));
  t.throws(() => port1.postMessage(() => {}), { any: true, name: 'DataCloneError' });
  port2.close();
  await once(port1, 'close');
  for (const port of [port1, port2]) t.is(port.postMessage(2), undefined);
  t.is(await text(worker.stdout), '[true,null]\n');
  t.is(await exitOf(worker), 0);
});

rule('receiveMessageOnPort takes messages in a worker that never turns its loop', async (t, { begin, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const worker = begin(`
    const port = wt.workerData;
    const told = [];
    while (told.length < 3) {
      const received = wt.receiveMessageOnPort(port);
      if (received !== undefined) told.push(received.message);
    }
    wt.parentPort.postMessage([told, wt.receiveMessageOnPort(port) === undefined]);
  `, { workerData: port1, transferList: [port1] });
  for (const message of [1, { two: 2 }, undefined]) port2.postMessage(message);
  t.deepEqual(await once(worker, 'message'), [[[1, { two: 2 }, undefined], true]]);
  await exitOf(worker);
  port2.close();
});

rule('two that answer each other at once hold up neither timers nor each other', async (t, { begin }) => {
  const worker = begin(ECHO);
  let rounds = 0;
  worker.on('message', () => {
    rounds += 1;
    worker.postMessage(rounds);
  });
  worker.postMessage(0);
  while (rounds < 10) await new Promise((resolve) => { setTimeout(resolve, 1); });
  t.is(await worker.terminate(), 1);
});

rule('workerData and messages are copies', async (t, { begin }) => {
  const data = { list: [1] };
  const worker = begin("wt.workerData.list.push(2); wt.parentPort.once('message', (message) => { message.list.push(3); wt.parentPort.postMessage([wt.workerData, message]) })", { workerData: data });
  worker.postMessage(data);
  t.deepEqual(await once(worker, 'message'), [[{ list: [1, 2] }, { list: [1, 3] }]]);
  t.deepEqual(data, { list: [1] });
  await exitOf(worker);
});

rule('without workerData it is undefined, with null it is null', async (t, { begin }) => {
  for (const [options, told] of [[{}, undefined], [{ workerData: null }, null], [{ workerData: false }, false]]) {
    const worker = begin('wt.parentPort.postMessage([wt.workerData])', options);
    t.deepEqual(await once(worker, 'message'), [[told]]);
    await exitOf(worker);
  }
});

if ('isMarkedAsUntransferable' in nodes) {
  rule('what is marked as untransferable stays, and what is marked as uncloneable throws', (t, names) => {
    const { MessageChannel, isMarkedAsUntransferable: isMarked, markAsUntransferable: mark, markAsUncloneable } = names;
    const { port1, port2 } = new MessageChannel();
    const other = new MessageChannel();
    class Marked {}
    for (const object of [new ArrayBuffer(8), other.port1, {}, []]) {
      t.false(isMarked(object));
      mark(object);
      t.true(isMarked(object));
    }
    mark(Marked.prototype);
    t.false(isMarked(new Marked()), 'it is not inherited');
    for (const value of [0, null, undefined, true]) {
      mark(value);
      t.false(isMarked(value));
    }
    t.throws(() => port1.postMessage(0, [other.port1]), { any: true, name: 'DataCloneError' });
    if (markAsUncloneable === undefined) return;
    const refuses = (value) => t.throws(() => port1.postMessage(value), { any: true, name: 'DataCloneError', code: 25 });
    const errors = [new Error('e'), new (class extends TypeError {})('t'), new AggregateError([1], 'a'), new DOMException('d')];
    for (const object of [{ foo: 'bar' }, new Marked(), new Blob(['x']), ...errors]) {
      port1.postMessage(object);
      markAsUncloneable(object);
      refuses(object);
      refuses([{ deep: object }]);
    }
    const buffer = new ArrayBuffer(8);
    markAsUncloneable(buffer);
    t.notThrows(() => port1.postMessage(buffer), 'which has no effect on a buffer');
    for (const value of [0, null, undefined]) t.notThrows(() => markAsUncloneable(value));
    for (const port of [port1, port2, other.port1, other.port2]) port.close();
  }, ["Node's own", 'thread']);
}

// ---------------------------------------------------------------- what a worker is

rule("a worker's name is its threadName, inside and outside", async (t, { begin }) => {
  const nameless = begin("wt.parentPort.on('message', () => {}); wt.parentPort.postMessage(wt.threadName)");
  const [inside] = await once(nameless, 'message');
  t.is(nameless.threadName, inside);
  t.is(inside, NODE >= 24 ? 'WorkerThread' : '');
  await nameless.terminate();
  t.is(nameless.threadName, null);
  const named = begin('wt.parentPort.postMessage(wt.threadName)', { name: ' of its own ' });
  t.deepEqual(await once(named, 'message'), ['of its own']);
  await exitOf(named);
}, 'threadName' in nodes ? undefined : []);

rule('a name has to be a string', (t, { Worker, options }) => {
  t.throws(() => new Worker('', { ...options, eval: true, name: 5 }), { code: 'ERR_INVALID_ARG_TYPE' });
}, NODE >= 24 ? undefined : []);

rule('process tells of each new worker', async (t, { begin, Worker }) => {
  const told = once(process, 'worker');
  const worker = begin('');
  const [first] = await told;
  t.is(first.threadId, worker.threadId);
  t.true(first instanceof Worker);
  t.false(Object.create(Worker.prototype) instanceof class Other extends Worker {});
  await exitOf(worker);
});

rule("what is not given of the limits is there, too; a limit that is no number is not given", async (t, { begin }) => {
  const worker = begin("wt.parentPort.on('message', () => {}); wt.parentPort.postMessage(wt.resourceLimits)", { resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 'many' } });
  const [inside] = await once(worker, 'message');
  t.deepEqual(Object.keys(inside).sort(), ['codeRangeSizeMb', 'maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'stackSizeMb']);
  t.is(inside.maxOldGenerationSizeMb, 64);
  t.deepEqual(Object.keys(worker.resourceLimits).sort(), Object.keys(inside).sort());
  await worker.terminate();
});

rule('options that are false count as not given', async (t, { begin }) => {
  const worker = begin('wt.parentPort.postMessage([process.argv.length, process.execArgv, process.env.PATH])', { argv: null, execArgv: null, env: null, resourceLimits: null, name: '', transferList: undefined });
  t.deepEqual(await once(worker, 'message'), [[2, process.execArgv, process.env.PATH]]);
  await exitOf(worker);
});

rule('it is no main thread of a program, and an internal one neither', async (t, { begin }) => {
  const worker = begin('wt.parentPort.postMessage([wt.isMainThread, wt.isInternalThread])');
  t.deepEqual(await once(worker, 'message'), [[false, 'isInternalThread' in nodes ? false : undefined]]);
  await exitOf(worker);
});

rule('what nobody listens to is gone, and so is what came before a worker has ended', async (t, { begin }) => {
  const worker = begin("for (const message of [1, 2, 3]) wt.parentPort.postMessage(message); wt.parentPort.once('message', () => wt.parentPort.postMessage('last'));");
  await once(worker, 'online');
  worker.postMessage('end');
  t.is(await exitOf(worker), 0);
  worker.on('message', (message) => t.fail(`${message} after the exit`));
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  t.pass();
});

rule('the environment is a message like any other object of texts', async (t, { begin }) => {
  const worker = begin("wt.parentPort.once('message', (env) => wt.parentPort.postMessage([env, process.env]));", { env: { A: 'a', B: 'b' } });
  worker.postMessage(process.env);
  const [[told, own]] = await once(worker, 'message');
  t.deepEqual(told, { ...process.env });
  t.deepEqual(own, { A: 'a', B: 'b' });
});

rule("a port's event is not a trusted one", async (t, { begin, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const event = new Promise((resolve) => { port2.onmessage = resolve; });
  port1.postMessage(1);
  t.false((await event).isTrusted);
  port1.close();
  const worker = begin('wt.parentPort.onmessage = ({ isTrusted }) => { wt.parentPort.postMessage(isTrusted); wt.parentPort.close(); };');
  worker.postMessage(1);
  t.deepEqual(await once(worker, 'message'), [false]);
});

/** Whether Node's own ports hand over sockets and servers of TCP, as those of newer versions do. */
const MOVES_SOCKETS = Object.getOwnPropertySymbols(net.Socket.prototype).some(({ description }) => description === 'messaging_transfer_symbol');

rule('a connection that is handed over is heard there by a listener alone, and a server there makes them as it did', async (t, { begin }) => {
  const worker = begin(`
    wt.parentPort.once('message', ({ server, options }) => {
      const differing = Object.keys(options).filter((name) => server[name] !== options[name]);
      server.on('connection', (socket) => { socket.end(differing.join() + socket.readableHighWaterMark); server.close(); });
      wt.parentPort.once('message', ({ socket }) => socket.on('data', (bytes) => socket.end('heard ' + bytes)));
    });
  `);
  const options = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 5, highWaterMark: 12_345 };
  const server = net.createServer({ ...options, keepAliveInitialDelay: 5000 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const client = net.connect(port, '127.0.0.1');
  const [socket] = await once(server, 'connection');
  worker.postMessage({ server, options }, [server]);
  worker.postMessage({ socket }, [socket]);
  t.is(await text(net.connect(port, '127.0.0.1')), '12345');
  client.write('it');
  t.is(await text(client), 'heard it');
  client.destroy();
  t.is(await exitOf(worker), 0);
}, MOVES_SOCKETS ? undefined : ['thread', 'process']);
