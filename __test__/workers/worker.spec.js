// Node's Worker: the rules of worker_threads' Worker, as its documentation has them, in threads and in processes; and with
// Node's own, since what holds for all three is the rule.
const { execFileSync, fork } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { fixture, test } = require('../helpers/test.js');
const { rule, exitOf, ended, PRELUDE } = require('./rig.js');

rule('it runs, tells that it is online, and exits with 0 when nothing holds it', async (t, { begin }) => {
  const log = [];
  const worker = begin('wt.parentPort.postMessage(1)');
  t.true(worker.threadId > 0);
  for (const event of ['online', 'message', 'exit']) worker.on(event, (...args) => log.push([event, ...args]));
  await exitOf(worker);
  t.deepEqual(log.pop(), ['exit', 0], 'after everything else');
  t.deepEqual(log.sort(), [['message', 1], ['online']], 'in Node, in any order');
  t.is(worker.threadId, -1);
});

rule('inside, it is no main thread, and has a parentPort, its workerData and the threadId that the parent knows', async (t, { begin }) => {
  const worker = begin(`
    const { isMainThread, parentPort, workerData, threadId, MessagePort } = wt;
    parentPort.postMessage({ isMainThread, isPort: parentPort instanceof MessagePort, workerData, threadId });
  `, { workerData: { deep: [new Map([[1, 2]])] } });
  const { threadId } = worker;
  const [told] = await once(worker, 'message');
  t.deepEqual(told, { isMainThread: false, isPort: true, workerData: { deep: [new Map([[1, 2]])] }, threadId });
  await exitOf(worker);
});

rule('what NODE_OPTIONS of its own preloads sees a worker, and nothing of ours', async (t, { begin }) => {
  const options = `--no-deprecation --require "${fixture('notes-what-it-sees.js')}"`;
  const worker = begin('wt.parentPort.postMessage(noted)', { workerData: [1], execArgv: ['--no-warnings'], env: { ...process.env, NODE_OPTIONS: options } });
  const { threadId } = worker;
  t.deepEqual((await once(worker, 'message'))[0], {
    isMainThread: false, hasParent: true, threadId, workerData: [1], execArgv: ['--no-warnings'], options, preloaded: [fixture('notes-what-it-sees.js')], traces: [],
  });
  await exitOf(worker);
});

rule("a 'message' listener on parentPort holds the worker, and closing the port lets it go", async (t, { begin }) => {
  const worker = begin(`
    wt.parentPort.on('message', (value) => {
      wt.parentPort.postMessage(['echo', value]);
      if (value === 'end') wt.parentPort.close();
    });
  `);
  worker.postMessage({ n: 1 });
  t.deepEqual(await once(worker, 'message'), [['echo', { n: 1 }]]);
  worker.postMessage('end');
  t.is(await exitOf(worker), 0);
});

rule('onmessage of parentPort gives events', async (t, { begin }) => {
  const worker = begin('wt.parentPort.onmessage = ({ data }) => { wt.parentPort.postMessage(data + 1); wt.parentPort.onmessage = null; };');
  worker.postMessage(1);
  t.deepEqual(await once(worker, 'message'), [2]);
  t.is(await exitOf(worker), 0);
});

rule('ports travel in workerData and in messages, both ways', async (t, { begin, MessageChannel }) => {
  const [given, sent] = [new MessageChannel(), new MessageChannel()];
  const worker = begin(`
    wt.workerData.port.postMessage('by workerData');
    wt.parentPort.once('message', ({ port }) => {
      port.postMessage('by message');
      const { port1, port2 } = new wt.MessageChannel();
      port1.postMessage('from inside');
      wt.parentPort.postMessage({ port: port2 }, [port2]);
    });
  `, { workerData: { port: given.port1 }, transferList: [given.port1] });
  const first = once(given.port2, 'message');
  const second = once(sent.port2, 'message');
  worker.postMessage({ port: sent.port1 }, [sent.port1]);
  const [{ port }] = await once(worker, 'message');
  t.deepEqual(await Promise.all([first, second, once(port, 'message')]), [['by workerData'], ['by message'], ['from inside']]);
  await exitOf(worker);
  for (const open of [port, given.port2, sent.port2]) open.close();
});

