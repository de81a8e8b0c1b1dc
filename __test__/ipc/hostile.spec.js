// A child or worker that says on its IPC link what nobody may say loses that link; its parent goes on.
const { once } = require('node:events');
const { Worker, ipcMain, utilityProcess, webContents } = require('../../index.js');
const { test, fixture } = require('../helpers/test.js');

const script = fixture('hostile-ipc.js');
const kinds = {
  child: (...frames) => { const child = utilityProcess.fork(script, frames); return [child, webContents.fromProcess(child)]; },
  worker: (...frames) => { const worker = new Worker(script, { argv: frames }); return [worker, webContents.fromWorker(worker)]; },
};

for (const [kind, begin] of Object.entries(kinds)) {
  for (const frame of [
    "[0, 'c', new Array(4e9)]", "[0, 'c', new Array(1e8)]", "[2, 'c', new Array(4e9), 1]", "[3, 'c', new Array(4e9), 1]",
    "[0, 'c', new Array(60_000).fill(0)]",
  ]) {
    test.serial(`${kind}: ${frame} destroys its WebContents and nothing else`, async (t) => {
      t.timeout(20_000);
      const listener = () => t.fail('nobody hears of it');
      ipcMain.on('c', listener);
      t.teardown(() => ipcMain.off('c', listener));
      const [place, contents] = begin(frame);
      const pending = t.throwsAsync(contents.invoke('x'), { code: 'ERR_IPC_CHANNEL_CLOSED' });
      await once(contents, 'destroyed');
      t.true(contents.isDestroyed());
      await pending;
      const gone = once(place, 'exit');
      place.kill ? place.kill('SIGKILL') : place.terminate();
      await gone;
    });
  }

  for (const frame of ["[4, '', PORT, 99]", "[5, '', PORT, 99]", '[6, PORT, 99]']) {
    test.serial(`${kind}: a port beside ${frame}, which brings none, closes at once`, async (t) => {
      t.timeout(20_000);
      const [place, contents] = begin(frame);
      t.is((await once(contents.ipc, 'closed')).length, 1);
      const gone = once(place, 'exit');
      place.kill ? place.kill('SIGKILL') : place.terminate();
      await gone;
    });
  }

  test.serial(`${kind}: a failure that names the same lists again and again rejects the call that it answers`, async (t) => {
    t.timeout(20_000);
    const again = '[new Array(1000).fill([-1, 0])].map((errors) => new Array(1000).fill({ key: \'k\', value: 1, enumerable: true, errors }))'
      + '.map((properties) => new Array(1000).fill({ type: \'Error\', name: \'Error\', message: \'\', properties }))[0]';
    const [place, contents] = begin(`[5, '', { error: ${again} }, 1]`);
    const before = process.cpuUsage();
    await t.throwsAsync(contents.invoke('x'), { code: 'ERR_MESSAGE_MALFORMED' });
    t.true(process.cpuUsage(before).user < 2_000_000);
    const gone = once(place, 'exit');
    place.kill ? place.kill('SIGKILL') : place.terminate();
    await gone;
  });

  test.serial(`${kind}: a failure without end rejects the call that it answers`, async (t) => {
    t.timeout(20_000);
    const [place, contents] = begin("[5, '', { error: new Array(4e9) }, 1]");
    await t.throwsAsync(contents.invoke('x'), { code: 'ERR_MESSAGE_MALFORMED' });
    const gone = once(place, 'exit');
    place.kill ? place.kill('SIGKILL') : place.terminate();
    await gone;
  });
}

test.serial('remote channels fire no hook of EventEmitter', async (t) => {
  t.timeout(20_000);
  const forged = [];
  const hook = (name) => { if (typeof name !== 'string') forged.push(name); };
  for (const name of ['newListener', 'removeListener']) {
    ipcMain.on(name, hook);
    t.teardown(() => ipcMain.off(name, hook));
  }
  const [place] = kinds.child("[0, 'newListener', ['forged']]", "[1, 'removeListener', 'forged']", "[0, 'after', []]");
  await once(ipcMain, 'after');
  t.deepEqual(forged, []);
  const gone = once(place, 'exit');
  place.kill('SIGKILL');
  await gone;
});
