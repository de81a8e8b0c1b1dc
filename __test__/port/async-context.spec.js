// A listener runs in the async context of its port's making, for every event of every face; nothing that it enters reaches
// another message, of its own port or of another (semantics 3).
const { AsyncLocalStorage, createHook } = require('node:async_hooks');
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, MessagePort, Worker, ipcMain, utilityProcess, webContents } = require('../../index.js');
const { Worker: NodeWorker } = require('node:worker_threads');
const { test, fixture } = require('../helpers/test.js');

const storage = new AsyncLocalStorage();

/** Notes the context and enters another one, as middleware does that forgets to leave. */
function noteIn(seen, what) {
  seen.push(`${what}: ${storage.getStore()}`);
  storage.enterWith(`entered by ${what}`);
}

/** A turn of the event loop, in no context. */
const turn = () => storage.exit(() => new Promise(setImmediate));

const until = async (condition) => { while (!condition()) await turn(); };

test.serial('the main face: message, messageerror, drain, close', async (t) => {
  const seen = [];
  const { port1, port2 } = storage.run('making', () => new MessageChannelMain());
  const other = new MessageChannelMain();
  storage.run('listening', () => {
    port2.on('message', ({ data }) => { noteIn(seen, data.text ?? data); });
    port2.on('close', () => noteIn(seen, 'close there'));
    port1.on('close', () => noteIn(seen, 'close here'));
    port1.on('drain', () => noteIn(seen, 'drain'));
    other.port2.on('message', ({ data }) => noteIn(seen, data));
  });
  storage.run('starting', () => { port2.start(); port1.start(); other.port2.start(); });
  storage.run('posting', () => {
    port1.postMessage('one');
    port1.postMessage('two');
    other.port1.postMessage('elsewhere');
    port1.postMessage({ text: 'with a port', port: other.port1 }, [other.port1]);
    port1.postMessage({ text: 'large', bytes: new Uint8Array(2 ** 21) });
  });
  await until(() => seen.some((line) => line.startsWith('drain')));
  storage.run('closing', () => port1.close());
  await until(() => port2.closed);
  other.port2.close();
  t.deepEqual(seen.sort(), [
    'one: making', 'two: making', 'elsewhere: undefined', 'with a port: making', 'large: making', 'drain: making',
    'close here: making', 'close there: making',
  ].sort());
  t.is(storage.getStore(), undefined, 'nothing was left entered here');
});

test.serial('the web face', async (t) => {
  const seen = [];
  const { port1, port2 } = storage.run('making', () => new MessageChannel());
  storage.run('listening', () => {
    port2.onmessage = ({ data }) => noteIn(seen, data);
    port2.addEventListener('message', ({ data }) => noteIn(seen, `second ${data}`));
    port2.onclose = () => noteIn(seen, 'close');
  });
  storage.run('posting', () => { port1.postMessage('one'); port1.postMessage('two'); });
  await until(() => seen.length >= 4);
  port1.close();
  await until(() => port2.closed);
  // Two listeners of one event share its context, as everywhere.
  t.deepEqual(seen.filter((line) => !line.startsWith('second')), ['one: making', 'two: making', 'close: making']);
});

test.serial('a port with another face, and one that arrived, is made there and then', async (t) => {
  const seen = [];
  const { port1, port2 } = storage.run('first', () => new MessageChannelMain());
  const web = storage.run('second', () => MessagePort.from(port2));
  web.onmessage = ({ data, ports: [port] }) => {
    noteIn(seen, data);
    port.onmessage = (event) => noteIn(seen, event.data);
  };
  const inner = new MessageChannelMain();
  inner.port1.postMessage('inner');
  port1.postMessage('outer', [inner.port2]);
  await until(() => seen.length === 2);
  t.deepEqual(seen, ['outer: second', 'inner: undefined'], 'it was made before anybody was called, as with Node');
  port1.close();
  inner.port1.close();
});

test.serial('a loop that reads a port keeps its own context', async (t) => {
  const { port1, port2 } = storage.run('making', () => new MessageChannelMain());
  const seen = [];
  const done = storage.run('reading', async () => {
    for await (const { data } of port2) seen.push(`${data}: ${storage.getStore()}`);
  });
  for (const data of ['one', 'two']) port1.postMessage(data);
  await until(() => seen.length === 2);
  port1.postMessage('three');
  port1.close();
  await done;
  t.deepEqual(seen, ['one: reading', 'two: reading', 'three: reading']);
});