rule("all messages come before 'exit'", async (t, { begin }) => {
  const worker = begin('for (let i = 0; i < 2000; i++) wt.parentPort.postMessage(i); process.exit(3)');
  let next = 0;
  worker.on('message', (value) => { t.is(value, next); next += 1; });
  t.is(await exitOf(worker), 3);
  t.is(next, 2000);
});

rule('process.exit() ends the worker alone, with its code', async (t, { begin }) => {
  t.is(await exitOf(begin('process.exit(42)')), 42);
  t.is(await exitOf(begin('process.exitCode = 7')), 7);
});

rule("what nobody caught is an 'error' with class, stack, cause and own properties; the exit code is 1", async (t, { begin, kind }) => {
  const worker = begin("function thrower() { throw Object.assign(new RangeError('too much', { cause: new TypeError('why') }), { code: 'E', list: [1] }); } thrower()");
  const exit = exitOf(worker);
  const [error] = await once(worker, 'error');
  t.true(error instanceof RangeError);
  t.is(error.message, 'too much');
  t.regex(error.stack, /thrower/);
  t.is(error.code, 'E');
  t.deepEqual(error.list, [1]);
  if (kind !== "Node's own") t.true(error.cause instanceof TypeError);
  t.is(await exit, 1);
});

rule('whatever is thrown arrives: values, rejections, what cannot be cloned', async (t, { begin }) => {
  const errorOf = async (source) => {
    const worker = begin(source);
    const [error] = await once(worker, 'error');
    return error;
  };
  t.is(await errorOf('throw 5'), 5);
  t.is(await errorOf('throw undefined'), undefined);
  t.deepEqual(await errorOf('throw { a: 1 }'), { a: 1 });
  t.true(await errorOf("Promise.reject(new TypeError('rejected'))") instanceof TypeError);
  const odd = await errorOf("throw Object.assign(new Error('odd'), { callback() {}, kept: 1 })");
  t.is(odd.message, 'odd');
  t.is(odd.kept, 1);
  t.true((await errorOf('foo(')) instanceof SyntaxError);
  t.is((await errorOf("require('./nowhere.js')")).code, 'MODULE_NOT_FOUND');
});

rule("an 'uncaughtException' listener inside has the first word", async (t, { begin }) => {
  const worker = begin("process.on('uncaughtException', ({ message }) => wt.parentPort.postMessage(message)); setTimeout(() => {}, 10); throw new Error('mine')");
  t.deepEqual(await once(worker, 'message'), ['mine']);
  t.is(await exitOf(worker), 0);
});

rule("'exit' listeners run when an error has ended it, and see code 1", async (t, { begin }) => {
  const worker = begin("process.on('exit', (code) => wt.parentPort.postMessage(code)); throw new Error('end')");
  const message = new Promise((resolve) => { worker.once('message', resolve); }); // `events.once` would hear of the error, too
  await once(worker, 'error');
  t.is(await message, 1);
});

rule('terminate() ends it with 1: while it runs or spins in a loop, and twice; and with 0 while it starts', async (t, { begin, kind }) => {
  const starting = begin('setInterval(() => {}, 1000)');
  const starts = exitOf(starting);
  const code = await starting.terminate();
  t.true(code === 0 || (kind !== 'process' && code === 1), 'a thread may have begun by then');
  t.is(await starts, code);

  const running = begin("wt.parentPort.on('message', () => {})");
  await once(running, 'online');
  t.is(await running.terminate(), 1);

  const spinning = begin("wt.parentPort.postMessage('now'); for (;;);");
  await once(spinning, 'message');
  const exit = exitOf(spinning);
  t.deepEqual(await Promise.all([spinning.terminate(), spinning.terminate()]), [1, 1]);
  t.is(await exit, 1);
  t.is(await spinning.terminate(), undefined);
});

rule('stdin, stdout and stderr are streams', async (t, { begin }) => {
  const worker = begin("process.stdin.on('data', (data) => { process.stdout.write('out ' + data); process.stderr.write('err ' + data); })", { stdin: true, stdout: true, stderr: true });
  worker.stdin.end('hello');
  const [stdout, stderr] = await Promise.all([text(worker.stdout), text(worker.stderr), exitOf(worker)]);
  t.deepEqual([stdout, stderr], ['out hello', 'err hello']);
  const without = begin("process.stdin.resume().on('end', () => wt.parentPort.postMessage('ended'))");
  t.is(without.stdin, null);
  t.deepEqual(await once(without, 'message'), ['ended']);
  await exitOf(without);
});

