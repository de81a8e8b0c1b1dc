// invoke() and handle(), in both directions: results, errors as they were, and no caller that waits for ever.
const { once } = require('node:events');
const { ipcMain, webContents, utilityProcess, MessageChannelMain } = require('../../index.js');
const { range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { inEach, end, script, test } = require('../helpers/renderers.js');

/** Lets the renderer call what it is told, and say how it went; errors come over a handler's rejection. */
const caller = ({ ipcRenderer }) => {
  ipcRenderer.handle('call', (event, ...args) => ipcRenderer.invoke(...args));
};

inEach('the caller gets what the handler returns or resolves to', caller, async (t, { contents }) => {
  contents.ipc.handle('add', (event, a, b) => a + b);
  contents.ipc.handle('later', async (event, value) => new Map([[1, value]]));
  contents.ipc.handle('nothing', () => {});
  t.is(await contents.invoke('call', 'add', 1, 2), 3);
  t.deepEqual(await contents.invoke('call', 'later', { a: 1 }), new Map([[1, { a: 1 }]]));
  t.is(await contents.invoke('call', 'nothing'), undefined);
  t.deepEqual(await Promise.all(range(50).map((i) => contents.invoke('call', 'add', i, 1))), range(50).map((i) => i + 1));
});

inEach('a call takes the first scope that has a handler', caller, async (t, { contents }) => {
  const scopes = { frame: contents.mainFrame.ipc, contents: contents.ipc, main: ipcMain };
  for (const [name, scope] of Object.entries(scopes)) scope.handle('where', () => name);
  t.teardown(() => ipcMain.removeHandler('where'));
  for (const [name, scope] of Object.entries(scopes)) {
    t.is(await contents.invoke('call', 'where'), name);
    scope.removeHandler('where');
  }
});

inEach("the handler's event says who calls", caller, async (t, { contents }) => {
  let given;
  contents.ipc.handle('who', (event) => { given = event; });
  await contents.invoke('call', 'who');
  t.is(given.sender, contents);
  t.is(given.senderFrame, contents.mainFrame);
  t.deepEqual(given.ports, []);
  t.is(typeof given.reply, 'function');
});

inEach('handleOnce() removes itself before it runs', caller, async (t, { contents }) => {
  contents.ipc.handleOnce('once', () => {
    contents.ipc.handleOnce('once', () => 'second');
    return 'first';
  });
  t.is(await contents.invoke('call', 'once'), 'first');
  t.is(await contents.invoke('call', 'once'), 'second');
  await t.throwsAsync(contents.invoke('call', 'once'), { code: 'ERR_NO_HANDLER' });
});

for (const [direction, call] of [
  ['renderer to main', (contents, handler) => {
    contents.ipc.handle('x', handler);
    return contents.invoke('call', 'x');
  }],
  ['main to renderer', (contents, handler) => contents.invoke('run', String(handler))],
]) {
  const both = ({ ipcRenderer }) => {
    ipcRenderer.handle('call', (event, ...args) => ipcRenderer.invoke(...args));
    ipcRenderer.handle('run', (event, source) => new Function(`return (${source});`)()());
  };

  inEach(`${direction}: an error arrives as it was`, both, async (t, { contents }) => {
    const error = await t.throwsAsync(call(contents, async () => {
      const cause = Object.assign(new RangeError('the cause'), { deep: { at: [1] }, again: new Error('inner') });
      const error = new TypeError('the message', { cause });
      error.name = 'ValidationError';
      error.code = 'E_MINE';
      error.field = new Map([['a', 1]]);
      error.stack = 'my own stack';
      throw error;
    }), { instanceOf: TypeError });
    t.is(error.message, 'the message');
    t.is(error.name, 'ValidationError');
    t.is(error.code, 'E_MINE');
    t.deepEqual(error.field, new Map([['a', 1]]));
    t.is(error.stack, 'my own stack');
    t.true(error.cause instanceof RangeError);
    t.is(error.cause.message, 'the cause');
    t.deepEqual(error.cause.deep, { at: [1] });
    t.is(error.cause.again.message, 'inner');
    t.deepEqual(Object.keys(error).filter((key) => key !== 'name'), ['code', 'field']);
  });

  inEach(`${direction}: an AggregateError, a DOMException, a cycle`, both, async (t, { contents }) => {
    const aggregate = await t.throwsAsync(call(contents, () => {
      const inner = Object.assign(new SyntaxError('one'), { n: 1 });
      const error = new AggregateError([inner, 'two'], 'several');
      inner.outer = error;
      throw error;
    }));
    t.is(aggregate.name, 'AggregateError');
    t.is(aggregate.errors[0].n, 1);
    t.is(aggregate.errors[0].outer, aggregate);
    t.is(aggregate.errors[1], 'two');
    contents.ipc.removeHandler('x');
    const aborted = await t.throwsAsync(call(contents, () => { throw new DOMException('stopped', 'AbortError'); }), { any: true });
    t.true(aborted instanceof DOMException);
    t.is(aborted.name, 'AbortError');
    t.is(aborted.code, 20);
  });

  inEach(`${direction}: what of an error cannot be cloned stays behind`, both, async (t, { contents }) => {
    const error = await t.throwsAsync(call(contents, () => {
      throw Object.assign(new Error('kept'), { f() {}, kept: 1, symbol: Symbol('s') });
    }));
    t.is(error.message, 'kept');
    t.is(error.kept, 1);
    t.false('f' in error);
  });

  inEach(`${direction}: something thrown that is no error`, both, async (t, { contents }) => {
    await t.throwsAsync(call(contents, () => Promise.reject('text')), { message: 'text', code: 'ERR_HANDLER_FAILED' });
    contents.ipc.removeHandler('x');
    await t.throwsAsync(call(contents, () => Promise.reject(undefined)), { message: 'undefined' });
    contents.ipc.removeHandler('x');
    const error = await t.throwsAsync(call(contents, () => Promise.reject({ a: [1] })));
    t.deepEqual(error.cause, { a: [1] });
    contents.ipc.removeHandler('x');
    await t.throwsAsync(call(contents, () => Promise.reject({ f() {} })), { message: '[object Object]' });
  });

  inEach(`${direction}: a result that cannot be cloned rejects`, both, async (t, { contents }) => {
    const error = await t.throwsAsync(call(contents, () => ({ deep: [() => 1] })), { any: true, name: 'DataCloneError' });
    t.is(error.message, 'An object could not be cloned: () => 1 at result.deep[0]');
  });
}

inEach("nobody answers: the caller's promise rejects", caller, async (t, { contents }) => {
  await t.throwsAsync(contents.invoke('call', 'x'), {
    message: "Error invoking remote method 'x': Error: No handler registered for 'x'", code: 'ERR_NO_HANDLER',
  });
  await t.throwsAsync(contents.invoke('y'), {
    message: "Error invoking remote method 'y': Error: No handler registered for 'y'", code: 'ERR_NO_HANDLER',
  });
});

inEach('a call with what cannot be cloned rejects', caller, async (t, { contents }) => {
  const { port1, port2 } = new MessageChannelMain();
  await t.throwsAsync(contents.invoke('call', port1), { any: true, name: 'DataCloneError', message: /^An object could not be cloned/ });
  await t.throwsAsync(contents.invoke('call', { f() {} }), { any: true, message: 'An object could not be cloned: f() {} at args[0].f' });
  await t.throwsAsync(contents.invoke(1), { instanceOf: TypeError });
  await t.throwsAsync(contents.invoke('call', 1), { instanceOf: TypeError });
  t.false(port1.closed);
  port1.close();
  port2.close();
});

inEach('if the other side dies, the call rejects', ({ ipcRenderer }) => {
  ipcRenderer.handle('die', () => process.exit());
  ipcRenderer.handle('sleep', () => new Promise(() => {}));
}, async (t, { contents, gone }) => {
  const asleep = t.throwsAsync(contents.invoke('sleep'), { code: 'ERR_IPC_CHANNEL_CLOSED' });
  await t.throwsAsync(contents.invoke('die'), { code: 'ERR_IPC_CHANNEL_CLOSED' });
  await asleep;
  await gone;
  await t.throwsAsync(contents.invoke('die'), { message: 'Object has been destroyed' });
});

test('handle() refuses', (t) => {
  t.teardown(() => ipcMain.removeHandler('x'));
  for (const handle of ['handle', 'handleOnce']) {
    t.throws(() => ipcMain[handle]('x'), {
      instanceOf: TypeError, message: "Expected handler to be a function, but found type 'undefined'",
    });
    t.throws(() => ipcMain[handle](5, () => {}), { instanceOf: TypeError });
  }
  ipcMain.handle('x', () => {});
  for (const handle of ['handle', 'handleOnce']) {
    t.throws(() => ipcMain[handle]('x', () => {}), { message: "Attempted to register a second handler for 'x'" });
  }
  ipcMain.removeHandler('x');
  t.notThrows(() => ipcMain.removeHandler('x'));
  t.notThrows(() => ipcMain.handle('x', () => {}));
});

for (const [kind, begin] of [
  ['a worker', `webContents.fromWorker(new Worker(script, { argv: [source] }))`],
  ['a child', `webContents.fromProcess(utilityProcess.fork(script, [source]))`],
]) {
  test.serial(`${kind}: a handler whose promise is collected: reply was never sent`, async (t) => {
    t.timeout(20_000);
    const renderer = ({ ipcRenderer }) => {
      ipcRenderer.invoke('forget').catch((error) => console.log(error.code, error.message));
    };
    await prints(t, `
      const { ipcMain, webContents } = require('./index.js');
      const script = ${JSON.stringify(script)};
      const source = ${JSON.stringify(String(renderer))};
      ipcMain.handle('forget', () => {
        const collecting = setInterval(() => gc(), 10);
        contents.on('destroyed', () => clearInterval(collecting));
        return new Promise(() => {});
      });
      const contents = ${begin};
    `, ["ERR_REPLY_NEVER_SENT Error invoking remote method 'forget': reply was never sent"], { node: ['--expose-gc'] });
  });
}

test.serial("a pending call holds the caller's event loop", async (t) => {
  t.timeout(20_000);
  const renderer = ({ ipcRenderer }) => { ipcRenderer.invoke('later').then((answer) => ipcRenderer.send('got', answer)); };
  const child = utilityProcess.fork(script, [String(renderer)]);
  t.teardown(() => end(child));
  const contents = webContents.fromProcess(child);
  contents.ipc.handle('later', () => new Promise((resolve) => setTimeout(resolve, 300, 'answer')));
  t.is((await once(contents.ipc, 'got'))[1], 'answer');
  await once(child, 'exit');
});

/** It is cloned in little space, and takes more than a reader spends on it. */
const tooMuch = () => Array.from({ length: 7000 }, () => ({ 1023: 1 }));

inEach('what cannot be read where it arrives is an error of its call, and no other one', ({ ipcRenderer }) => {
  const much = () => Array.from({ length: 7000 }, () => ({ 1023: 1 }));
  const codeOf = (promise) => promise.then(() => 'none', ({ code }) => code);
  ipcRenderer.handle('echo', (event, value) => value);
  ipcRenderer.handle('much', () => much());
  ipcRenderer.handle('thrown', () => { throw Object.assign(new Error('much'), { much: much() }); });
  ipcRenderer.handle('ask', async () => [await codeOf(ipcRenderer.invoke('much')), await codeOf(ipcRenderer.invoke('echo', much()))]);
  ipcRenderer.handle('sync', () => {
    const codes = [];
    for (const [channel, ...args] of [['much-sync'], ['echo-sync', much()], ['echo-sync', 'fine']]) {
      try {
        codes.push(ipcRenderer.sendSync(channel, ...args));
      } catch ({ code }) {
        codes.push(code);
      }
    }
    return codes;
  });
}, async (t, { contents }) => {
  t.timeout(120_000);
  contents.ipc.handle('much', () => tooMuch());
  contents.ipc.handle('echo', (event, value) => value);
  contents.ipc.on('much-sync', (event) => { event.returnValue = tooMuch(); });
  contents.ipc.on('echo-sync', (event, value) => { event.returnValue = value; });
  const codeOf = (promise) => promise.then(() => 'none', ({ code }) => code);
  const calls = [contents.invoke('echo', 1), codeOf(contents.invoke('echo', tooMuch())), contents.invoke('echo', 2), codeOf(contents.invoke('much')), codeOf(contents.invoke('thrown')), contents.invoke('echo', 3)];
  t.deepEqual(await Promise.all(calls), [1, 'ERR_MESSAGE_MALFORMED', 2, 'ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED', 3]);
  t.deepEqual(await contents.invoke('ask'), ['ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED']);
  t.deepEqual(await contents.invoke('sync'), ['ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED', 'fine']);
  const warned = once(process, 'warning');
  contents.send('nobody', tooMuch());
  t.is((await warned)[0].code, 'MESSAGE_PORT_LOST');
  t.is(await contents.invoke('echo', 4), 4);
});

inEach('whatever is thrown, the caller is answered, and no trap runs', caller, async (t, { contents }) => {
  let trapped = 0;
  const evil = () => Object.create(new Proxy({}, { getPrototypeOf() { trapped += 1; throw new Error('trap'); } }));
  contents.ipc.handle('throws', () => { throw evil(); });
  contents.ipc.handle('has', () => { throw Object.assign(new Error('mine'), { evil: evil(), code: 'E_MINE' }); });
  t.is((await t.throwsAsync(() => contents.invoke('call', 'throws'), { any: true })).code, 'ERR_HANDLER_FAILED');
  const { message, code } = await t.throwsAsync(() => contents.invoke('call', 'has'), { any: true });
  t.deepEqual([message.includes('mine'), code], [true, 'E_MINE']);
  t.is(trapped, 0);
});
