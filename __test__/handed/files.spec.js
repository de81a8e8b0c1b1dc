// A FileHandle goes as the open file that it is, a Blob of a file as that file: by their descriptors, in every placement.
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const vm = require('node:vm');
const { FileDescriptor, MessageChannel, MessageChannelMain, Worker, receiveMessageOnPort, utilityProcess } = require('../../index.js');
const { forget, temporary, until } = require('../helpers/connections.js');
const { Reader } = require('../helpers/reader.js');
const { fixture } = require('../helpers/test.js');
const { test, scenario } = require('../helpers/scenario.js');

function fileWith(content) {
  const file = temporary('file');
  fs.writeFileSync(file, content);
  return file;
}

/** Whether this number is that file. A number that was closed may be another thread's by now. */
function isOpenAs(fd, file) {
  try {
    return fs.fstatSync(fd).ino === fs.statSync(file).ino;
  } catch (error) {
    assert.equal(error.code, 'EBADF');
    return false;
  }
}

scenario('a FileHandle keeps its place in the file, and closes where it was', {
  async left({ port, road }) {
    const file = fileWith('0123456789');
    const handle = await fs.promises.open(file, 'r+');
    await handle.read(Buffer.alloc(4));
    const { fd } = handle;
    assert(isOpenAs(fd, file));
    port.postMessage({ handle }, [handle]);
    assert.equal(handle.fd, -1);
    assert(!isOpenAs(fd, file));
    await handle.close(); // nothing happens
    assert.equal(await new Reader(road).next(), 'done');
    assert.equal(fs.readFileSync(file, 'utf8'), '01234567xx');
    forget(file);
  },
  async right({ port, road }) {
    const { handle } = await new Reader(port).next();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4));
    assert.equal(buffer.toString('latin1', 0, bytesRead), '4567');
    await handle.write('xx');
    const own = await fs.promises.open('/dev/null');
    assert.equal(Object.getPrototypeOf(handle), Object.getPrototypeOf(own));
    await own.close();
    await handle.close();
    road.postMessage('done');
  },
});

const { port1: here, port2: there } = new MessageChannelMain();

/** A message that has been there and back. */
function arrived(message, transfer) {
  here.postMessage(message, transfer);
  return receiveMessageOnPort(there).message;
}

test('a FileHandle that has something else where Node takes it apart leaves all the same', async (t) => {
  const file = fileWith('abc');
  t.teardown(() => forget(file));
  const handle = await fs.promises.open(file);
  const { fd } = handle;
  const symbol = Object.getOwnPropertySymbols(Object.getPrototypeOf(handle)).find(({ description }) => description === 'messaging_transfer_symbol');
  handle[symbol] = () => ({ data: 'nothing', deserializeInfo: 'nowhere:Nobody' });
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(handle, [handle]);
  t.is(handle.fd, -1);
  t.false(isOpenAs(fd, file));
  const { message } = receiveMessageOnPort(port2);
  t.is(await message.readFile('utf8'), 'abc');
  await message.close();
  port1.close();
});

test('a FileHandle that is used or closed says so, and nothing has changed', async (t) => {
  const web = new MessageChannel();
  const file = fileWith('lines of a file\n');
  t.teardown(() => { web.port1.close(); forget(file); });
  const [closed, used, streamed, closing] = await Promise.all(Array.from({ length: 4 }, () => fs.promises.open(file)));
  await closed.close();
  const read = used.read(Buffer.alloc(4));
  const stream = streamed.createReadStream();
  const lastRead = closing.read(Buffer.alloc(1));
  const close = closing.close();
  for (const [handle, reason] of [[closed, /is closed/], [used, /is in use/], [streamed, /is in use/], [closing, /is in use/]]) {
    for (const port of [here, web.port1]) {
      const error = t.throws(() => port.postMessage(handle, [handle]), { any: true, name: 'DataCloneError' });
      t.regex(error.message, /^FileHandle at index 0 /);
      t.regex(error.message, reason);
    }
  }
  t.throws(() => here.postMessage({ used }), { any: true, name: 'DataCloneError', message: /listed/ });
  await Promise.all([read, lastRead, close]);
  const again = arrived(used, [used]);
  t.is((await again.readFile('utf8')), 's of a file\n');
  await again.close();
  stream.destroy();
  await once(stream, 'close');
});

