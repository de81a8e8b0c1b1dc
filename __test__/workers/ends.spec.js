// How a worker ends: exit codes, errors that nobody caught, and what its parent hears of them, in which order.
const { createHook } = require('node:async_hooks');
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { inspect } = require('node:util');
const { MessageChannelMain, sharedMemory, utilityProcess } = require('../../index.js');
const { test } = require('../helpers/test.js');
const { rule, exitOf } = require('./rig.js');

/** `once` rejects on 'error', which some of these wait for beside. */
const next = (worker, event) => new Promise((resolve) => { worker.once(event, resolve); });

rule("'exit' listeners see the code and may set another", async (t, { begin }) => {
  const code = (source) => exitOf(begin(source));
  t.is(await code("process.exitCode = 42; process.on('exit', (code) => { if (code !== 42) process.exitCode = 98; });"), 42);
  t.is(await code("process.exitCode = 99; process.on('exit', (code) => { if (code !== 41) process.exitCode = 98; }); process.exit(41)"), 41);
  t.is(await code("process.exitCode = 99; process.on('exit', (code) => { if (code !== 0) process.exitCode = 98; }); process.exit(0)"), 0);
  t.is(await code("process.exitCode = 95; process.on('exit', () => { process.exitCode = 96; })"), 96);
  t.is(await code("process.on('uncaughtException', () => { process.exitCode = 97; }); throw new Error('handled')"), 97);
});

rule("after an error 'exit' listeners run once and see 1, and timers do not run any more", async (t, { begin }) => {
  const worker = begin("setTimeout(() => wt.parentPort.postMessage('timer'), 0); process.exitCode = 99; process.on('exit', (code) => wt.parentPort.postMessage(code)); throw new Error('end')");
  const told = [];
  worker.on('message', (message) => told.push(message));
  const error = next(worker, 'error');
  t.is(await exitOf(worker), 1);
  t.is((await error).message, 'end');
  t.deepEqual(told, [1]);
});

rule("an 'exit' listener may set 0 after an error; an error of an 'exit' listener leaves the code", async (t, { begin }) => {
  const endOf = async (source) => {
    const worker = begin(source);
    const error = await next(worker, 'error');
    return [error.message, await exitOf(worker)];
  };
  t.deepEqual(await endOf("process.on('exit', () => { process.exitCode = 0; }); throw new Error('end')"), ['end', 0]);
  t.deepEqual(await endOf("process.on('exit', () => { throw new Error('at exit') })"), ['at exit', 0]);
  t.deepEqual(await endOf("process.on('exit', () => { throw new Error('at exit') }); process.exit(4)"), ['at exit', 4]);
});

rule('an exit code is any number, larger than a process has or less than 0', async (t, { begin }) => {
  for (const code of [300, -1, 256]) t.is(await exitOf(begin(`process.exit(${code})`)), code);
  t.is(await exitOf(begin("process.exit('9')")), 9);
  t.is(await exitOf(begin('process.exitCode = 257')), 257);
  t.is(await exitOf(begin("process.on('exit', () => { process.exitCode = 5; }); process.exit(300)")), 5);
});

rule('what is thrown and cannot be cloned arrives as a text, and a symbol as one of its description', async (t, { begin }) => {
  const errorOf = async (source) => await next(begin(source), 'error');
  t.is(await errorOf("throw Symbol('mine')"), Symbol.for('mine'));
  t.is(await errorOf('throw function mine() {}'), '[Function: mine]');
  t.is(await errorOf('throw { a: 1, mine() {} }'), '{ a: 1, mine: [Function: mine] }');
  t.is(inspect(await errorOf("throw { mine() {}, [require('node:util').inspect.custom]: () => 'shown' }")), 'shown');
});

rule('an error keeps its class and a name of its own', async (t, { begin, kind }) => {
  const named = await next(begin("throw Object.assign(new Error('x'), { name: 'Mine' })"), 'error');
  t.deepEqual(Object.keys(named), ['name']);
  t.is(named.name, 'Mine');
  const several = await next(begin("throw new AggregateError([new RangeError('first')], 'several')"), 'error');
  t.is(several.message, 'several');
  if (kind === 'process') t.true(several instanceof AggregateError && several.errors[0] instanceof RangeError);
});

