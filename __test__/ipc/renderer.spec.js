// What a renderer is sent: how it hears it, what is kept for it and until when, what holds its event loop.
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { MessageChannelMain, Worker, utilityProcess, webContents } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader, range } = require('../helpers/reader.js');
const { inEach, fromPlace, kinds, end, script, test, fixture } = require('../helpers/renderers.js');

const loading = (name) => fixture(`loading/${name}`);

inEach('what it is sent arrives in order, from the contents and from their frame', ({ ipcRenderer }) => {
  const got = [];
  ipcRenderer.on('n', (event, n) => got.push([n, event.sender === ipcRenderer, event.ports.length]));
  ipcRenderer.on('end', () => ipcRenderer.send('got', got));
}, async (t, { contents }) => {
  for (const i of range(100)) (i % 2 ? contents : contents.mainFrame).send('n', i);
  contents.send('end');
  t.deepEqual((await once(contents.ipc, 'got'))[1], range(100).map((i) => [i, true, 0]));
});

inEach('postMessage() hands ports over, which arrive with the face of the web', ({ ipcRenderer, MessagePort }) => {
  ipcRenderer.on('port', ({ ports: [port] }, message) => {
    port.postMessage([port instanceof MessagePort, message.port === port]);
    port.onmessage = ({ data }) => port.postMessage(data);
  });
}, async (t, { contents }) => {
  const { port1, port2 } = new MessageChannelMain();
  contents.postMessage('port', { port: port2 }, [port2]);
  const reader = new Reader(port1);
  t.deepEqual(await reader.next(), [true, true]);
  port1.postMessage('echo');
  t.is(await reader.next(), 'echo');
  port1.close();
});

for (const name of ['listens-at-once.cjs', 'listens-after-await.mjs', 'awaits-a-message.mjs']) {
  inEach(`what is sent before it has loaded is kept: ${name}`, loading(name), async (t, { contents }) => {
    const got = [];
    contents.ipc.on('heard', (event, n) => got.push(n));
    const call = contents.invoke('y');
    for (const i of range(3)) contents.send('x', i);
    t.is(await call, 'answered');
    while (got.length < 3) await once(contents.ipc, 'heard');
    t.deepEqual(got, [0, 1, 2]);
  });
}

inEach('what comes while kept messages are handed out waits behind them, on any channel', loading('listens-little-by-little.mjs'), async (t, { contents }) => {
  for (const i of range(200)) contents.send('late', i);
  contents.send('listen');
  await once(contents.ipc, 'listens');
  for (const i of range(200)) contents.send(i % 2 ? 'late' : 'early', 200 + i);
  contents.send('last');
  t.deepEqual((await once(contents.ipc, 'got'))[1], range(400));
});

for (const name of ['listens-too-late.cjs', 'listens-too-late.mjs']) {
  inEach(`what nobody listens to is dropped once it has loaded, and its ports close: ${name}`, loading(name), async (t, { contents }) => {
    const { port1, port2 } = new MessageChannelMain();
    contents.ipc.on('heard', (event, n) => t.is(n, 'in time'));
    contents.send('x', 'lost');
    contents.postMessage('x', 'lost too', [port2]);
    await Promise.all([once(port1, 'close'), t.throwsAsync(contents.invoke('x'), { code: 'ERR_NO_HANDLER' })]);
    contents.send('late');
    await once(contents.ipc, 'listens');
    contents.send('x', 'in time');
    await once(contents.ipc, 'heard');
  });
}

test.serial('a child that never loads the package drops what it is sent, too', async (t) => {
  t.timeout(20_000);
  const child = utilityProcess.fork(loading('never-loads-us.cjs'));
  t.teardown(() => end(child));
  const contents = webContents.fromProcess(child);
  const { port1, port2 } = new MessageChannelMain();
  contents.postMessage('x', null, [port2]);
  await once(port1, 'close');
  await t.throwsAsync(contents.invoke('x'), { code: 'ERR_NO_HANDLER' });
});

test.serial('where the end of loading cannot be known, listening is taken for it', async (t) => {
  t.timeout(20_000);
  const preload = `data:text/javascript,${encodeURIComponent('await new Promise((resolve) => setTimeout(resolve, 100));')}`;
  const child = utilityProcess.fork(loading('listens-after-await.mjs'), [], { execArgv: ['--import', preload] });
  t.teardown(() => end(child));
  const contents = webContents.fromProcess(child);
  const { port1, port2 } = new MessageChannelMain();
  contents.postMessage('nobody', null, [port2]);
  contents.send('x', 1);
  const [[, n]] = await Promise.all([once(contents.ipc, 'heard'), once(port1, 'close')]);
  t.is(n, 1);
});

for (const [kind, { Worker }] of Object.entries({ 'a worker': require('../../index.js'), "Node's worker": require('node:worker_threads') })) {
  test.serial(`${kind}: with a preload that loads us its script is known, and its argument is left alone`, async (t) => {
    t.timeout(20_000);
    const worker = new Worker(loading('listens-after-await.mjs'), {
      argv: [loading('is-an-argument.mjs')],
      execArgv: ['--require', loading('listens-to-another.cjs')],
    });
    t.teardown(() => worker.terminate());
    const contents = webContents.fromWorker(worker);
    contents.ipc.on('evaluated', () => t.fail());
    contents.send('x', 1);
    t.is((await once(contents.ipc, 'heard'))[1], 1);
  });
}