rule('argv, execArgv and env are what was given, and exactly that', async (t, { begin }) => {
  const source = 'wt.parentPort.postMessage({ argv: process.argv.slice(1), execArgv: process.execArgv, env: { ...process.env } })';
  const worker = begin(source, { argv: [1, null, 'x y'], execArgv: ['--no-warnings'], env: { ONLY: 'this' } });
  const [told] = await once(worker, 'message');
  t.deepEqual(told, { argv: ['[worker eval]', '1', 'null', 'x y'], execArgv: ['--no-warnings'], env: { ONLY: 'this' } });
  await exitOf(worker);
});

rule('execArgv is what was inherited, flags of the whole program too, and so is that of a worker in there', async (t, { kind, options }) => {
  const names = kind === "Node's own" ? 'node:worker_threads' : require.resolve('../../worker_threads.js');
  const source = `
    const { Worker } = require(${JSON.stringify(names)});
    const inner = "console.log(JSON.stringify(process.execArgv))";
    const outer = inner + "; new (require('node:worker_threads').Worker)(" + JSON.stringify(inner) + ", { eval: true })";
    new Worker(outer, { eval: true, ...${JSON.stringify(options)} })
      .once('exit', () => new Worker(inner, { eval: true, execArgv: null, ...${JSON.stringify(options)} }));
  `;
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'inherits-')), 'main.js');
  t.teardown(() => rmSync(path.dirname(file), { recursive: true }));
  writeFileSync(file, source);
  // The last two Node refuses for a thread by another name, that of V8's flag behind it, and in a list that a comma parts.
  const flags = ['--expose-gc', '--no-warnings', '--max-old-space-size=300', '--experimental-shadow-realm', '--turbo-filter=one,other'];
  const output = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' });
  t.deepEqual(output.trim().split('\n').map((line) => JSON.parse(line)), [flags, flags, flags]);
});

test('where a program is shown no SharedArrayBuffer its ports and workers work, and what it is given of one arrives', async (t) => {
  const source = `
    const { Worker, MessageChannel, receiveMessageOnPort } = require(${JSON.stringify(require.resolve('../../worker_threads.js'))});
    const { port1, port2 } = new MessageChannel();
    port1.postMessage(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }));
    port1.close();
    const echo = "process.stdout; require('node:worker_threads').parentPort.once('message', function (value) { this.postMessage(value); })";
    const ask = (process) => new Promise((resolve) => {
      const worker = new Worker(echo, { eval: true, process }).once('message', resolve);
      worker.postMessage(new Uint8Array([1, 2]));
    });
    Promise.all([false, true].map(ask)).then((answers) => {
      console.log(JSON.stringify([typeof SharedArrayBuffer, receiveMessageOnPort(port2).message.buffer.byteLength, answers.map((bytes) => bytes[1])]));
    });
  `;
  const output = execFileSync(process.execPath, ['--enable-sharedarraybuffer-per-context', '-e', source], { encoding: 'utf8' });
  t.deepEqual(JSON.parse(output), ['undefined', 1 << 16, [2, 2]]);
});

rule('what stands in execArgv behind something that is no option is not read, and the worker begins as any other', async (t, { begin, MessageChannel }) => {
  const source = "wt.workerData.postMessage(process.execArgv); wt.parentPort.once('message', (value) => wt.parentPort.postMessage(value))";
  const told = async (execArgv) => {
    const { port1, port2 } = new MessageChannel();
    const worker = begin(source, { execArgv, workerData: port2, transferList: [port2] });
    worker.postMessage('heard');
    const [[read], [answer]] = await Promise.all([once(port1, 'message'), once(worker, 'message')]);
    t.is(answer, 'heard');
    t.is(await exitOf(worker), 0);
    return read;
  };
  for (const end of ['', 'text', '-', '--']) t.deepEqual(await told([end, '--no-such-option']), [], end);
  for (const end of ['', 'text']) t.deepEqual(await told(['--no-warnings', end, '--no-deprecation']), ['--no-warnings'], end);
  t.deepEqual(await told(['--conditions', 'one', '']), ['--conditions', 'one']);
  t.deepEqual(await told(['--conditions=one', 'text']), ['--conditions=one']);
  t.deepEqual(await told(['--conditions', '', '--no-warnings']), ['--conditions', '', '--no-warnings']);
});