rule("an error that nobody listens to is told to 'uncaughtException' before 'exit'", async (t, { begin, options }) => {
  const worker = begin(`
    const log = [];
    process.on('uncaughtException', ({ message }) => log.push(message));
    new wt.Worker("throw new Error('unheard')", { eval: true, ...${JSON.stringify(options)} }).on('exit', (code) => {
      log.push(code);
      wt.parentPort.postMessage(log);
    });
  `);
  t.deepEqual(await once(worker, 'message'), [['unheard', 1]]);
  t.is(await exitOf(worker), 0);
});

rule("who has waited in vain for a message, since there was an error, can wait for 'exit'", async (t, { begin, kind }) => {
  const worker = begin("throw new Error('instead')");
  await t.throwsAsync(once(worker, 'message'), { any: true, message: 'instead' });
  // A thread may be told of both in one go: then only who has listened before hears of its end.
  t.is(kind === 'process' ? (await once(worker, 'exit'))[0] : await exitOf(worker), 1);
});

rule("terminate() at 'error' ends with 'exit' and its code", async (t, { begin, kind }) => {
  const worker = begin("throw new Error('end')");
  const log = [];
  worker.once('exit', (code) => log.push(code));
  await next(worker, 'error');
  const code = await worker.terminate();
  // A thread may be told of both in one go: then it has ended before anybody can ask.
  t.true(code === 1 || (code === undefined && kind !== 'process'));
  t.deepEqual(log, [1]);
  t.is(await worker.terminate(), undefined);
});

rule('a text that calls something its own way `process` writes, fails and ends like any other', async (t, { begin }) => {
  const early = begin("console.log('before'); throw new Error('early'); const process = require('node:process');", { stdout: true });
  const [error, written] = await Promise.all([next(early, 'error'), text(early.stdout)]);
  t.is(error.message, 'early');
  t.is(written, 'before\n');
  const other = begin('const process = 5; console.log(process);', { stdout: true });
  t.is(await text(other.stdout), '5\n');
  t.is(await exitOf(other), 0);
});

/** The host's names that a program may well have others for: of node:timers/promises, of node:perf_hooks, of its own. */
const HOSTS = [
  'AbortController', 'Buffer', 'DOMException', 'Event', 'EventTarget', 'ReadableStream', 'URL', 'clearTimeout', 'performance', 'process',
  'queueMicrotask', 'setImmediate', 'setTimeout', 'structuredClone',
];

rule("what a text calls as the host calls its own stands in nobody's way", async (t, { begin }) => {
  const worker = begin(`
    const { MessageChannel, parentPort } = wt;
    const { port1, port2 } = new MessageChannel();
    port1.once('message', (value) => {
      parentPort.postMessage(value, [value.stream]);
      port1.close();
    });
    parentPort.once('message', (value) => port2.postMessage(value, [value.stream]));
    parentPort.postMessage('begun');
    const ${HOSTS.map((name) => `${name} = null`).join(', ')};
  `);
  t.deepEqual(await once(worker, 'message'), ['begun']);
  const stream = new Response('what is streamed').body;
  worker.postMessage({ map: new Map([[1, new RangeError('carried')]]), stream }, [stream]);
  const [{ map, stream: back }] = await once(worker, 'message');
  t.is(map.get(1).message, 'carried');
  t.is(await new Response(back).text(), 'what is streamed');
  t.is(await exitOf(worker), 0);
}, ['thread', 'process']); // in Node 22 to 26 it stands in Node's own way: what is bundled there looks for such names, too

rule("an error of an 'uncaughtException' listener is the worker's", async (t, { begin }) => {
  const worker = begin("process.on('uncaughtException', () => { throw new RangeError('of the listener') }); throw new Error('first')");
  const error = await next(worker, 'error');
  t.true(error instanceof RangeError);
  t.is(error.message, 'of the listener');
  t.is(await exitOf(worker), 1);
});

rule('process._fatalException() says whether somebody has handled it', async (t, { begin }) => {
  const worker = begin("process.once('uncaughtException', () => {}); wt.parentPort.postMessage(process._fatalException(new Error('handled')));");
  t.deepEqual(await once(worker, 'message'), [true]);
  t.is(await exitOf(worker), 0);
});