test('a FileHandle that nobody takes is closed', async (t) => {
  const file = fileWith('x');
  t.teardown(() => forget(file));
  const handle = await fs.promises.open(file);
  t.is(arrived('nothing of it', [handle]), 'nothing of it');
  t.is(handle.fd, -1);
  const { port1, port2 } = new MessageChannelMain();
  const other = await fs.promises.open(file);
  port1.postMessage(other, [other]);
  port2.close();
  t.is(other.fd, -1);
}); // and the guard of descriptors looks whether they are

test("a program's own class with a handle is no FileHandle", (t) => {
  class Own extends require('node:events').EventEmitter {
    close = 'own';
    [Symbol('kHandle')] = { fd: 1 };
    [Symbol('state symbol')] = { handle: {} };
  }
  const own = new Own();
  t.is(arrived(own).close, 'own');
  t.throws(() => here.postMessage(own, [own]), { instanceOf: TypeError });
});

scenario('a Blob of a file is the file itself, which its name may have lost since', {
  async left({ port, road }) {
    const content = 'lines of a file\n'.repeat(20_000);
    const file = fileWith(content);
    const blob = await fs.openAsBlob(file, { type: 'text/plain' });
    const between = new MessageChannelMain();
    between.port1.postMessage({ blob, again: blob, content });
    port.postMessage('moves on', [between.port2]);
    fs.rmSync(file);
    assert.equal(await new Reader(road).next(), 'read');
    forget(file);
    between.port1.close();
  },
  async right({ port, road }) {
    const { ports: [between] } = await new Reader(port).event();
    const { blob, again, content } = await new Reader(between).next();
    assert.equal(blob, again);
    assert(blob instanceof Blob);
    assert.deepEqual([blob.size, blob.type, await blob.text()], [content.length, 'text/plain', content]);
    const part = blob.slice(6, 16, 'text/part');
    assert.deepEqual([part.size, part.type, await part.text()], [10, 'text/part', content.slice(6, 16)]);
    assert.equal(await part.slice(-4).text(), content.slice(12, 16));
    assert.equal(await new Blob(['<', blob.slice(0, 5), '>']).text(), '<lines>');
    let streamed = 0;
    for await (const bytes of blob.stream()) streamed += bytes.length;
    assert.equal(streamed, content.length);
    between.close();
    road.postMessage('read');
  },
});

test('a Blob of a file goes on from where it has arrived, and by no content', async (t) => {
  t.timeout(20_000);
  const file = temporary('large');
  t.teardown(() => forget(file));
  const size = 3 * 2 ** 30; // more than any message holds
  fs.closeSync(fs.openSync(file, 'w'));
  fs.truncateSync(file, size);
  const blob = arrived(arrived(await fs.openAsBlob(file)));
  t.is(blob.size, size);
  const child = utilityProcess.fork(fixture('port-echo.js'));
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  port1.postMessage([blob, 'two', blob]);
  const [back, two, same] = await new Reader(port1).next();
  t.is(back.size, size);
  t.is(same, back);
  t.is(two, 'two');
  t.deepEqual(Buffer.from(await back.slice(size - 4).arrayBuffer()), Buffer.alloc(4));
  port1.close();
  await once(child, 'exit');
});