rule('the environment is a copy', async (t, { begin }) => {
  process.env.MCM_COPIED = 'before';
  t.teardown(() => { delete process.env.MCM_COPIED; });
  const worker = begin("const seen = process.env.MCM_COPIED; process.env.MCM_COPIED = 'changed'; wt.parentPort.postMessage(seen)");
  t.deepEqual(await once(worker, 'message'), ['before']);
  await exitOf(worker);
  t.is(process.env.MCM_COPIED, 'before');
});

rule('environment data is inherited, by workers of workers too, and is each worker\'s own', async (t, { begin, getEnvironmentData, setEnvironmentData, options }) => {
  setEnvironmentData('mcm', { a: 1 });
  t.teardown(() => setEnvironmentData('mcm', undefined));
  const worker = begin(`
    const own = wt.getEnvironmentData('mcm');
    wt.setEnvironmentData('mcm', 'changed');
    const inner = new wt.Worker(${JSON.stringify(`${PRELUDE}wt.parentPort.postMessage(wt.getEnvironmentData('mcm'))`)}, { eval: true, ...${JSON.stringify(options)} });
    inner.on('message', (inherited) => wt.parentPort.postMessage([own, inherited]));
  `);
  t.deepEqual(await once(worker, 'message'), [[{ a: 1 }, 'changed']]);
  await exitOf(worker);
  t.deepEqual(getEnvironmentData('mcm'), { a: 1 });
});

rule('file paths, file: URLs and data: URLs run, as CommonJS and as modules', async (t, { Worker, options }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'workers-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const { pathToFileURL } = require('node:url');
  const from = 'node:worker_threads';
  writeFileSync(path.join(folder, 'a.js'), `const { parentPort } = require(${JSON.stringify(from)}); parentPort.postMessage([__filename, process.argv[1]]);`);
  writeFileSync(path.join(folder, 'b.mjs'), `import { parentPort } from ${JSON.stringify(from)}; await null; parentPort.postMessage(import.meta.url);`);
  const told = async (filename, more) => {
    const worker = new Worker(filename, { ...options, ...more });
    ended.set(worker, new Promise((resolve) => { worker.once('exit', resolve); }));
    const [message] = await once(worker, 'message');
    t.is(await exitOf(worker), 0);
    return message;
  };
  const script = path.join(folder, 'a.js');
  t.deepEqual(await told(script), [script, script]);
  const url = pathToFileURL(path.join(folder, 'b.mjs'));
  t.is(await told(url), url.href);
  const data = new URL(`data:text/javascript,import { parentPort } from ${JSON.stringify(from)}; parentPort.postMessage(process.argv.length);`);
  t.is(await told(data), 1);
  const eager = `import { parentPort } from ${JSON.stringify(from)}; parentPort.postMessage(typeof require);`;
  t.is(await told(eager, { eval: true, execArgv: ['--input-type=module'] }), 'undefined');
});

rule('a data: URL is the main module, where Node knows that; what it throws is the error, whatever it is', async (t, { Worker, options }) => {
  const endOf = (source) => new Promise((resolve) => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), options);
    for (const event of ['message', 'error', 'exit']) worker.once(event, (told) => resolve([event, told]));
  });
  const known = "Object.hasOwn(import.meta, 'main')";
  t.deepEqual(await endOf(`import { parentPort } from 'node:worker_threads'; parentPort.postMessage(${known} ? import.meta.main : true)`), ['message', true]);
  for (const source of ['throw 5', 'await 0; throw 5']) t.deepEqual(await endOf(source), ['error', 5], source);
  t.deepEqual(await endOf("process.on('uncaughtException', (error) => process.exit(error)); throw 5"), ['exit', 5]);
});