test.serial('in a worker of ours that is made from a data: URL its argument is left alone, too', async (t) => {
  t.timeout(20_000);
  const again = `${pathToFileURL(loading('is-an-argument.mjs')).href}?again`;
  const text = `
    import ours from ${JSON.stringify(pathToFileURL(require.resolve('../../index.js')).href)};
    ours.ipcRenderer.on('x', async () => {
      await import(${JSON.stringify(again)}); // who has begun with that itself, turns ago, is done by then
      ours.ipcRenderer.send('heard');
    });
    ours.ipcRenderer.send('listens');`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(text)}`), { argv: [loading('is-an-argument.mjs')] });
  t.teardown(() => worker.terminate());
  const contents = webContents.fromWorker(worker);
  const told = [];
  for (const name of ['listens', 'evaluated', 'heard']) contents.ipc.on(name, () => told.push(name));
  await once(contents.ipc, 'listens');
  contents.send('x');
  await once(contents.ipc, 'heard');
  t.deepEqual(told, ['listens', 'evaluated', 'heard']);
});

test.serial('what is sent to a text that is an ES module is kept while it awaits', async (t) => {
  t.timeout(20_000);
  const text = fs.readFileSync(loading('listens-after-await.mjs'), 'utf8')
    .replace("'../../../index.js'", JSON.stringify(pathToFileURL(require.resolve('../../index.js'))));
  const worker = new Worker(text, { eval: true });
  t.teardown(() => worker.terminate());
  const contents = webContents.fromWorker(worker);
  contents.send('x', 1);
  const [[, n], answer] = await Promise.all([once(contents.ipc, 'heard'), contents.invoke('y')]);
  t.deepEqual([n, answer], [1, 'answered']);
});

test.serial('nothing is kept for a text that is CommonJS once it has been evaluated', async (t) => {
  t.timeout(20_000);
  const worker = new Worker(`require(${JSON.stringify(require.resolve('../../index.js'))}); setTimeout(() => {}, 10_000);`, { eval: true });
  t.teardown(() => worker.terminate());
  await t.throwsAsync(webContents.fromWorker(worker).invoke('y'), { code: 'ERR_NO_HANDLER' });
});

for (const flag of ['--preserve-symlinks', '--preserve-symlinks-main']) {
  test.serial(`a script that goes by another name with ${flag} runs once`, async (t) => {
    t.timeout(20_000);
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'renderer-')));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    fs.writeFileSync(path.join(folder, 'script.mjs'), `
      import { ipcRenderer } from ${JSON.stringify(pathToFileURL(require.resolve('../../index.js')))};
      ipcRenderer.send('evaluated');
      await new Promise((resolve) => ipcRenderer.once('go on', resolve));
    `);
    fs.symlinkSync('script.mjs', path.join(folder, 'link.mjs'));
    const child = utilityProcess.fork(path.join(folder, 'link.mjs'), [], { execArgv: [flag] });
    t.teardown(() => end(child));
    const contents = webContents.fromProcess(child);
    let evaluated = 0;
    contents.ipc.on('evaluated', () => { evaluated += 1; });
    contents.send('go on');
    await once(child, 'exit');
    t.is(evaluated, 1);
  });
}

for (const [kind, begin] of Object.entries(kinds)) {
  test.serial(`${kind}: it exits by itself when it neither listens nor waits`, async (t) => {
    t.timeout(20_000);
    const place = begin(script, [String(({ ipcRenderer }) => {
      const listener = () => {};
      ipcRenderer.on('x', listener).off('x', listener);
      ipcRenderer.handle('x', listener);
      ipcRenderer.removeHandler('x');
      ipcRenderer.send('last words');
    })]);
    const contents = fromPlace(place);
    const words = once(contents.ipc, 'last words');
    t.is((await once(place, 'exit'))[0], 0);
    await words;
  });
}

for (const [what, hold] of [
  ['a listener', ({ ipcRenderer }) => { ipcRenderer.once('go', () => {}); }],
  ['a handler', ({ ipcRenderer }) => { ipcRenderer.handleOnce('go', () => {}); }],
]) {
  inEach(`${what} holds its event loop until it goes`, hold, async (t, { place, contents, gone }) => {
    let ended = false;
    gone.then(() => { ended = true; });
    await t.throwsAsync(contents.invoke('not there'), { code: 'ERR_NO_HANDLER' }); // so it has loaded, and stayed
    t.false(ended);
    await (what === 'a listener' ? contents.send('go') : contents.invoke('go'));
    t.is((await gone)[0], 0);
    t.truthy(place);
  });
}

inEach('removeAllListeners() and once() are heard of, too', ({ ipcRenderer }) => {
  ipcRenderer.once('x', () => {});
  ipcRenderer.on('y', () => {});
  ipcRenderer.prependListener('z', () => ipcRenderer.removeAllListeners());
}, async (t, { contents, gone }) => {
  contents.send('x');
  contents.send('z');
  t.is((await gone)[0], 0);
});

test('once the parent is gone nothing is checked, sent or handed over', async (t) => {
  t.timeout(20_000);
  const renderer = ({ ipcRenderer, parentPort, MessageChannelMain }) => {
    const { port1 } = new MessageChannelMain();
    ipcRenderer.invoke('nobody answers').catch(({ code }) => {
      ipcRenderer.send('x', () => {});
      ipcRenderer.postMessage('x', () => {});
      ipcRenderer.postMessage('x', () => {}, [port1]);
      ipcRenderer.postMessage('x', port1, [port1]);
      ipcRenderer.postMessage('x', 0, 'no list');
      console.log(code, port1.closed);
    });
    parentPort.postMessage('begun');
  };
  await prints(t, `
    const child = utilityProcess.fork(${JSON.stringify(script)}, [${JSON.stringify(String(renderer))}]);
    child.once('message', () => process.kill(process.pid, 'SIGKILL'));
  `, ['ERR_IPC_CHANNEL_CLOSED false'], { killed: true });
});