test('a Blob of a file beside others of the list: each is itself', async (t) => {
  const file = fileWith('of a file');
  t.teardown(() => forget(file));
  const [blob, handle] = [await fs.openAsBlob(file), await fs.promises.open(file)];
  const descriptor = new FileDescriptor(fs.openSync(file));
  const { port1, port2 } = new MessageChannelMain();
  const stream = new Blob(['of a stream']).stream();
  const message = arrived({ blob, handle, descriptor, port: port1, stream, other: [new Blob(['of memory'])] }, [
    handle, stream, port1, descriptor,
  ]);
  t.is(await message.blob.text(), 'of a file');
  t.is(await message.handle.readFile('utf8'), 'of a file');
  t.is(fs.readFileSync(message.descriptor.fd, 'utf8'), 'of a file');
  t.is(await new Response(message.stream).text(), 'of a stream');
  t.deepEqual(await Promise.all(message.other.map((each) => each.text())), ['of memory']);
  await message.handle.close();
  message.descriptor.close();
  message.port.close();
  port2.close();
});

test('a file that changes on the way arrives, and cannot be read', async (t) => {
  const file = fileWith('as it was');
  t.teardown(() => forget(file));
  const blob = await fs.openAsBlob(file);
  here.postMessage({ blob });
  fs.writeFileSync(file, 'and after');
  fs.utimesSync(file, new Date(), new Date(Date.now() + 5000));
  const { blob: changed } = receiveMessageOnPort(there).message;
  t.is(changed.size, 9);
  await t.throwsAsync(changed.text(), { any: true, name: 'NotReadableError' });
  const now = arrived(await fs.openAsBlob(file));
  fs.writeFileSync(file, 'and then again');
  await t.throwsAsync(now.text(), { any: true, name: 'NotReadableError' });
});