rule('text is what --input-type says; without that, what its syntax says, types included where Node knows them', async (t, { Worker, options }) => {
  const endOf = (source, execArgv) => new Promise((resolve) => {
    const worker = new Worker(source, { ...options, eval: true, execArgv: ['--no-warnings', ...execArgv] });
    for (const event of ['message', 'error', 'exit']) worker.once(event, (told) => resolve(told instanceof Error ? told.name : told));
  });
  const [module, typed] = ["import { parentPort } from 'node:worker_threads'; parentPort.postMessage('module')", "const text: string = 'typed'; require('node:worker_threads').parentPort.postMessage(text)"];
  t.is(await endOf(module, ['--input-type=module']), 'module');
  t.is(await endOf(module, ['--input-type=commonjs']), 'SyntaxError');
  const both = "setImmediate(() => {}); process.exitCode = typeof require === 'function' ? 2 : 3";
  for (const [execArgv, code] of [[['--input-type', 'module'], 3], [['--input-type', 'commonjs'], 2], [['--input-type=module', '--input_type', 'commonjs'], 2], [['--input-type', 'commonjs', '--input_type=module'], 3]]) {
    t.is(await endOf(both, execArgv), code, execArgv.join(' '));
  }
  t.is(await endOf(module, ['--no-experimental-detect-module']), 'SyntaxError');
  t.is(await endOf(typed, []), process.features.typescript ? 'typed' : 'SyntaxError');
  t.is(await endOf(module, []), 'module');
  t.is(await endOf(`--globalThis.count; ${module}`, []), 'module', 'it begins as an option does');
  t.is(await endOf(`'\0'; ${module}`, []), 'module', 'no argument of a program can have a NUL');
  if (process.features.typescript) {
    t.is(await endOf("import { parentPort } from 'node:worker_threads'; const text: string = 'typed'; parentPort.postMessage(text)", []), 'typed');
    t.is(await endOf(typed, ['--input-type=commonjs-typescript']), 'typed');
    t.is(await endOf("import { parentPort } from 'node:worker_threads'; const text: string = 'typed'; parentPort.postMessage(text)", ['--input-type=module-typescript']), 'typed');
  }
});

rule("a file that is missing is an 'error', and code 1", async (t, { Worker, options }) => {
  const worker = new Worker(path.join(tmpdir(), 'mcm-nowhere.js'), options);
  const exit = new Promise((resolve) => { worker.once('exit', resolve); });
  const [error] = await once(worker, 'error');
  t.is(error.code, 'MODULE_NOT_FOUND');
  t.is(await exit, 1);
});

rule('wrong arguments throw as Node says', (t, { Worker, options }) => {
  const wrong = (code, filename, more) => t.throws(() => new Worker(filename, { ...options, ...more }), { code });
  wrong('ERR_INVALID_ARG_TYPE', 5);
  wrong('ERR_WORKER_PATH', 'relative.js');
  wrong('ERR_WORKER_PATH', 'file:///a.js');
  wrong('ERR_INVALID_URL_SCHEME', new URL('http://localhost/'));
  wrong('ERR_INVALID_ARG_VALUE', new URL('file:///a.js'), { eval: true });
  for (const option of ['argv', 'execArgv', 'env']) wrong('ERR_INVALID_ARG_TYPE', '', { eval: true, [option]: 5 });
  t.throws(() => new Worker('', { ...options, eval: true, execArgv: [Symbol('no text')] }), { instanceOf: TypeError, message: 'Cannot convert a Symbol value to a string' });
  t.throws(() => Worker(''), { instanceOf: TypeError });
  t.throws(() => new Worker('', { ...options, eval: true, workerData: () => {} }), { any: true, name: 'DataCloneError' });
});

rule('arguments that Node does not know throw, and say which', async (t, { Worker, begin, options }) => {
  const refused = (more, message) => t.throws(() => new Worker('', { eval: true, ...options, ...more }), { name: 'Error', code: 'ERR_WORKER_INVALID_EXEC_ARGV', message });
  refused({ execArgv: ['--no-such-flag'] }, 'Initiated Worker with invalid execArgv flags: --no-such-flag');
  refused({ execArgv: ['--no-warnings', '--no-such-flag=3', '--nor-that'] }, 'Initiated Worker with invalid execArgv flags: --no-such-flag=3, --nor-that');
  refused({ execArgv: ['--input-type'] }, 'Initiated Worker with invalid execArgv flags: --input-type requires an argument');
  refused({ execArgv: ['--require'] }, 'Initiated Worker with invalid execArgv flags: --require requires an argument');
  refused({ execArgv: ['--unhandled-rejections=sometimes'] }, 'Initiated Worker with invalid execArgv flags: invalid value for --unhandled-rejections');
  refused({ execArgv: ['--max-old-space-size=much'] }, 'Initiated Worker with invalid execArgv flags: --max-old-space-size=much');
  refused({ env: { NODE_OPTIONS: '--no-such-flag' } }, 'Initiated Worker with invalid NODE_OPTIONS env variable: --no-such-flag is not allowed in NODE_OPTIONS');
  const worker = begin('', { execArgv: ['--no-warnings'], env: { NODE_OPTIONS: '--no-deprecation' } });
  t.is(await exitOf(worker), 0);
});

