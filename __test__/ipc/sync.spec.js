// sendSync(): one thread stands still until the other has set event.returnValue.
const { once } = require('node:events');
const { ipcMain } = require('../../index.js');
const { range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { inEach, test, script } = require('../helpers/renderers.js');

inEach('it returns what the listener sets, at once or later', ({ ipcRenderer }) => {
  ipcRenderer.send('got', [ipcRenderer.sendSync('now', 1, 2), ipcRenderer.sendSync('later', { a: 1 })]);
}, async (t, { contents }) => {
  contents.ipc.on('now', (event, a, b) => {
    event.returnValue = a + b;
    event.returnValue = 'too late';
    t.is(event.sender, contents);
  });
  contents.ipc.on('later', async (event, value) => {
    await new Promise(setImmediate);
    event.returnValue = new Map([[1, value]]);
  });
  t.deepEqual((await once(contents.ipc, 'got'))[1], [3, new Map([[1, { a: 1 }]])]);
});

inEach('a thousand in a row, with other traffic between them', ({ ipcRenderer }) => {
  const heard = [];
  ipcRenderer.on('n', (event, n) => {
    heard.push(n);
    if (n === 999) ipcRenderer.send('heard', heard, sums);
  });
  const sums = [];
  for (let i = 0; i < 1000; i++) sums.push(ipcRenderer.sendSync('add', i, 1));
}, async (t, { contents }) => {
  contents.ipc.on('add', (event, a, b) => {
    contents.send('n', a);
    event.returnValue = a + b;
  });
  const [, heard, sums] = await once(contents.ipc, 'heard');
  t.deepEqual(heard, range(1000));
  t.deepEqual(sums, range(1000).map((i) => i + 1));
});

inEach('from within a listener', ({ ipcRenderer }) => {
  const got = [];
  ipcRenderer.on('n', (event, n) => {
    got.push(n, ipcRenderer.sendSync('double', n));
    if (n === 9) ipcRenderer.send('got', got);
  });
}, async (t, { contents }) => {
  contents.ipc.on('double', (event, n) => { event.returnValue = 2 * n; });
  for (const i of range(10)) contents.send('n', i);
  t.deepEqual((await once(contents.ipc, 'got'))[1], range(10).flatMap((i) => [i, 2 * i]));
});

inEach('what has come meanwhile is handed out in order, many in one turn, and what comes later waits behind it', ({ ipcRenderer }) => {
  const got = [];
  let turns = 0;
  const count = () => {
    turns += 1;
    if (got.length < 1000) setImmediate(count);
    else ipcRenderer.send('got', got, turns);
  };
  ipcRenderer.on('n', (event, n) => got.push(n));
  ipcRenderer.sendSync('flood');
  setImmediate(count);
}, async (t, { contents }) => {
  const [event] = await once(contents.ipc, 'flood');
  for (const n of range(900)) contents.send('n', n);
  event.returnValue = true;
  for (const n of range(100)) contents.send('n', 900 + n);
  const [, got, turns] = await once(contents.ipc, 'got');
  t.deepEqual(got, range(1000));
  t.true(turns < 300, `it took ${turns} turns`);
});

inEach('it uses no processor while it waits, whatever else arrives', ({ ipcRenderer, parentPort, MessageChannelMain }) => {
  parentPort?.on('message', () => {});
  const { port1, port2 } = new MessageChannelMain();
  port1.on('message', () => {});
  port1.start();
  ipcRenderer.postMessage('port', null, [port2]);
  const start = process.hrtime.bigint();
  const before = process.cpuUsage();
  ipcRenderer.sendSync('slow');
  const { user, system } = process.cpuUsage(before);
  ipcRenderer.send('used', (user + system) / (Number(process.hrtime.bigint() - start) / 1e3));
}, async (t, { place, contents }) => {
  const [{ ports: [port] }] = await once(contents.ipc, 'port');
  const [event] = await once(contents.ipc, 'slow');
  place.postMessage('something');
  port.postMessage('something else');
  setTimeout(() => { event.returnValue = true; }, 1000);
  const [, share] = await once(contents.ipc, 'used');
  t.true(share < 0.3, `it took ${share} of a processor`);
});

inEach('it throws when nobody listens, and when the value cannot be cloned', ({ ipcRenderer }) => {
  const complaint = (channel) => {
    try {
      return ipcRenderer.sendSync(channel);
    } catch (error) {
      return [error.name, error.code, error.message];
    }
  };
  ipcRenderer.send('complaints', [complaint('nobody'), complaint('function')]);
}, async (t, { contents }) => {
  contents.ipc.on('function', (event) => { event.returnValue = () => 1; });
  t.deepEqual((await once(contents.ipc, 'complaints'))[1], [
    ['Error', 'ERR_NO_HANDLER', "Error invoking remote method 'nobody': Error: No listener registered for 'nobody'"],
    ['DataCloneError', 25, 'An object could not be cloned: () => 1 at result'],
  ]);
});

inEach("ipcMain and 'ipc-message-sync' may answer", ({ ipcRenderer }) => {
  ipcRenderer.send('got', [ipcRenderer.sendSync('main'), ipcRenderer.sendSync('event', 5)]);
}, async (t, { contents }) => {
  ipcMain.on('main', (event) => { event.returnValue = 'from ipcMain'; });
  t.teardown(() => ipcMain.removeAllListeners('main'));
  contents.on('ipc-message-sync', (event, channel, n) => {
    if (channel === 'event') event.returnValue = n + 1;
  });
  t.deepEqual((await once(contents.ipc, 'got'))[1], ['from ipcMain', 6]);
});

inEach('a silent parent ends it after syncTimeout', ({ ipcRenderer }) => {
  const before = ipcRenderer.syncTimeout;
  ipcRenderer.syncTimeout = 200;
  const begin = performance.now();
  try {
    ipcRenderer.sendSync('silence');
  } catch (error) {
    ipcRenderer.send('gave up', before, error.code, performance.now() - begin);
  }
}, async (t, { contents }) => {
  contents.ipc.on('silence', (event) => setTimeout(() => { event.returnValue = 'too late'; }, 1000));
  const [, before, code, waited] = await once(contents.ipc, 'gave up');
  t.is(before, 30_000);
  t.is(code, 'ERR_IPC_TIMEOUT');
  t.true(waited >= 200 && waited < 1000);
});

inEach('it ends though a test has stopped the clock', ({ ipcRenderer }) => {
  performance.now = () => 0;
  ipcRenderer.syncTimeout = 1;
  try {
    ipcRenderer.sendSync('silence');
  } catch (error) {
    ipcRenderer.send('gave up', error.code);
  }
}, async (t, { contents }) => {
  const kept = []; // what is collected is answered
  contents.ipc.on('silence', (event) => { kept.push(event); });
  t.is((await once(contents.ipc, 'gave up'))[1], 'ERR_IPC_TIMEOUT');
  t.is(kept.length, 1);
});

const asks = ({ ipcRenderer }) => {
  try {
    ipcRenderer.sendSync('die');
  } catch (error) {
    require('node:fs').writeSync(1, `${error.code}\n`);
  }
};

test.serial('a child: a dead parent ends it', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { ipcMain, webContents } = require('./index.js');
    ipcMain.on('die', () => process.kill(process.pid, 'SIGKILL'));
    webContents.fromProcess(utilityProcess.fork(${JSON.stringify(script)}, [${JSON.stringify(String(asks))}]));
  `, ['ERR_IPC_CHANNEL_CLOSED'], { killed: true });
});

test.serial("a child: the end of its parent's thread ends it", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    new Worker(\`
      const { ipcMain, webContents, utilityProcess } = require('./index.js');
      ipcMain.on('die', () => process.exit());
      webContents.fromProcess(utilityProcess.fork(process.argv[2], [process.argv[3]]));
    \`, { eval: true, argv: [${JSON.stringify(script)}, ${JSON.stringify(String(asks))}] });
  `, ['ERR_IPC_CHANNEL_CLOSED']);
});

test.serial('a thread that waits for ever can be terminated, also by the end of the process', async (t) => {
  t.timeout(40_000);
  const waiting = `
    const { inspectPorts } = require('./index.js');
    const worker = new Worker(\`
      const { ipcRenderer } = require('./index.js');
      ipcRenderer.syncTimeout = Infinity;
      ipcRenderer.sendSync('nobody hears it');
    \`, { eval: true });
    const waits = ({ thread, face, started }) => thread === worker.threadId && face === 'ipcRenderer' && started;
    const onceItWaits = (then) => setImmediate(inspectPorts().some(waits) ? then : onceItWaits, then);
  `;
  await prints(t, `${waiting} onceItWaits(() => worker.terminate().then(() => console.log('terminated')));`, ['terminated']);
  await prints(t, `${waiting} onceItWaits(() => process.exit());`, []);
});
