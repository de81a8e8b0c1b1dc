// webContents: identities, arguments, what was sent before it was asked for, and the end.
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const workerThreads = require('node:worker_threads');
const { MessageChannelMain, Worker, ipcMain, utilityProcess, webContents } = require('../../index.js');
const workersFace = require('../../worker_threads.js');
const { range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { inEach, fromPlace, kinds, end, script, test } = require('../helpers/renderers.js');

const waits = ({ ipcRenderer }) => { ipcRenderer.on('x', () => {}); };

inEach('identities hold', waits, (t, { place, contents }) => {
  t.is(fromPlace(place), contents);
  t.is(webContents.fromId(contents.id), contents);
  t.true(webContents.getAllWebContents().includes(contents));
  t.is(contents.mainFrame, contents.mainFrame);
  t.false(contents.isDestroyed());
  t.is(typeof contents.id, 'number');
});

inEach("its frame says what a page's only frame says to who checks a sender", ({ ipcRenderer }) => {
  ipcRenderer.send('who');
  ipcRenderer.on('x', () => {});
}, async (t, { place, contents, gone }) => {
  const [event] = await once(contents.ipc, 'who');
  const frame = event.senderFrame;
  t.is(event.type, 'frame');
  t.deepEqual([frame.parent, frame.top, frame.frames, frame.framesInSubtree], [null, frame, [], [frame]]);
  t.is(frame.osProcessId, place.kill ? place.pid : process.pid);
  t.false(frame.isDestroyed());
  end(place);
  await gone;
  t.true(frame.isDestroyed());
});

inEach('docs/electron.md names all that contents, their frame and an event have', ({ ipcRenderer }) => {
  ipcRenderer.send('here');
  ipcRenderer.on('x', () => {});
}, async (t, { contents }) => {
  const [event] = await once(contents.ipc, 'here');
  const named = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'electron.md'), 'utf8');
  for (const thing of [contents, contents.mainFrame]) {
    const own = Object.keys(thing).filter((name) => !name.startsWith('_'));
    const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(thing)).filter((name) => name !== 'constructor');
    t.deepEqual([...own, ...inherited].filter((name) => !RegExp(`\\b${name}\\b`).test(named)), []);
  }
  for (const lacking of ['frameId', 'preventDefault', 'defaultPrevented']) t.false(lacking in event);
});

test('no such id', (t) => {
  t.is(webContents.fromId(1e9), undefined);
});