test('a slice and a stream of a Blob hold its file, and nothing else does', async (t) => {
  const file = fileWith('lines of a file');
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  const open = () => fs.readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`).startsWith(file);
    } catch {
      return false;
    }
  }).length;
  const made = await fs.openAsBlob(file);
  const kept = ((blob) => [blob.slice(9).slice(2), blob.stream()])(arrived(made));
  forget(file);
  for (let i = 0; i < 20; i++) { gc(); await new Promise(setImmediate); }
  t.is(open(), 1);
  t.is(await kept[0].text(), 'file');
  t.is(await new Response(kept[1]).text(), 'lines of a file');
  kept.length = 0;
  await until(() => { gc(); return open() === 0; });
  t.is(open(), 0);
});

test('a Blob of a message that could not be read takes nothing along when it is collected', async (t) => {
  const [lost, file] = [fileWith('of no use'), fileWith('lines of a file')];
  t.teardown(() => { forget(lost); forget(file); });
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  const child = utilityProcess.fork(fixture('port-echo.js'));
  const { port1: road, port2 } = new MessageChannelMain();
  child.postMessage(null, [port2]);
  const { port1, port2: unread } = new MessageChannelMain();
  port1.postMessage({ blob: await fs.openAsBlob(lost), memory: new SharedArrayBuffer(8) });
  road.postMessage(null, [unread]); // where the memory cannot go
  const { ports: [back] } = await new Reader(road).event();
  await t.throwsAsync(new Reader(back).next(), { message: /shared memory that is not there/ });
  const blob = arrived(await fs.openAsBlob(file));
  for (let i = 0; i < 20; i++) { gc(); await new Promise(setImmediate); }
  t.is(await blob.text(), 'lines of a file');
  back.close();
  road.close();
  await once(child, 'exit');
});

test('a thread that is terminated closes what it had: Blobs of files, FileDescriptors and FileHandles', async (t) => {
  t.timeout(20_000);
  const open = () => fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  }).filter((name) => name === file);
  const file = fileWith('x');
  t.teardown(() => forget(file));
  const worker = new Worker(`
    const { parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
    parentPort.once('message', ({ data }) => { globalThis.kept = data; parentPort.postMessage('kept'); setInterval(() => {}, 1000); });
  `, { eval: true });
  const [handle, blob] = [await fs.promises.open(file), await fs.openAsBlob(file)];
  const descriptor = new FileDescriptor(fs.openSync(file));
  worker.postMessage({ handle, blob, descriptor }, [handle, descriptor]);
  await once(worker, 'message');
  t.true(open().length >= 3);
  await worker.terminate();
  await until(() => open().length === 0);
  t.deepEqual(open(), []);
});

/** A FileDescriptor whose number is another file's by now. Another thread may take the number first: then once more. */
function overtaken(file) {
  for (;;) {
    const descriptor = new FileDescriptor(fs.openSync(file));
    const { fd } = descriptor;
    fs.closeSync(fd);
    // The lowest number that is free is given first; there may be lower ones.
    const strangers = [fs.openSync('/dev/zero')];
    while (strangers.at(-1) < fd) strangers.push(fs.openSync('/dev/zero'));
    const closeStrangers = () => strangers.forEach((stranger) => fs.closeSync(stranger));
    if (strangers.at(-1) === fd) return { descriptor, closeStrangers };
    descriptor.release();
    closeStrangers();
  }
}

test('a FileDescriptor whose number is another file by now is refused, and closes nothing', (t) => {
  t.timeout(20_000);
  const file = fileWith('x');
  t.teardown(() => forget(file));
  const { descriptor, closeStrangers } = overtaken(file);
  t.teardown(closeStrangers);
  const { fd } = descriptor;
  const error = t.throws(() => here.postMessage(descriptor, [descriptor]), { any: true, name: 'DataCloneError' });
  t.regex(error.message, /^FileDescriptor at index 0 has a descriptor that is not open any more/);
  descriptor.close();
  t.is(descriptor.fd, -1);
  t.true(fs.fstatSync(fd).isCharacterDevice());
});

for (const [title, how] of [
  ['closed', 'descriptor.close(); went();'],
  ['handed over', `const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(descriptor, [descriptor]);
    receiveMessageOnPort(port2).message.close(); // which Node has not opened, and nothing is warned of
    port1.close();
    went();`],
  ['collected', 'descriptor = null; (function round() { collect(); if (isOpen()) setImmediate(round); else went(); })();'],
]) {
  test.serial(`what has the number of a FileDescriptor that was ${title} in a thread is not closed with the thread`, async (t) => {
    t.timeout(20_000);
    const worker = new Worker(`
      const fs = require('node:fs');
      require('node:v8').setFlagsFromString('--expose-gc');
      const collect = require('node:vm').runInNewContext('gc');
      const { FileDescriptor, MessageChannelMain, parentPort, receiveMessageOnPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
      process.on('warning', ({ message }) => parentPort.postMessage(message));
      let descriptor = new FileDescriptor(fs.openSync(${JSON.stringify(__filename)}));
      const { fd } = descriptor;
      const isOpen = () => { try { return fs.readlinkSync("/proc/self/fd/" + fd) === ${JSON.stringify(__filename)}; } catch { return false; } };
      const went = () => setImmediate(() => parentPort.postMessage(fd));
      setInterval(() => {}, 1000);
      ${how}
    `, { eval: true });
    const [fd] = await once(worker, 'message');
    t.is(typeof fd, 'number');
    // The lowest number that is free is given first; there may be lower ones.
    const strangers = [fs.openSync('/dev/zero')];
    while (strangers.at(-1) < fd) strangers.push(fs.openSync('/dev/zero'));
    t.teardown(() => strangers.forEach((stranger) => fs.closeSync(stranger)));
    await worker.terminate();
    for (const stranger of strangers) t.notThrows(() => fs.fstatSync(stranger));
  });
}

test.serial('no file is closed that is opened while a thread ends which has FileDescriptors', async (t) => {
  t.timeout(30_000);
  for (let round = 0; round < 5; round++) {
    const last = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(`
      const { FileDescriptor, workerData } = require(${JSON.stringify(require.resolve('../../index.js'))});
      const { openSync } = require('node:fs');
      globalThis.kept = Array.from({ length: 200 }, () => new FileDescriptor(openSync(${JSON.stringify(__filename)})));
      Atomics.store(workerData, 0, Math.max(...kept.map(({ fd }) => fd)));
    `, { eval: true, workerData: last });
    const exit = once(worker, 'exit');
    await until(() => Atomics.load(last, 0) > 0);
    // While the thread closes its own, this one takes every number that becomes free.
    const strangers = [];
    for (const ends = performance.now() + 2000; strangers.length < 200 && performance.now() < ends;) {
      const fd = fs.openSync('/dev/zero');
      if (fd <= Atomics.load(last, 0)) strangers.push(fd);
      else fs.closeSync(fd);
    }
    await exit;
    for (const fd of strangers) t.notThrows(() => fs.closeSync(fd));
  }
});

test('all go in workerData', async (t) => {
  t.timeout(20_000);
  const file = fileWith('of a file');
  t.teardown(() => forget(file));
  const [handle, blob] = [await fs.promises.open(file), await fs.openAsBlob(file)];
  const descriptor = new FileDescriptor(fs.openSync(file));
  const worker = new Worker(`
    const { parentPort, workerData: { handle, blob, descriptor } } = require(${JSON.stringify(require.resolve('../../index.js'))});
    (async () => {
      parentPort.postMessage([await handle.readFile('utf8'), await blob.text(), require('node:fs').readFileSync(descriptor.fd, 'utf8')]);
      await handle.close();
      descriptor.close();
    })();
  `, { eval: true, workerData: { blob, handle, descriptor }, transferList: [handle, descriptor] });
  const exit = once(worker, 'exit');
  t.deepEqual((await once(worker, 'message'))[0], ['of a file', 'of a file', 'of a file']);
  t.is(handle.fd, -1);
  await exit;
});

test('both go to a worker of worker_threads that is a process, and back', async (t) => {
  t.timeout(20_000);
  const threads = require('../../worker_threads.js');
  const file = fileWith('of a file');
  t.teardown(() => forget(file));
  const [handle, blob] = [await fs.promises.open(file), await fs.openAsBlob(file)];
  const worker = new threads.Worker(`
    const { parentPort } = require(${JSON.stringify(require.resolve('../../worker_threads.js'))});
    parentPort.once('message', async ({ handle, blob }) => {
      const { buffer } = await handle.read(Buffer.alloc(3));
      parentPort.postMessage({ handle, blob, text: String(buffer) }, [handle]);
    });
  `, { eval: true, process: true });
  const exit = once(worker, 'exit');
  worker.postMessage({ handle, blob }, [handle]);
  const [back] = await once(worker, 'message');
  t.deepEqual([back.text, await back.handle.readFile('utf8'), await back.blob.text()], ['of ', 'a file', 'of a file']);
  await back.handle.close();
  await exit;
});

test.after.always(() => { here.close(); });

/** Descriptors of this process. Their numbers come and go with what else it does. */
const terminating = `
  const fs = require('node:fs');
  const { once } = require('node:events');
  const { FileDescriptor, Worker } = require('./index.js');
  const count = () => fs.readdirSync('/proc/self/fd').length;
  const source = "const { parentPort } = require('./index.js');"
    + "parentPort.once('message', () => parentPort.postMessage('begun'));"
    + "parentPort.on('message', ({ data }) => data.forEach((descriptor) => descriptor.close()));";
  const post = (worker) => {
    const list = Array.from({ length: 20 }, () => new FileDescriptor(fs.openSync('/dev/null')));
    worker.postMessage(list, list);
  };
  (async () => {
    let before;
    for (let round = 0; round < 40; round++) {
      const worker = new Worker(source, { eval: true });
      const begun = once(worker, 'message');
      for (let i = 0; i < 50; i++) post(worker);
      await begun;
      for (const end = performance.now() + Math.random() * 3; performance.now() < end;);
      const exit = once(worker, 'exit');
      worker.terminate();
      await exit;
      before ??= count();
    }
    console.log(count() - before);
  })();
`;

test('a thread that is terminated while it takes descriptors closes those that nothing has yet', (t) => {
  t.timeout(60_000);
  const options = { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', terminating], options);
  t.deepEqual({ stdout, stderr }, { stdout: '0\n', stderr: '' });
});

/** Of Node's own, where it uses them. */
const ring = `
  const fs = require('node:fs');
  const { once } = require('node:events');
  const { FileDescriptor, utilityProcess } = require('./index.js');
  (async () => {
    await fs.promises.stat('.');
    const isRing = (fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd).includes('io_uring'); } catch { return false; } };
    const fd = fs.readdirSync('/proc/self/fd').find(isRing);
    if (fd === undefined) return console.log('DataCloneError', 'none here');
    const child = utilityProcess.fork(${JSON.stringify(fixture('echo.js'))});
    const descriptor = new FileDescriptor(Number(fd));
    child.postMessage('before');
    try {
      child.postMessage(descriptor, [descriptor]);
    } catch ({ name }) {
      console.log(name, descriptor.fd === Number(fd) ? 'it stays' : 'it has left');
    }
    child.postMessage('behind');
    for (const expected of ['before', 'behind']) assert.equal((await once(child, 'message'))[0], expected);
    descriptor.release();
    child.kill();
  })();
`;

test('a descriptor that the kernel passes on to nobody stays, and its message is refused', (t) => {
  const options = { cwd: path.join(__dirname, '..', '..'), env: { ...process.env, UV_USE_IO_URING: '1' }, encoding: 'utf8' };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', `const assert = require('node:assert');${ring}`], options);
  t.is(stderr, '');
  t.regex(stdout, /^DataCloneError (it stays|none here)\n$/);
});

const HANDS_OVER = `
  require('node:fs/promises').open(process.execPath).then((handle) => {
    const { port1, port2 } = new (require('./index.js').MessageChannelMain)();
    port2.on('message', ({ data }) => { console.log(data.fd > 2); data.close(); port2.close(); });
    port2.start();
    try {
      port1.postMessage(handle, [handle]);
    } catch ({ name, message }) {
      console.log(name, message);
      handle.close();
      port1.close();
    }
  });`;

test('of a FileHandle nothing is warned, with --pending-deprecation; under the permission model it stays', (t) => {
  const runs = (/** @type {string[]} */ ...options) => spawnSync(process.execPath, [...options, '-e', HANDS_OVER], { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8' });
  const { stdout, stderr } = runs('--pending-deprecation', '--throw-deprecation');
  t.deepEqual({ stdout, stderr }, { stdout: 'true\n', stderr: '' });
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const refused = runs(permission, '--allow-fs-read=*', '--allow-addons');
  t.is(refused.stdout, 'DataCloneError FileHandle at index 0 could not be made again: Node.js runs with --permission.\n', refused.stderr);
});

const SENDS_A_BLOB = `
  require('node:fs').openAsBlob('./package.json').then((blob) => {
    const { port1, port2 } = new (require('./index.js').MessageChannelMain)();
    const end = (text) => { console.log(text); port2.close(); };
    port2.on('message', ({ data }) => data.text().then((text) => end(JSON.parse(text).name)));
    port2.on('messageerror', ({ error }) => end(error.message.includes('Access to this API has been restricted')));
    port2.start();
    port1.postMessage(blob);
  });`;

if (process.allowedNodeEnvironmentFlags.has('--permission')) {
  test('the Blob of a file arrives under the permission model where /proc/self/fd may be read', (t) => {
    const root = path.join(__dirname, '..', '..');
    for (const [more, printed] of [[[], 'true\n'], [['--allow-fs-read=/proc/self/fd/'], 'message-channel-main\n']]) {
      const options = ['--permission', '--allow-addons', `--allow-fs-read=${root}/`, ...more, '-e', SENDS_A_BLOB];
      const { stdout, stderr } = spawnSync(process.execPath, options, { cwd: root, encoding: 'utf8' });
      t.is(stdout, /** @type {string} */ (printed), stderr);
    }
  });
}