rule("errors of timers, microtasks, 'message' listeners and 'beforeExit' listeners end it alike", async (t, { begin }) => {
  const errorOf = async (source, message) => {
    const worker = begin(source);
    if (message !== undefined) worker.postMessage(message);
    const error = await next(worker, 'error');
    t.is(await exitOf(worker), 1);
    return error.message;
  };
  t.is(await errorOf("setImmediate(() => { throw new Error('immediate') })"), 'immediate');
  t.is(await errorOf("queueMicrotask(() => { throw new Error('microtask') })"), 'microtask');
  t.is(await errorOf("process.nextTick(() => { throw new Error('tick') })"), 'tick');
  t.is(await errorOf("(async () => { await null; throw new Error('async') })()"), 'async');
  t.is(await errorOf("wt.parentPort.on('message', (text) => { throw new Error(text) })", 'listener'), 'listener');
  t.is(await errorOf("process.once('beforeExit', () => { throw new Error('before') })"), 'before');
});

rule('an error whose stack cannot be read arrives all the same', async (t, { begin }) => {
  const worker = begin("const error = new Error('odd'); Object.defineProperty(error, 'stack', { get() { throw new Error('no stack') } }); throw error");
  const error = await next(worker, 'error');
  t.is(error.message, 'odd');
  t.is(await exitOf(worker), 1);
});

rule('an error with a property that stays in its process arrives with all others', async (t, { begin, kind }) => {
  const worker = begin("throw Object.assign(new RangeError('too many'), { memory: new SharedArrayBuffer(4), count: 5 })");
  const [error] = await once(worker, 'error');
  t.is(error.message, 'too many');
  if (kind === 'process') t.deepEqual([error.name, error.count, 'memory' in error], ['RangeError', 5, false]);
});

rule("an error is not written to stderr, which 'error' tells of it", async (t, { begin }) => {
  const worker = begin("throw new Error('quiet')", { stderr: true });
  const error = next(worker, 'error');
  t.is(await text(worker.stderr), '');
  t.is((await error).message, 'quiet');
  await exitOf(worker);
});

rule("nobody listens to 'error': it is the parent's", async (t, { begin, options }) => {
  const inner = `new wt.Worker("throw new Error('inner')", { eval: true, ...${JSON.stringify(options)} });`;
  const worker = begin(inner);
  t.is((await next(worker, 'error')).message, 'inner');
  t.is(await exitOf(worker), 1);
});

rule("'beforeExit' comes when nothing is left to do, and again after what its listener began", async (t, { begin }) => {
  const worker = begin("let times = 0; process.on('beforeExit', () => { times += 1; if (times === 1) setImmediate(() => {}); }); process.on('exit', () => wt.parentPort.postMessage(times));");
  t.deepEqual(await once(worker, 'message'), [2]);
  t.is(await exitOf(worker), 0);
});

rule("after 'exit' nothing throws: the threadId is -1, ref(), unref(), postMessage() and the streams do nothing", async (t, { begin }) => {
  const worker = begin('process.exit(0)', { stdin: true, stdout: true, stderr: true });
  await exitOf(worker);
  t.notThrows(() => {
    worker.postMessage('nobody');
    worker.ref();
    worker.unref();
    void [worker.stdin, worker.stdout, worker.stderr];
  });
  t.is(worker.threadId, -1);
  t.is(await worker.terminate(), undefined);
  t.is(worker.listenerCount('exit'), 0);
});

rule("a listener that throws at 'exit' throws as listeners do, and the worker has ended", async (t, { begin, options }) => {
  const inner = `process.once('uncaughtException', ({ message }) => wt.parentPort.postMessage(message)); new wt.Worker('', { eval: true, ...${JSON.stringify(options)} }).on('exit', () => { throw new Error('at exit') });`;
  const worker = begin(inner);
  t.deepEqual(await once(worker, 'message'), ['at exit']);
  t.is(await exitOf(worker), 0);
});