test('what is neither a worker nor a child', (t) => {
  for (const wrong of [undefined, null, {}, 'worker']) {
    t.throws(() => webContents.fromWorker(wrong), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
    t.throws(() => webContents.fromProcess(wrong), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  }
});

test("a worker of the workers' face has no IPC, be it a thread or a process", async (t) => {
  for (const process of [false, true]) {
    const worker = new workersFace.Worker('', { eval: true, process });
    t.throws(() => webContents.fromWorker(worker), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: /no IPC/ });
    await once(worker, 'exit');
  }
});

inEach('they are made by webContents only', waits, (t, { contents }) => {
  t.throws(() => new contents.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  t.throws(() => new contents.mainFrame.constructor(), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
});

inEach('postMessage() refuses what Electron refuses', waits, (t, { contents }) => {
  const { port1, port2 } = new MessageChannelMain();
  for (const target of [contents, contents.mainFrame]) {
    const refuses = (args, expected) => t.throws(() => target.postMessage(...args), { any: true, ...expected });
    refuses([], { instanceOf: TypeError, message: 'Insufficient number of arguments.' });
    refuses(['x'], { instanceOf: TypeError, message: 'Insufficient number of arguments.' });
    refuses([null, ''], { instanceOf: TypeError, message: 'Error processing argument at index 0, conversion failure from null' });
    refuses([1, '', []], { instanceOf: TypeError, message: 'Error processing argument at index 0, conversion failure from 1' });
    refuses(['x', '', null], { instanceOf: TypeError, message: 'Invalid value for transfer' });
    refuses(['x', '', 5], { instanceOf: TypeError, message: 'Invalid value for transfer' });
    refuses(['x', '', [123]], { instanceOf: TypeError, message: 'Invalid value for transfer' });
    refuses(['x', '', [null]], { instanceOf: TypeError, message: 'Invalid value for transfer' });
    refuses(['x', '', [port1, port1]], { name: 'DataCloneError', message: 'Port at index 1 is a duplicate.' });
    refuses(['x', { at: [Symbol('s')] }, [port1]], { name: 'DataCloneError', message: 'An object could not be cloned: Symbol(s) at message.at[0]' });
    t.throws(() => target.send(), { instanceOf: TypeError, message: 'Missing required channel argument' });
    t.throws(() => target.send('x', port1), { any: true, message: /^An object could not be cloned/ });
    t.throws(() => target.send('x', () => {}), { any: true, message: /^An object could not be cloned/ });
  }
  t.false(port1.closed);
  contents.postMessage('x', null, [port1]);
  t.throws(() => contents.postMessage('x', null, [port1]), { any: true, message: 'Port at index 0 is already neutered.' });
  port2.close();
});

inEach("'destroyed' comes before 'exit' and after everything it sent", ({ ipcRenderer }) => {
  for (let i = 0; i < 1000; i++) ipcRenderer.send('n', i);
  process.exit();
}, async (t, { place, contents, gone }) => {
  const events = [];
  contents.ipc.on('n', (event, n) => events.push(n));
  contents.on('destroyed', () => events.push('destroyed', contents.isDestroyed()));
  place.on('exit', () => events.push('exit'));
  await gone;
  t.deepEqual(events, [...range(1000), 'destroyed', true, 'exit']);
});

inEach('once destroyed it throws, before anything is detached', waits, async (t, { place, contents, gone }) => {
  const { port1, port2 } = new MessageChannelMain();
  await new Promise((resolve) => {
    contents.on('destroyed', () => {
      t.throws(() => contents.send('x'), { message: 'Object has been destroyed', code: 'ERR_OBJECT_DESTROYED' });
      resolve();
    });
    end(place);
  });
  await gone;
  for (const target of [contents, contents.mainFrame]) {
    t.throws(() => target.send('x'), { message: 'Object has been destroyed' });
    t.throws(() => target.postMessage('x', null, [port2]), { message: 'Object has been destroyed' });
  }
  await t.throwsAsync(contents.invoke('x'), { message: 'Object has been destroyed' });
  t.false(port2.closed);
  port1.close();
  t.true(contents.isDestroyed());
  t.is(webContents.fromId(contents.id), undefined);
  t.false(webContents.getAllWebContents().includes(contents));
  t.is(fromPlace(place), contents);
});

inEach('event.sender stays what it was after the end', ({ ipcRenderer }) => {
  ipcRenderer.send('bye');
}, async (t, { contents, gone }) => {
  const [event] = await once(contents.ipc, 'bye');
  await gone;
  t.is(event.sender, contents);
  t.is(event.senderFrame, contents.mainFrame);
  t.throws(() => event.reply('x'), { message: 'Object has been destroyed' });
});

for (const [kind, begin] of Object.entries(kinds)) {
  test.serial(`${kind}: what it sent before somebody asked for it is kept`, async (t) => {
    t.timeout(20_000);
    const place = begin(script, [String(({ ipcRenderer, parentPort, MessageChannel }) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => port1.postMessage(data);
      for (let i = 0; i < 10; i++) ipcRenderer.send('early', i);
      ipcRenderer.postMessage('early', 'with a port', [port2]);
      ipcRenderer.invoke('early').then((answer) => ipcRenderer.send('answered', answer));
      (parentPort ?? require('node:worker_threads').parentPort).postMessage('sent');
    })]);
    t.teardown(() => end(place));
    await once(place, 'message');
    const got = [];
    const contents = fromPlace(place);
    // Everything is still to come: there is a whole turn to listen.
    await null;
    contents.ipc.on('early', (event, data) => got.push(data));
    contents.ipc.handle('early', () => 'the answer');
    const [, answer] = await once(contents.ipc, 'answered');
    t.deepEqual(got, [...range(10), 'with a port']);
    t.is(answer, 'the answer');
  });

  test.serial(`${kind}: asked for after its end, it is destroyed`, async (t) => {
    t.timeout(20_000);
    const place = begin(script, [String(() => {})]);
    await once(place, 'exit');
    const contents = fromPlace(place);
    t.true(contents.isDestroyed());
    t.throws(() => contents.send('x'), { message: 'Object has been destroyed' });
    t.is(fromPlace(place), contents);
  });

  test.serial(`${kind}: ipcMain tells several of them apart`, async (t) => {
    t.timeout(20_000);
    const places = range(3).map(() => begin(script, [String(({ ipcRenderer }) => {
      ipcRenderer.on('name', (event, name) => ipcRenderer.send('hello', name));
    })]));
    t.teardown(() => places.forEach(end));
    const all = places.map(fromPlace);
    t.is(new Set(all.map(({ id }) => id)).size, 3);
    const heard = new Map();
    await new Promise((resolve) => {
      ipcMain.on('hello', ({ sender }, name) => heard.set(sender, name).size === 3 && resolve());
      t.teardown(() => ipcMain.removeAllListeners('hello'));
      all.forEach((contents, i) => contents.send('name', i));
    });
    t.deepEqual(all.map((contents) => heard.get(contents)), [0, 1, 2]);
  });
}

test.serial('a child that cannot be started is destroyed, then exits', async (t) => {
  const child = utilityProcess.fork('x.js', [], { cwd: '/there/is/no/such/place' });
  const events = [];
  const contents = webContents.fromProcess(child);
  const call = t.throwsAsync(contents.invoke('x'), { code: 'ERR_IPC_CHANNEL_CLOSED' });
  contents.on('destroyed', () => events.push('destroyed'));
  child.on('error', () => events.push('error'));
  await new Promise((resolve) => child.on('exit', resolve));
  await call;
  t.deepEqual(events, ['error', 'destroyed']);
});

test.serial('a worker may have renderers of its own', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { ipcMain, webContents } = require('./index.js');
    const inner = "const { ipcRenderer } = require('./index.js'); ipcRenderer.send('up', 'from the inner');";
    const outer = \`
      const { ipcMain, ipcRenderer, webContents, Worker } = require('./index.js');
      webContents.fromWorker(new Worker(\${JSON.stringify(inner)}, { eval: true }));
      ipcMain.on('up', (event, text) => ipcRenderer.send('up', text + ' through the outer'));
    \`;
    ipcMain.on('up', (event, text) => console.log(text));
    webContents.fromWorker(new Worker(outer, { eval: true }));
  `, ['from the inner through the outer']);
});

