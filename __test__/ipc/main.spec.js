// What a renderer sends: who hears it, with which event, and what the sends refuse.
const { once } = require('node:events');
const { MessageChannelMain, MessagePortMain, ipcMain } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { inEach, script, test } = require('../helpers/renderers.js');

inEach('what it sends arrives, in order, with its arguments', ({ ipcRenderer }) => {
  for (let i = 0; i < 100; i++) ipcRenderer.send('numbers', i, { i });
  ipcRenderer.send('end');
}, async (t, { contents }) => {
  const got = [];
  contents.ipc.on('numbers', (event, ...args) => got.push(args));
  t.is((await once(contents.ipc, 'end')).length, 1);
  t.deepEqual(got, range(100).map((i) => [i, { i }]));
});

inEach('the event says who sent it', ({ ipcRenderer }) => {
  ipcRenderer.send('who', process.pid, require('node:worker_threads').threadId);
}, async (t, { contents }) => {
  const [event, pid, threadId] = await once(contents.ipc, 'who');
  t.is(event.sender, contents);
  t.is(event.senderFrame, contents.mainFrame);
  t.is(event.processId, pid);
  t.is(contents.mainFrame.processId, pid);
  t.is(contents.mainFrame.threadId, threadId);
  t.deepEqual(event.ports, []);
});

inEach("one message runs the frame's scope, the contents', then ipcMain, with one event", ({ ipcRenderer }) => {
  ipcRenderer.send('scoped', 1);
  ipcRenderer.send('end');
}, async (t, { contents }) => {
  const heard = [];
  const hear = (where) => (event, ...args) => heard.push([where, event, args]);
  ipcMain.on('scoped', hear('main'));
  t.teardown(() => ipcMain.removeAllListeners('scoped'));
  contents.ipc.on('scoped', hear('contents'));
  contents.mainFrame.ipc.on('scoped', hear('frame'));
  contents.on('ipc-message', (event, channel, ...args) => channel === 'scoped' && hear('ipc-message')(event, ...args));
  await once(contents.ipc, 'end');
  t.deepEqual(heard.map(([where, , args]) => [where, args]), ['ipc-message', 'frame', 'contents', 'main'].map((where) => [where, [1]]));
  t.is(new Set(heard.map(([, event]) => event)).size, 1);
});