rule('unref() lets the program end, and ref() takes it back', async (t, { begin }) => {
  const worker = begin('setInterval(() => {}, 1000)');
  await once(worker, 'online');
  worker.unref();
  worker.ref();
  worker.unref();
  t.is(await worker.terminate(), 1);
});

rule('postMessage to a worker that has ended does nothing', async (t, { begin }) => {
  const worker = begin('');
  await exitOf(worker);
  t.notThrows(() => worker.postMessage(1));
});

/** How deep calls go in a worker with these limits. */
async function depthOf(t, begin, resourceLimits) {
  const worker = begin('let depth = 0; (function deeper() { depth += 1; try { deeper(); } catch (error) { if (!(error instanceof RangeError)) throw error; } })(); wt.parentPort.postMessage([depth, wt.resourceLimits.stackSizeMb]);', { resourceLimits });
  const [[depth, told]] = await once(worker, 'message');
  t.is(await exitOf(worker), 0);
  t.is(told, resourceLimits?.stackSizeMb > 0 ? resourceLimits.stackSizeMb : 4);
  return depth;
}

rule('a stack may be given any size, and its end is a RangeError', async (t, { begin }) => {
  t.true(await depthOf(t, begin, { stackSizeMb: 32 }) > await depthOf(t, begin, { stackSizeMb: 1 }));
});

rule('a stack is as large as Node gives a thread where none is asked for: 4 MB, whatever other limits there are', async (t, { begin }) => {
  const half = await depthOf(t, begin, { stackSizeMb: 2 });
  t.true(await depthOf(t, begin) > half * 1.5);
  for (const limits of [{ maxOldGenerationSizeMb: 64 }, { stackSizeMb: NaN }, { stackSizeMb: -1 }, { stackSizeMb: 0 }]) t.true(await depthOf(t, begin, limits) > half * 1.5);
});

rule('what is no number of megabytes, or more than any memory has, limits nothing', async (t, { begin }) => {
  const limitOf = async (resourceLimits) => {
    const worker = begin("wt.parentPort.postMessage(require('node:v8').getHeapStatistics().heap_size_limit)", { resourceLimits });
    const [limit] = await once(worker, 'message');
    t.is(await exitOf(worker), 0);
    return limit;
  };
  const usual = await limitOf();
  for (const [name, values] of Object.entries({ maxOldGenerationSizeMb: [NaN, Infinity, 2 ** 44], maxYoungGenerationSizeMb: [NaN, Infinity, -Infinity, -1, 0, 2 ** 44] })) {
    for (const value of values) t.true(await limitOf({ [name]: value }) >= usual, `${name}: ${value}`);
  }
});

rule('the limits of memory hold, and their end has a code', async (t, { begin }) => {
  const worker = begin('const all = []; for (;;) all.push(new Array(1000).fill({}))', { resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }, stderr: true });
  t.is(worker.resourceLimits.maxOldGenerationSizeMb, 16);
  const exit = exitOf(worker);
  const [error] = await once(worker, 'error');
  t.is(error.code, 'ERR_WORKER_OUT_OF_MEMORY');
  t.is(await exit, 1);
  t.deepEqual(worker.resourceLimits, {});
}, ['process']); // a thread of Node 24 may look for memory for minutes


rule('whatever a variable of the environment is, it becomes a text', async (t, { begin }) => {
  const worker = begin('wt.parentPort.postMessage({ ...process.env });', { env: { A: '1', B: undefined, C: null, D: 4 } });
  t.deepEqual(await once(worker, 'message'), [{ A: '1', B: 'undefined', C: 'null', D: '4' }]);
});