rule('a module that waits for nothing ends with 13; process.exit() in one ends it with its code', async (t, { Worker, options }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ends-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const codeOf = async (source) => {
    const file = path.join(folder, 'module.mjs');
    writeFileSync(file, source);
    const worker = new Worker(file, { ...options, stderr: true });
    return await next(worker, 'exit');
  };
  t.is(await codeOf('await new Promise(() => {});'), 13);
  t.is(await codeOf('await 0; process.exit(42); await new Promise(() => {});'), 42);
});

rule('a file with a mistake in it, a missing module and a wrong extension are errors', async (t, { Worker, options }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ends-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const errorOf = async (name, source) => {
    writeFileSync(path.join(folder, name), source);
    const worker = new Worker(path.join(folder, name), options);
    const [error] = await Promise.all([next(worker, 'error'), next(worker, 'exit')]);
    return error;
  };
  t.true((await errorOf('mistake.js', 'let = ;')) instanceof SyntaxError);
  t.true((await errorOf('mistake.mjs', 'let = ;')) instanceof SyntaxError);
  t.is((await errorOf('missing.mjs', "import './nowhere.mjs';")).code, 'ERR_MODULE_NOT_FOUND');
});

rule('a loop of microtasks, of ticks and of messages is terminated like any other', async (t, { begin }) => {
  for (const loop of ['(function again() { Promise.resolve().then(again) })()', '(function again() { process.nextTick(again) })()', 'const { port1, port2 } = new wt.MessageChannel(); port2.on("message", () => port1.postMessage(0)); port1.postMessage(0);']) {
    const worker = begin(`wt.parentPort.postMessage('begun'); ${loop}`);
    await once(worker, 'message');
    t.is(await worker.terminate(), 1);
  }
});

rule('terminate() while it is sent ports leaves nothing', async (t, { begin, MessageChannel }) => {
  for (let i = 0; i < 4; i++) {
    const worker = begin("wt.parentPort.on('message', () => {})");
    await new Promise(setImmediate);
    const { port1, port2 } = new MessageChannel();
    const closed = once(port2, 'close');
    port2.ref();
    worker.postMessage({ port1 }, [port1]);
    await Promise.all([worker.terminate(), closed]);
  }
  t.pass();
});

// Node's own tells so nearly always: whoever is busy in that moment hears of the end first.
for (const [many, listens] of [[0, false], [20_000, true]]) {
  rule(`a port whose other end was in there closes before 'exit', to a busy parent too, behind ${many} messages`, async (t, { begin, MessageChannel }) => {
    const { port1, port2 } = new MessageChannel();
    const worker = begin(`
      for (let i = 0; i < ${many}; i++) wt.workerData.postMessage(i);
      wt.workerData.on('message', () => {});
      wt.parentPort.postMessage(require('node:fs').readlinkSync('/proc/thread-self'));
    `, { workerData: port2, transferList: [port2] });
    const heard = [];
    let messages = 0;
    port1.on('close', () => heard.push('close', messages));
    worker.on('exit', () => heard.push('exit'));
    const [thread] = await once(worker, 'message');
    if (listens) port1.on('message', () => { messages += 1; });
    const terminated = worker.terminate();
    while (existsSync(`/proc/${thread}`));
    t.is(await terminated, 1);
    t.deepEqual(heard, ['close', many, 'exit']);
  }, ['thread']);
}

rule('unref() in its last message lets the program go on', async (t, { begin }) => {
  const worker = begin('wt.parentPort.postMessage({})');
  await once(worker, 'message');
  worker.unref();
  t.is(await exitOf(worker), 0);
});

rule('using await terminates it', async (t, { begin, Worker }) => {
  if (Symbol.asyncDispose === undefined || !(Symbol.asyncDispose in Worker.prototype)) return t.pass();
  const worker = begin("wt.parentPort.postMessage('begun'); setInterval(() => {}, 1000)");
  await once(worker, 'message');
  await worker[Symbol.asyncDispose]();
  t.is(worker.threadId, -1);
});