test.serial('an unheard renderer of a plain worker costs nobody anything', async (t) => {
  const worker = new workerThreads.Worker(script, { argv: [String(({ ipcRenderer }) => ipcRenderer.send('x'))] });
  t.is((await once(worker, 'exit'))[0], 0);
});

test.serial('terminate() resolves, and a pending call rejects', async (t) => {
  t.timeout(20_000);
  for (const Class of [Worker, workerThreads.Worker]) {
    const worker = new Class(script, { argv: [String(waits)] });
    const contents = webContents.fromWorker(worker);
    const call = t.throwsAsync(contents.invoke('x'));
    await once(worker, 'online');
    t.is(await worker.terminate(), 1);
    await call;
    t.true(contents.isDestroyed());
  }
});

for (const [kind, Class] of Object.entries({ 'a worker': Worker, "Node's worker": workerThreads.Worker })) {
  test.serial(`${kind}: asked for by the last that it has posted, when its thread is gone, its calls reject`, async (t) => {
    t.timeout(20_000);
    const thread = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Class(`
      const { parentPort, workerData } = require('node:worker_threads');
      parentPort.postMessage('last words');
      workerData[0] = require('node:fs').readlinkSync('/proc/thread-self').split('/').at(-1);
      Atomics.notify(workerData, 0);
    `, { eval: true, workerData: thread });
    const exit = once(worker, 'exit');
    const calls = [];
    worker.on('message', () => {
      const contents = webContents.fromWorker(worker);
      calls.push(t.throwsAsync(contents.invoke('x')).then(() => contents));
    });
    Atomics.wait(thread, 0, 0);
    while (fs.existsSync(`/proc/self/task/${thread[0]}`)) Atomics.wait(thread, 0, thread[0], 1);
    await exit;
    const [contents] = await Promise.all(calls);
    t.true(contents.isDestroyed());
    t.false(webContents.getAllWebContents().includes(contents));
  });
}

for (const [kind, make] of Object.entries({ 'a worker': 'new Worker', "Node's worker": "new (require('node:worker_threads').Worker)" })) {
  test.serial(`${kind} of a thread that is terminated: what was sent to it, and it never asked for, closes with the thread`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new MessageChannelMain();
    const closed = once(port1, 'close');
    const thread = new Worker(`
      const { Worker, parentPort, webContents } = require(${JSON.stringify(require.resolve('../../index.js'))});
      parentPort.once('message', ({ ports }) => {
        const inner = ${make}('setInterval(() => {}, 1000)', { eval: true });
        webContents.fromWorker(inner).postMessage('x', null, ports);
        inner.once('online', () => parentPort.postMessage('runs'));
      });
    `, { eval: true });
    thread.postMessage(null, [port2]);
    await once(thread, 'message');
    await thread.terminate();
    await closed;
    t.pass();
  });
}

for (const [kind, make] of Object.entries({ 'a worker': 'new Worker', "Node's worker": "new (require('node:worker_threads').Worker)" })) {
  test.serial(`${kind} that has sent nothing, and that nobody asked for, leaves no port behind`, (t) => prints(t, `
    const { inspectPorts } = require('./index.js');
    const worker = ${make}("require('./index.js').ipcRenderer.on('x', () => {}); process.exit()", { eval: true });
    worker.on('exit', () => console.log(inspectPorts()));
  `, ['[]']));
}