for (const [kind, make] of [['worker', () => new Worker(fixture('context.js'))], ['child', () => utilityProcess.fork(fixture('context.js'))]]) {
  test.serial(`a ${kind}, its parentPort, its ipcRenderer and its WebContents`, async (t) => {
    t.timeout(20_000);
    const seen = [];
    const place = storage.run('making', make);
    const contents = storage.run('viewing', () => (kind === 'child' ? webContents.fromProcess(place) : webContents.fromWorker(place)));
    const gone = once(place, 'exit');
    const reported = new Promise((resolve) => { ipcMain.once('seen', (event, there) => resolve(there)); });
    storage.run('listening', () => {
      place.on('message', (data) => noteIn(seen, `message ${data}`));
      place.on('exit', () => noteIn(seen, 'exit'));
      contents.on('destroyed', () => noteIn(seen, 'destroyed'));
      contents.ipc.on('pong', (event, n) => noteIn(seen, `pong ${n}`));
    });
    for (const n of [1, 2]) contents.send('ping', n);
    t.is(await contents.invoke('ask', 3), 3);
    t.is(await contents.invoke('ask', 4), 4);
    for (const data of ['one', 'two', 'end']) place.postMessage(data);
    const there = await reported;
    await gone;
    await until(() => seen.some((line) => line.startsWith('exit')));
    t.deepEqual(seen.filter((line) => !/^(exit|destroyed)/.test(line)).sort(), [
      'message end: making', 'message one: making', 'message two: making', 'pong 1: viewing', 'pong 2: viewing',
    ]);
    t.true(seen.includes('exit: making'), seen.join());
    t.true(seen.includes('destroyed: viewing'), seen.join());
    t.deepEqual(there.sort(), [
      'handler 3: undefined', 'handler 4: undefined', 'ipcRenderer ping 1: undefined', 'ipcRenderer ping 2: undefined',
      'parentPort end: undefined', 'parentPort one: undefined', 'parentPort two: undefined',
    ]);
  });
}

for (const [kind, Class] of [['ours', Worker], ["Node's own", NodeWorker]]) {
  test.serial(`the exit of a worker that somebody views belongs to who made it (${kind})`, async (t) => {
    t.timeout(30_000);
    const seen = [];
    const source = `require(${JSON.stringify(require.resolve('../../index.js'))}).ipcRenderer.send('x')`;
    // Whether its links have told of their end by then is chance.
    const workers = Array.from({ length: 8 }, () => storage.run('making', () => new Class(source, { eval: true })));
    await Promise.all(workers.map((worker, i) => new Promise((resolve) => {
      const contents = storage.run('viewing', () => webContents.fromWorker(worker));
      contents.once('destroyed', () => noteIn(seen, 'destroyed'));
      if (i % 2 === 0) worker.on('message', () => {});
      worker.once('exit', () => { noteIn(seen, 'exit'); resolve(); });
    })));
    t.deepEqual(seen.sort(), [...Array(8).fill('destroyed: viewing'), ...Array(8).fill('exit: making')]);
  });
}

test.serial('async hooks see each port, and whether it holds the event loop: who looks for what keeps a program finds it', (t) => {
  const seen = [];
  const hook = createHook({ init: (_id, type, _trigger, resource) => { if (type === 'MESSAGEPORT') seen.push([resource, resource.hasRef()]); } }).enable();
  const { port1, port2 } = new MessageChannelMain();
  hook.disable();
  t.deepEqual(seen.map(([, held]) => held), [false, false], 'while it is made');
  const [[resource], [other]] = seen;
  const holding = () => [resource.hasRef(), other.hasRef()];
  t.deepEqual(holding(), [false, false]);
  port1.on('message', () => {}).start();
  t.deepEqual(holding(), [true, false]);
  port1.unref();
  t.deepEqual(holding(), [false, false]);
  port1.ref();
  port1.close();
  t.deepEqual(holding(), [false, false]);
  port2.close();
});