rule('async hooks see whether it holds the program, until it has ended', async (t, { begin }) => {
  const seen = [];
  const hook = createHook({ init: (_id, type, _trigger, resource) => { if (type === 'WORKER') seen.push(resource); } }).enable();
  const worker = begin('');
  hook.disable();
  t.is(seen.length, 1);
  t.is(seen[0].hasRef(), true);
  worker.unref();
  t.is(seen[0].hasRef(), false);
  worker.ref();
  t.is(seen[0].hasRef(), true);
  const atExit = new Promise((resolve) => { worker.once('exit', () => resolve(seen[0].hasRef())); });
  t.is(await atExit, true);
  while (seen[0].hasRef() !== undefined) await new Promise(setImmediate); // its thread is joined first
  t.pass();
});

rule('it ends as it would whatever its program has made of the iterator of arrays, and process.emit has its name', async (t, { begin }) => {
  const worker = begin("delete Array.prototype[Symbol.iterator]; if (process.emit.name !== 'emit') process.exitCode = 2");
  t.is(await exitOf(worker), 0);
});

test('in a program with arguments of Node\'s, the first thread is the first that Node counts and that async hooks see', async (t) => {
  const source = `
    const { createHook } = require('node:async_hooks');
    const { Worker } = require(${JSON.stringify(require.resolve('../../worker_threads.js'))});
    let seen = 0;
    createHook({ init: (_id, type) => { if (type === 'WORKER') seen++; } }).enable();
    console.log(new Worker('', { eval: true }).threadId, seen);
  `;
  t.is(execFileSync(process.execPath, ['--no-warnings', '--conditions', 'one', '-e', source], { encoding: 'utf8' }), '1 1\n');
});

rule("workerData that cannot be opened is an 'error', before anything has run", async (t, { begin, kind, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const objects = Array.from({ length: 100_000 }, () => ({})); // each takes more there than its two bytes allow for
  const env = { ...process.env, MESSAGE_PORTS_BUDGET: '1' };
  const worker = begin("process.stdout.write('it has run')", { env, workerData: { port1, objects }, transferList: [port1], stdout: true, stderr: true });
  const told = [];
  worker.on('online', () => told.push('online'));
  worker.on('error', (error) => told.push(error.code));
  t.is(await exitOf(worker), 1);
  t.deepEqual(told.filter((name) => name !== 'online'), [kind === 'process' ? 'ERR_WORKER_INIT_FAILED' : 'ERR_MESSAGE_MALFORMED']);
  t.is(await text(worker.stdout), '');
  if (kind === 'process') t.regex(await text(worker.stderr), /ERR_MESSAGE_MALFORMED/);
  port2.close();
}, ['thread', 'process']);

rule('a Buffer among the properties of an error is one in the parent, too', async (t, { begin }) => {
  const worker = begin("throw Object.assign(new Error('failed'), { stdout: Buffer.from('abc'), output: [null, Buffer.from('d'), new Uint8Array(1)], bytes: new Uint8Array(2) })");
  const [error] = await once(worker, 'error');
  t.true(Buffer.isBuffer(error.stdout) && Buffer.isBuffer(error.output[1]));
  t.is(String(error.stdout) + error.output[1], 'abcd');
  t.is(error.output[0], null);
  t.false(Buffer.isBuffer(error.output[2]) || Buffer.isBuffer(error.bytes));
  t.deepEqual(Object.keys(error), ['stdout', 'output', 'bytes']);
  await exitOf(worker);
});

for (const way of ['exits', 'ends by itself', 'ends a thread', 'ends a worker']) {
  for (const kind of ['thread', 'process']) {
    test.serial(`what a worker has posted to another process arrives, though the program ${way} that it ends with (${kind})`, async (t) => {
      t.timeout(30_000);
      const child = utilityProcess.fork(path.join(__dirname, '..', 'fixtures', 'ends-with-a-worker.js'), [way, kind]);
      t.teardown(() => child.kill());
      const { port1, port2 } = new MessageChannelMain();
      const heard = [];
      port1.on('message', ({ data: [count] }) => {
        if (heard.length === 0) sharedMemory.wait(new Int32Array(sharedMemory.create(4)), 0, 0, 300); // no socket takes all of it
        heard.push(count);
      });
      port1.start();
      const closed = once(port1, 'close');
      const ended = once(child, 'exit');
      child.postMessage(null, [port2]);
      await closed;
      t.deepEqual(heard, Array.from({ length: 256 }, (_, i) => i));
      t.deepEqual(await ended, [0]);
    });
  }
}