inEach('postMessage() hands ports over, in the message and in event.ports', ({ ipcRenderer, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage('port', { port: port2 }, [port2]);
  port1.onmessage = ({ data }) => {
    port1.postMessage(data + 1);
    port1.close();
  };
}, async (t, { contents }) => {
  const [event, message] = await once(contents.ipc, 'port');
  t.is(event.ports.length, 1);
  t.true(event.ports[0] instanceof MessagePortMain);
  t.is(message.port, event.ports[0]);
  const reader = new Reader(message.port);
  message.port.postMessage(1);
  t.is(await reader.next(), 2);
});

inEach('postMessage() takes an ArrayBuffer along', ({ ipcRenderer }) => {
  const buffer = new Uint8Array([1, 2, 3]).buffer;
  ipcRenderer.postMessage('buffer', buffer, [buffer]);
  ipcRenderer.send('left', buffer.byteLength);
}, async (t, { contents }) => {
  const left = once(contents.ipc, 'left');
  const [, buffer] = await once(contents.ipc, 'buffer');
  t.deepEqual([...new Uint8Array(buffer)], [1, 2, 3]);
  t.is((await left)[1], 0);
});

inEach('a message that nobody hears is dropped, and its ports close', ({ ipcRenderer, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {};
  port1.onclose = () => ipcRenderer.send('closed');
  ipcRenderer.postMessage('nobody', null, [port2]);
}, async (t, { contents }) => {
  await once(contents.ipc, 'closed');
  t.pass();
});

inEach('event.reply() answers the sender', ({ ipcRenderer }) => {
  ipcRenderer.once('answer', (event, ...args) => ipcRenderer.send('got', ...args));
  ipcRenderer.send('question');
}, async (t, { contents }) => {
  contents.ipc.once('question', ({ reply }) => reply('answer', 1, 2));
  const [, ...args] = await once(contents.ipc, 'got');
  t.deepEqual(args, [1, 2]);
});

inEach("channels called like an emitter's own events are channels", ({ ipcRenderer }) => {
  ipcRenderer.send('error', 1);
  ipcRenderer.send('__proto__', 2);
  ipcRenderer.send('', 3);
}, async (t, { contents }) => {
  const heard = [];
  contents.ipc.on('__proto__', (event, n) => heard.push(n));
  await new Promise((resolve) => contents.ipc.on('', (event, n) => resolve(heard.push(n))));
  t.deepEqual(heard, [2, 3]);
});

inEach('the sends refuse what is no good, and nothing is lost', ({ ipcRenderer, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const complaint = (send) => {
    try {
      send();
      return 'none';
    } catch (error) {
      return [error.name, error.message];
    }
  };
  ipcRenderer.send('complaints', [
    complaint(() => ipcRenderer.send()),
    complaint(() => ipcRenderer.send(5)),
    complaint(() => ipcRenderer.postMessage()),
    complaint(() => ipcRenderer.postMessage('x')),
    complaint(() => ipcRenderer.postMessage({}, 'x')),
    complaint(() => ipcRenderer.postMessage('x', 1, null)),
    complaint(() => ipcRenderer.postMessage('x', 1, [1])),
    complaint(() => ipcRenderer.postMessage('x', 1, [port1, port1])),
    complaint(() => ipcRenderer.send('x', { at: [port1] })),
    complaint(() => ipcRenderer.send('x', 1, { f() { return 'message[2]'; } })),
    complaint(() => ipcRenderer.send('x', { get f() { throw new DOMException('message[2]', 'DataCloneError'); } })),
    complaint(() => ipcRenderer.postMessage('x', { f() {} })),
    complaint(() => ipcRenderer.postMessage('x', { at: port1 })),
    complaint(() => ipcRenderer.send('x', new ReadableStream())),
  ]);
  ipcRenderer.postMessage('port', null, [port2]);
  ipcRenderer.send('neutered', complaint(() => ipcRenderer.postMessage('x', null, [port2])));
}, async (t, { contents }) => {
  const neutered = once(contents.ipc, 'neutered');
  contents.ipc.on('x', () => t.fail('a send that threw has sent'));
  const [, complaints] = await once(contents.ipc, 'complaints');
  t.deepEqual(complaints.map(([name]) => name), [
    ...Array(7).fill('TypeError'), ...Array(7).fill('DataCloneError'),
  ]);
  t.deepEqual(complaints.map(([, message]) => message), [
    'Insufficient number of arguments.',
    'Error processing argument at index 0, conversion failure from 5',
    'Insufficient number of arguments.',
    'Insufficient number of arguments.',
    'Error processing argument at index 0, conversion failure from #<Object>',
    'Invalid value for transfer',
    'Invalid value for transfer',
    'Port at index 1 is a duplicate.',
    'An object could not be cloned: #<MessagePort> at args[0].at[0] (it travels only through postMessage())',
    "An object could not be cloned: f() { return 'message[2]'; } at args[1].f",
    'message[2]',
    'An object could not be cloned: f() {} at message.f',
    'Object that needs transfer was found in message but not listed in transferList: #<MessagePort> at message.at',
    'An object could not be cloned: #<ReadableStream> at args[0] (it travels only through postMessage())',
  ]);
  t.deepEqual((await neutered)[1], ['DataCloneError', 'Port at index 0 is already neutered.']);
});

inEach("nothing of it shows on parentPort, on 'message' or on Node's own port", ({ ipcRenderer, parentPort }) => {
  const node = require('node:worker_threads').parentPort;
  const seen = [];
  parentPort?.on('message', ({ data }) => seen.push(data));
  node?.on('message', (data) => seen.push(data));
  process.on('message', (data) => seen.push(data));
  ipcRenderer.on('ipc', (event, round) => {
    ipcRenderer.send('seen', round, seen);
    parentPort?.postMessage(round);
  });
}, async (t, { contents, place }) => {
  const heard = [];
  contents.on('ipc-message', (event, channel) => heard.push(channel));
  const messages = [];
  place.on('message', (data) => messages.push(data));
  place.postMessage('over the port');
  contents.send('ipc', 0);
  for (let round = 0, seen = []; seen.length === 0; round++) {
    const next = once(contents.ipc, 'seen');
    contents.send('ipc', round);
    [, , seen] = await next;
    if (seen.length > 0) t.deepEqual(seen, ['over the port']);
  }
  t.deepEqual([...new Set(heard)], ['seen']);
  t.true(messages.every((data) => typeof data === 'number'));
});

test.serial('a listener that throws is an uncaught exception; the other scopes and the next message are heard', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { ipcMain, ipcRenderer, webContents } = require('./index.js');
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    const contents = webContents.fromWorker(new Worker(
      "const { ipcRenderer } = require('./index.js'); ipcRenderer.send('x', 1); ipcRenderer.send('x', 2);", { eval: true }));
    contents.mainFrame.ipc.once('x', (event, n) => { throw new Error('at ' + n); });
    ipcMain.on('x', (event, n) => console.log('heard', n));
  `, ['heard 1', 'caught at 1', 'heard 2']);
});

test.serial('in a process that nobody forked the sends throw ERR_NO_PARENT', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { ipcRenderer } = require('./index.js');
    ipcRenderer.on('x', () => {});
    for (const send of ['send', 'sendSync', 'postMessage']) {
      try { ipcRenderer[send]('x', 1); } catch (error) { console.log(send, error.code); }
    }
    ipcRenderer.invoke('x').catch((error) => console.log('invoke', error.code));
  `, ['send ERR_NO_PARENT', 'sendSync ERR_NO_PARENT', 'postMessage ERR_NO_PARENT', 'invoke ERR_NO_PARENT']);
});

test.serial('a grandchild started by other means has no parent either', async (t) => {
  t.timeout(20_000);
  const child = () => {
    const grandchild = "try { require('./index.js').ipcRenderer.send('x') } catch (error) { console.log(error.code) }";
    require('node:child_process').execFileSync(process.execPath, ['-e', grandchild], { stdio: 'inherit' });
  };
  await prints(t, `
    utilityProcess.fork(${JSON.stringify(script)}, [${JSON.stringify(String(child))}]);
  `, ['ERR_NO_PARENT']);
});

test('a port that is refused stays', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  t.throws(() => require('../../index.js').ipcRenderer.postMessage('x', null, [port2]), { code: 'ERR_NO_PARENT' });
  t.false(port2.closed);
  port1.close();
  port2.close();
});