rule('an error has what its classes give it, but for functions', async (t, { begin }) => {
  const worker = begin(`
    class Base extends Error { get status() { return 404; } get broken() { throw new Error('never mind'); } method() {} }
    class Failure extends Base { own = [1]; get status() { return 403; } }
    Failure.prototype.code = 'E_FAILURE';
    Base.prototype.isBase = true;
    throw new Failure('failed');
  `);
  const [error] = await once(worker, 'error');
  const { message, status, code, isBase, own, method, broken } = error;
  t.deepEqual({ message, status, code, isBase, own, method, broken }, { message: 'failed', status: 403, code: 'E_FAILURE', isBase: true, own: [1], method: undefined, broken: undefined });
});

rule('an error of another context has no prototype for a property', async (t, { begin }) => {
  const worker = begin('throw require("node:vm").runInNewContext("Object.assign(new TypeError(1), { code: 4 })");');
  const [error] = await once(worker, 'error');
  t.true(error instanceof TypeError);
  t.is(error.code, 4);
  t.false(Object.hasOwn(error, '__proto__'));
});

rule('an exit code has 32 bits', async (t, { begin }) => {
  for (const [code, wanted] of [[300, 300], [-1, -1], [2 ** 31, -(2 ** 31)], [2 ** 40, 0], [-(2 ** 31) - 1, 2 ** 31 - 1], [Number.MAX_SAFE_INTEGER, -1]]) {
    t.is(await exitOf(begin(`process.exit(${code})`)), wanted);
  }
});

rule('statistics of the heap are as Node has them', async (t, { begin }) => {
  const worker = begin("wt.parentPort.once('message', () => {}); wt.parentPort.postMessage(0);");
  await once(worker, 'message');
  if (worker.getHeapStatistics !== undefined) t.is((await worker.getHeapStatistics()).does_zap_garbage, false);
  worker.postMessage(0);
  t.is(await exitOf(worker), 0);
});

rule('hooks of module.register() get a port, and ports by that', async (t, { Worker, options }) => {
  const worker = new Worker(path.join(__dirname, '..', 'fixtures', 'hooks-port.js'), options);
  const exit = once(worker, 'exit');
  t.deepEqual(await once(worker, 'message'), ['heard 1,2']);
  t.deepEqual(await exit, [0], 'it holds nothing');
});

rule("what it has posted to a port of its own before it ended comes before 'exit', to a busy parent too", async (t, { begin, MessageChannel }) => {
  const { port1, port2 } = new MessageChannel();
  const worker = begin(`
    const port = wt.workerData;
    port.once('message', () => {
      port.postMessage('last');
      port.close();
    });
    port.postMessage('ready');
  `, { workerData: port2, transferList: [port2] });
  const heard = [];
  worker.on('exit', () => heard.push('exit'));
  port1.on('message', (said) => {
    heard.push(said);
    if (said !== 'ready') return;
    port1.postMessage(null);
    const until = performance.now() + 100; // in which a thread ends; its parent is told of both at once
    while (performance.now() < until);
  });
  const closed = once(port1, 'close'); // which may come before 'exit' does
  await exitOf(worker);
  await closed;
  t.deepEqual(heard, ['ready', 'last', 'exit']);
});

test.serial('under --watch a thread tells of the files that it has loaded, where Node has that', async (t) => {
  t.timeout(30_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'watched-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [main, worker, loaded] = ['main.cjs', 'worker.cjs', 'loaded.cjs'].map((name) => path.join(folder, name));
  writeFileSync(main, "new (require(process.argv[2]).Worker)(process.argv[3]).on('message', (message) => process.send({ 'the program hears': [JSON.stringify(message)] }));");
  writeFileSync(worker, `require(${JSON.stringify(loaded)}); import(${JSON.stringify(loaded)});`);
  writeFileSync(loaded, '');
  const [theirs, ours] = await Promise.all(['node:worker_threads', require.resolve('../../worker_threads.js')].map(async (name) => {
    const child = fork(main, [name, worker], { env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '1' } });
    const told = new Set();
    const heard = [];
    child.on('message', (message) => {
      for (const [kind, files] of Object.entries(message)) for (const file of files) (kind === 'the program hears' ? heard.push(file) : told.add(`${kind} ${file}`));
    });
    await once(child, 'close');
    return { told, heard };
  }));
  for (const file of theirs.told) if (file.includes(folder)) t.true(ours.told.has(file), file);
  t.true([...theirs.told].some((file) => file.endsWith(main)));
  t.deepEqual(ours.heard, theirs.heard, 'what its worker has loaded, and nothing of ours, once that is gathered');
});
