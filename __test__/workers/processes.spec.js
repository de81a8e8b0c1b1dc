// Workers in processes: a crash ends one alone, the preload makes every Worker of a program one, and none stays behind.
const { ChildProcess, spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const readline = require('node:readline');
const { text } = require('node:stream/consumers');
const { setImmediate: turn, setTimeout: pause } = require('node:timers/promises');
const { sharedMemory } = require('../../index.js');
const { SHARE_ENV, Worker, MessageChannel } = require('../../worker_threads.js');
const { forWorkers } = require('../../lib/workers/node-options.js');
const { prints } = require('../helpers/program.js');
const { test } = require('../helpers/test.js');

const root = path.join(__dirname, '..', '..');
const preload = path.join(root, 'worker-processes.js');

const begin = (t, source, options) => {
  t.timeout(30_000);
  const worker = new Worker(`const wt = require('node:worker_threads');${source}`, { eval: true, process: true, ...options });
  const exit = new Promise((resolve) => { worker.once('exit', resolve); });
  t.teardown(() => worker.terminate());
  return { worker, exit };
};

test.serial('it is a process of its own, which shows nothing of ours', async (t) => {
  const { worker, exit } = begin(t, 'wt.parentPort.postMessage([process.pid, process.ppid, process.execArgv, Object.keys(process.env).filter((name) => /^MESSAGE_/.test(name)), process.listenerCount("uncaughtException")])');
  const [[pid, ppid, ...traces]] = await once(worker, 'message');
  t.not(pid, process.pid);
  t.is(ppid, process.pid);
  t.deepEqual(traces, [process.execArgv, [], 0]);
  t.is(await exit, 0);
});

test.serial('a crash ends one worker: \'error\' with the signal, then \'exit\' with 128 + its number; what it posted before arrives', async (t) => {
  const { worker, exit } = begin(t, "wt.parentPort.postMessage('before'); process.kill(process.pid, 'SIGSEGV'); for (;;);");
  const message = once(worker, 'message');
  const [error] = await once(worker, 'error');
  t.is(error.code, 'ERR_WORKER_CRASHED');
  t.is(error.signal, 'SIGSEGV');
  t.deepEqual(await message, ['before']);
  t.is(await exit, 139);
});

const POSTED = {
  'a burst': { count: 1000, value: '{ at: i }', then: '' },
  'more than a socket takes': { count: 256, value: "[i, 'x'.repeat(16_384)]", then: '' },
  'buffers': { count: 100, value: '[i, new Uint8Array(100_000)]', then: '' },
  'a burst that goes on': { count: 1000, value: '{ at: i }', then: 'wt.parentPort.postMessage({ more: true });' },
};

/** A worker that posts, and then never comes to a turn again. @param {import('ava').ExecutionContext} t @param {{ count: number, value: string, then: string }} what */
async function poster(t, { count, value, then }, options = {}) {
  const words = new Int32Array(sharedMemory.create(4));
  const source = `for (let i = 0; i < ${count}; i++) wt.parentPort.postMessage(${value});
    const { sharedMemory } = require(${JSON.stringify(root)});
    Atomics.store(wt.workerData, 0, 1);
    sharedMemory.notify(wt.workerData, 0);
    for (;;) { ${then} }`;
  const { worker, exit } = begin(t, source, { workerData: words, ...options });
  let heard = 0;
  worker.on('message', ({ more }) => { if (more === undefined) heard += 1; });
  await once(worker, 'online');
  sharedMemory.wait(words, 0, 0);
  return { worker, exit, heard: () => heard };
}

for (const [what, posted] of Object.entries(POSTED)) {
  test.serial(`what a worker has posted by the time it is terminated arrives, though it never comes to a turn again: ${what}`, async (t) => {
    const { worker, exit, heard } = await poster(t, posted);
    t.is(await worker.terminate(), 1);
    t.is(await exit, 1);
    t.is(heard(), posted.count);
  });
}

for (const covered of [false, true]) {
  test.serial(`what a worker has posted by the time it is terminated arrives, though nobody reads it for long${covered ? ', and it cannot write its coverage' : ''}`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'coverage-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const posted = POSTED['more than a socket takes'];
    const { worker, exit, heard } = await poster(t, posted, { env: { ...process.env, ...(covered && { NODE_V8_COVERAGE: folder }) } });
    const ended = worker.terminate();
    sharedMemory.wait(new Int32Array(sharedMemory.create(4)), 0, 0, 3000);
    t.is(await ended, 1);
    t.is(await exit, 1);
    t.is(heard(), posted.count);
  });
}

test.serial('what Node allows for a program only a worker is started with, and the rest of a list is looked at all the same', async (t) => {
  const source = 'wt.parentPort.postMessage([typeof gc, Error.stackTraceLimit, process.title, process.execArgv])';
  const execArgv = ['--expose_gc', '--stack-trace-limit=3', '--title=by a flag'];
  for (let i = 0; i < 2; i++) {
    const { worker } = begin(t, source, { execArgv });
    t.deepEqual(await once(worker, 'message'), [['function', 3, 'by a flag', execArgv]]);
  }
  const apart = ['--title', 'by a flag'];
  const { worker: first } = begin(t, source, { execArgv: [...apart, '--expose-gc', 'no option', '--no-such-flag'] }); // it is no value, either
  t.deepEqual(await once(first, 'message'), [['function', 10, 'by a flag', [...apart, '--expose-gc']]]);
  const message = 'Initiated Worker with invalid execArgv flags: --no-such-flag';
  t.throws(() => begin(t, '', { execArgv: [...execArgv, '--no-such-flag'] }), { code: 'ERR_WORKER_INVALID_EXEC_ARGV', message });
  for (const flag of ['-v', '--version', '--help', '--v8-options', '--input-type=nothing', '--bench']) {
    const { message: nodes } = t.throws(() => new Worker('', { eval: true, execArgv: [flag], process: false }), { any: true });
    t.throws(() => begin(t, '', { execArgv: [flag] }), { code: 'ERR_WORKER_INVALID_EXEC_ARGV', message: nodes });
  }
  const { worker } = begin(t, source, { env: { NODE_OPTIONS: '--expose-gc --stack-trace-limit=4 --title=variable' } });
  t.deepEqual(await once(worker, 'message'), [['function', 4, 'variable', process.execArgv]]);
});

test.serial("what is for a program's own errors, or its own channel, does not come into a worker", async (t) => {
  const module = ['--import', 'data:text/javascript,'];
  for (const options of [{ execArgv: ['--abort-on-uncaught-exception'] }, { execArgv: [...module, '--abort_on_uncaught_exception'] }, { execArgv: module, env: { ...process.env, NODE_OPTIONS: '--abort-on-uncaught-exception' } }]) {
    const { worker, exit } = begin(t, "throw new Error('no end of a program')", options);
    const [error] = await once(worker, 'error');
    t.is(error.message, 'no end of a program');
    t.is(await exit, 1);
  }
  const { worker, exit } = begin(t, 'wt.parentPort.postMessage(process.send === undefined)', { env: { ...process.env, NODE_CHANNEL_FD: 'none' } });
  t.deepEqual(await once(worker, 'message'), [true]);
  t.is(await exit, 0);
});

test.serial('output that nobody reads leaves no descriptor open', async (t) => {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (const stream of ['stdout', 'stderr']) {
    const { worker, exit } = begin(t, `const more = () => process.${stream}.write('more '.repeat(10_000), more); more();`, { [stream]: true });
    while (!(worker[stream].readableLength > 0 && worker[stream].writableNeedDrain)) await turn();
    worker.terminate();
    await exit;
    while (open() > before) await turn(); // or the test takes too long
    t.true((await text(worker[stream])).startsWith('more more '));
  }
});

test.serial('memory that runs out before anything runs is told as such', async (t) => {
  const { worker, exit } = begin(t, 'const all = []; for (;;) all.push([all]);', { resourceLimits: { maxYoungGenerationSizeMb: 0, maxOldGenerationSizeMb: 0 } });
  const [error] = await once(worker, 'error');
  t.is(error.code, 'ERR_WORKER_OUT_OF_MEMORY');
  t.is(await exit, 1);
});

test.serial('what needs one address space throws and says so, and starts nothing', (t) => {
  const wrong = (options, message) => t.throws(() => new Worker('', { eval: true, process: true, ...options }), { any: true, message });
  wrong({ env: SHARE_ENV }, /one address space/);
  wrong({ workerData: new SharedArrayBuffer(8) }, /could not be cloned/);
  const { port1, port2 } = new MessageChannel();
  wrong({ workerData: port1 }, /transferList/);
  wrong({ workerData: [port1, () => {}], transferList: [port1] }, /could not be cloned/);
  t.false(port1.hasRef());
  t.notThrows(() => port2.postMessage(1));
  for (const port of [port1, port2]) port.close();
});

test.serial('one whose workerData cannot leave after all is told of by its constructor alone', (t) => prints(t, `
  const workers = require('./worker_threads.js');
  const buffer = new ArrayBuffer(8);
  const data = { get gone() { return structuredClone(buffer, { transfer: [buffer] }); } };
  try {
    new workers.Worker('', { eval: true, process: true, workerData: data, transferList: [buffer] });
  } catch (error) {
    console.log(error.name);
  }
`, ['DataCloneError']));

test.serial('thread ids of a family differ: of processes, of their processes, and of threads', async (t) => {
  const inner = "require('node:worker_threads').parentPort.postMessage(require('node:worker_threads').threadId)";
  const { worker, exit } = begin(t, `new wt.Worker(${JSON.stringify(inner)}, { eval: true, process: true }).on('message', (id) => wt.parentPort.postMessage([wt.threadId, id]))`);
  const { threadId } = worker;
  const thread = new Worker('', { eval: true });
  const ids = [0, thread.threadId, ...(await once(worker, 'message'))[0]];
  t.is(ids[2], threadId);
  t.is(new Set(ids).size, 4);
  await exit;
});

// ---------------------------------------------------------------- the preload

/** A program of two files, whose lines on stdout are given back. */
async function runs(t, files, node, options = {}) {
  t.timeout(30_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'everywhere-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, source] of Object.entries(files)) writeFileSync(path.join(folder, name), source);
  const child = spawn(process.execPath, [...node, path.join(folder, Object.keys(files)[0])], { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const lines = [];
  readline.createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const [code] = await once(child, 'close');
  t.is(code, 0);
  return { lines, pid: child.pid };
}

test.serial('a session of the inspector that looks for the main thread is told that it is in another process', async (t) => {
  const { worker } = begin(t, `
    const { Session } = require('node:inspector');
    const session = new Session();
    try { session.connectToMainThread(); } catch ({ code, message }) { wt.parentPort.postMessage({ code, message }); }
    session.connect();
    session.post('Runtime.evaluate', { expression: '1 + 1' }, (error, { result }) => wt.parentPort.postMessage(result.value));
  `);
  const heard = [];
  worker.on('message', (message) => heard.push(message));
  const [code] = await once(worker, 'exit');
  t.deepEqual([code, heard], [0, [{ code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM', message: 'connectToMainThread() needs one process: the main thread of a worker in a process is in another one' }, 2]]);
});

test.serial('node:test mocks modules under the preload', async (t) => {
  const suite = `
    const { test } = require('node:test');
    test('mocks', async (t) => {
      t.mock.module('node:os', { namedExports: { platform: () => 'mocked' } });
      console.log((await import('node:os')).platform());
    });`;
  const { lines } = await runs(t, { 'suite.cjs': suite }, ['--import', preload, '--experimental-test-module-mocks', '--no-warnings']);
  t.true(lines.includes('mocked'), lines.join('\n'));
});

for (const [name, node, env] of [
  ['coverage', () => [], (folder) => ({ NODE_V8_COVERAGE: folder })],
  ['a profile', (folder) => ['--cpu-prof', '--cpu-prof-dir', folder], () => ({})],
]) {
  test.serial(`as a thread, a worker writes ${name} when it is terminated, and when the program ends`, async (t) => {
    const begin = (file, then) => `new (require('node:worker_threads').Worker)(require.resolve(${JSON.stringify(file)})).once('message', function() { ${then} })`;
    const files = {
      'main.cjs': begin('./terminated.cjs', `this.terminate().then((code) => { console.log(code); ${begin('./outer.cjs', "process.removeAllListeners('exit'); process.exit()")}; })`),
      'terminated.cjs': "setInterval(() => {}, 1000); require('node:worker_threads').parentPort.postMessage('up');",
      'outer.cjs': `setInterval(() => {}, 1000); ${begin('./inner.cjs', "require('node:worker_threads').parentPort.postMessage('up')")}`,
      'inner.cjs': "setInterval(() => {}, 1000); require('node:worker_threads').parentPort.postMessage('up');",
    };
    for (const load of [[], ['--import', preload]]) {
      const folder = mkdtempSync(path.join(tmpdir(), 'profiles-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      const { lines } = await runs(t, files, [...load, ...node(folder)], { env: { ...process.env, ...env(folder) } });
      t.deepEqual(lines, ['1']);
      t.is(readdirSync(folder).length, Object.keys(files).length, `${load}`); // one of each thread
    }
  });
}

test.serial('where coverage is wanted a worker without a turn is killed', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coverage-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const source = "new (require('node:worker_threads').Worker)('for (;;);', { eval: true }).once('online', function() { this.terminate().then(console.log); })";
  const { lines } = await runs(t, { 'main.cjs': source }, ['--import', preload], { env: { ...process.env, NODE_V8_COVERAGE: folder } });
  t.deepEqual(lines, ['1']);
});

const BODY = `
  if (isMainThread) {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(file, { workerData: { port: port2, depth: 1 }, transferList: [port2] });
    port1.once('message', (value) => { console.log(value); port1.close(); });
    worker.on('message', (value) => console.log(value));
    console.log(globalThis.MessageChannel === MessageChannel, Worker.name);
  } else if (workerData.depth === 1) {
    workerData.port.postMessage('child of ' + process.ppid);
    new Worker(file, { workerData: { depth: 2 }, execArgv: [] }).on('message', (value) => parentPort.postMessage(value === process.pid));
  } else parentPort.postMessage(process.ppid);
`;
const NAMES = '{ Worker, MessageChannel, isMainThread, parentPort, workerData }';
const COMMON = `const ${NAMES} = require('worker_threads'); const file = __filename;${BODY}`;
const MODULE = `import ${NAMES} from 'node:worker_threads'; import { fileURLToPath } from 'node:url'; const file = fileURLToPath(import.meta.url);${BODY}`;

for (const way of ['--import', '--require']) {
  for (const [kind, file, source] of [['CommonJS', 'app.cjs', COMMON], ['a module', 'app.mjs', MODULE]]) {
    test.serial(`${way} worker-processes makes every Worker a process, nested ones too: ${kind}`, async (t) => {
      const { lines, pid } = await runs(t, { [file]: source }, [way, preload]);
      t.deepEqual(lines, ['true Worker', `child of ${pid}`, 'true']);
    });
  }
}

// Node looks for a preload from the folder that a process is in.
const MOVED = `
  const { Worker, isMainThread, threadId } = require('node:worker_threads');
  if (isMainThread) process.chdir(__dirname);
  console.log(process.execArgv.join(' '), threadId > 2 ** 22);
  if (process.env.DEPTH === '2') process.exit();
  if (!isMainThread) process.chdir('/');
  new Worker(__filename, { env: { ...process.env, DEPTH: isMainThread ? '1' : '2' } });
`;
for (const option of ['-r message-channel-main/worker-processes', '--require=message-channel-main/worker-processes', '--import message-channel-main/worker-processes', '--import="message-channel-main/worker-processes"']) {
  for (const isInEnvironment of [false, true]) {
    test.serial(`a program that has left for another folder has its workers still: ${option}${isInEnvironment ? ' in NODE_OPTIONS' : ''}`, async (t) => {
      const given = option.replaceAll('"', '').split(' ');
      const env = { ...process.env, NODE_OPTIONS: `--no-deprecation ${option} --no-warnings` };
      const { lines } = await runs(t, { 'app.cjs': MOVED }, isInEnvironment ? [] : given, { cwd: root, ...(isInEnvironment && { env }) });
      const inherited = isInEnvironment ? '' : given.join(' ');
      t.deepEqual(lines, [`${inherited} false`, `${inherited} true`, `${inherited} true`]);
    });
  }
}

test.serial('of an option for the main program its value goes with it, also where that is the next argument', async (t) => {
  // Node names them itself: `--watch-path=...`, and `--watch` without a value.
  const { stdout } = spawnSync(process.execPath, ['--help'], { encoding: 'utf8' });
  const options = [...stdout.matchAll(/(--(?:eval|print|input-type|inspect|test|bench|watch|snapshot-blob|env-file)(?:-[a-z-]+)?)(=\.\.\.| \[\.\.\.\])?(?=\s)/g)];
  t.true(options.some(([option]) => option === '--watch') && options.some(([option]) => option === '--test-name-pattern=...'), stdout);
  for (const [option, value] of [...options.map(([, ...parts]) => parts), ['-p', '=...'], ['-pe', '=...']]) {
    t.deepEqual(forWorkers([option, 'value', '--no-warnings']), [...(value === undefined ? ['value'] : []), '--no-warnings'], option);
  }
  const source = `new (require(${JSON.stringify(path.join(root, 'worker_threads.js'))}).Worker)(process.argv[1], { process: true }).on('message', console.log).on('error', console.log); 0`;
  const worker = "require('node:worker_threads').parentPort.postMessage('begun');";
  const { lines } = await runs(t, { 'worker.cjs': worker }, ['--test-name-pattern', 'it', '-p', source]);
  t.deepEqual(lines.sort(), ['0', 'begun']);
});

test.serial('files of variables are read once, by the program: a worker and a child find those in their environment, wherever the program is by then', async (t) => {
  const worker = "require('node:worker_threads').parentPort.postMessage([process.env.FROM_FILE, process.execArgv])";
  const child = 'process.parentPort.postMessage([process.env.FROM_FILE])';
  const program = `
    const { writeFileSync } = require('node:fs');
    const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))});
    const { utilityProcess } = require(${JSON.stringify(path.join(root, 'index.js'))});
    const start = () => Promise.all([
      ...[undefined, ['--env-file', 'none'], ['--env-file=none', '--no-warnings']].map((execArgv) => new Worker(__dirname + '/worker.cjs', { process: true, execArgv })),
      utilityProcess.fork(__dirname + '/child.cjs'),
    ].map((each) => new Promise((resolve) => each.on('message', resolve).on('exit', resolve)))).then((told) => console.log(JSON.stringify(told)));
    process.chdir(__dirname);
    start().then(() => {
      writeFileSync('.env', 'FROM_FILE=another');
      return start();
    });
  `;
  const folder = mkdtempSync(path.join(tmpdir(), 'variables-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, '.env'), 'FROM_FILE=first');
  for (const node of [['--env-file=.env'], ['--env-file', '.env']]) {
    const { lines } = await runs(t, { 'program.cjs': program, 'worker.cjs': worker, 'child.cjs': child }, node, { cwd: folder });
    const told = [['first', node], ['first', ['--env-file', 'none']], ['first', ['--env-file=none', '--no-warnings']], ['first']];
    t.deepEqual(lines.map((line) => JSON.parse(line)), [told, told]);
  }
});

/** A program that starts a worker, and a child, each of which would be the program itself if it got what that was started with. */
const STARTS = `
  console.log('program');
  if (process.env.AGAIN !== undefined) process.exit(1);
  const { createRequire } = process.getBuiltinModule('node:module');
  const { Worker } = createRequire(${JSON.stringify(__filename)})('../../worker_threads.js');
  const { utilityProcess } = createRequire(${JSON.stringify(__filename)})('../../index.js');
  const env = { ...process.env, AGAIN: '' };
  for (const process of [false, true]) new Worker(FOLDER + '/worker.cjs', { process, env }).on('message', (text) => console.log(text, process));
  new Worker("require('node:worker_threads').parentPort.postMessage('text')", { eval: true, process: true, env }).on('message', (text) => console.log(text));
  utilityProcess.fork(FOLDER + '/child.cjs', [], { env }).on('message', (text) => console.log(text));
`;
const STARTED = ['child', 'program', 'text', 'worker false', 'worker true'];
const started = {
  'worker.cjs': "require('node:worker_threads').parentPort.postMessage('worker');",
  'child.cjs': "process.parentPort.postMessage('child');",
};

/** @param {string} flag */
const knows = (flag) => process.allowedNodeEnvironmentFlags.has(flag);

(knows('--vfs-mount') ? test.serial : test.serial.skip)('a worker and a child of a program in a virtual file system are not that program, and find their files in there', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mounted-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, source] of Object.entries({ ...started, 'index.js': STARTS.replaceAll('FOLDER', '__dirname') })) writeFileSync(path.join(folder, name), source);
  for (const given of [[`--vfs-load=${folder}`], ['--vfs-load', folder]]) {
    const { lines } = await runs(t, { argument: '' }, ['--no-warnings', '--experimental-vfs', ...given]);
    t.deepEqual(lines.sort(), STARTED);
  }
});

(knows('--bench-isolation') ? test.serial : test.serial.skip)('a worker and a child of a benchmark are no benchmarks', async (t) => {
  const files = { 'some.bench.cjs': STARTS.replaceAll('FOLDER', '__dirname'), ...started };
  const { lines } = await runs(t, files, ['--no-warnings', '--experimental-bench', '--bench', '--bench-isolation', 'none']);
  t.deepEqual(lines.filter((line) => STARTED.includes(line)).sort(), STARTED);
});

const canRequireModules = process.features.require_module === true;
(canRequireModules ? test.serial : test.serial.skip)('a module that NODE_OPTIONS brings before our preload has the new names of a process worker, too', async (t) => {
  const { lines } = await runs(t, {
    'app.cjs': `const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))}); new Worker(__dirname + '/worker.cjs', { process: true, env: { ...process.env, NODE_OPTIONS: '--require ' + __dirname + '/early.mjs' } }).on('message', console.log);`,
    'early.mjs': "import { parentPort, isMainThread } from 'node:worker_threads'; globalThis.seen = () => [parentPort, isMainThread];",
    'worker.cjs': "const { parentPort } = require('node:worker_threads'); const [port, isMainThread] = seen(); parentPort.postMessage(port === parentPort && !isMainThread);",
  }, []);
  t.deepEqual(lines, ['true']);
});

test.serial('a module that was there before the preload has the new names, too', async (t) => {
  const { lines } = await runs(t, {
    'app.mjs': "import './early.mjs';",
    'early.mjs': `import { Worker } from 'node:worker_threads'; import { createRequire } from 'node:module'; const before = Worker; createRequire(import.meta.url)(${JSON.stringify(preload)}); console.log(before === Worker, new Worker('', { eval: true }).threadId > 2 ** 22);`,
  }, []);
  t.deepEqual(lines, ['false true']);
});

// ---------------------------------------------------------------- nobody stays behind

/** Whether a process is there and not a zombie. */
function isAlive(pid) {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function allGone(t, pids) {
  const deadline = Date.now() + 15_000;
  while (pids.some(isAlive) && Date.now() < deadline) await pause(10);
  t.deepEqual(pids.filter(isAlive), []);
}

/** A main program with a worker that spins in a loop and one of that, which idles; their pids. */
async function family(t, extra = '') {
  t.timeout(30_000);
  const idle = "console.log(process.pid); setInterval(() => {}, 1000);";
  // It spins once the other is known, whose pid it passes on before.
  const busy = `console.log(process.pid); new (require('node:worker_threads').Worker)(${JSON.stringify(idle)}, { eval: true, process: true, stdout: true })
    .stdout.once('data', (pid) => { require('node:fs').writeSync(1, pid); for (;;); });`;
  const source = `const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))}); const worker = new Worker(${JSON.stringify(busy)}, { eval: true, process: true, stdout: true }); worker.stdout.pipe(process.stdout); ${extra}`;
  const main = spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  t.teardown(() => main.kill('SIGKILL'));
  const pids = [main.pid];
  for await (const line of readline.createInterface({ input: main.stdout })) if (pids.push(Number(line)) === 3) break;
  return { main, pids };
}

test.serial('no process stays behind when the main program is killed', async (t) => {
  const { main, pids } = await family(t);
  main.kill('SIGKILL');
  await allGone(t, pids);
});

test.serial('no process stays behind when the main program is killed, although the worker has become another user', async (t) => {
  t.timeout(30_000);
  if (process.getuid?.() !== 0) return t.pass('only root may become somebody else');
  const busy = "process.setgid(65534); process.setuid(65534); console.log(process.pid); for (;;);";
  const source = `const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))}); new Worker(${JSON.stringify(busy)}, { eval: true, process: true });`;
  const main = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.teardown(() => main.kill('SIGKILL'));
  const [pid] = await once(main.stdout, 'data');
  main.kill('SIGKILL');
  await allGone(t, [Number(pid)]);
});

test.serial('a worker that may not be killed any more, since the program has become another user, is terminated all the same', async (t) => {
  const { prototype } = ChildProcess;
  const { kill } = prototype;
  for (const loop of ['for (;;);', 'setInterval(() => {}, 1000);', null]) {
    const { worker } = begin(t, `wt.parentPort.postMessage(process.pid); ${loop ?? 'for (;;);'}`);
    const pids = loop === null ? [] : await once(worker, 'message'); // null: it has not begun
    let refused = 0;
    prototype.kill = function refuse() { // as Node's does then
      refused++;
      this.emit('error', Object.assign(new Error('kill EPERM'), { code: 'EPERM', syscall: 'kill' }));
      return false;
    };
    try {
      t.is(await worker.terminate(), loop === null ? 0 : 1);
    } finally {
      prototype.kill = kill;
    }
    if (loop === null) t.is(refused, 1);
    else t.true(refused > 0); // to be continued, should it be stopped
    await allGone(t, pids);
  }
});

test.serial('a worker whose process is stopped is terminated all the same', async (t) => {
  const { worker, exit } = begin(t, "wt.parentPort.postMessage(process.pid); process.kill(process.pid, 'SIGSTOP');");
  const pids = await once(worker, 'message');
  t.is(await worker.terminate(), 1);
  t.is(await exit, 1);
  await allGone(t, pids);
});

test.serial('no process stays behind when a worker is killed', async (t) => {
  const { pids } = await family(t, "worker.on('error', () => {}); worker.on('exit', () => process.exit());");
  process.kill(pids[1], 'SIGKILL');
  await allGone(t, pids);
});

test.serial('no process stays behind after Ctrl-C, which is for the main program', async (t) => {
  const { main, pids } = await family(t);
  process.kill(-main.pid, 'SIGINT'); // to the whole group of the terminal
  await allGone(t, pids);
});

test.serial('Ctrl-C that the main program handles ends no worker', async (t) => {
  const { main, pids } = await family(t, "process.on('SIGINT', () => console.log('handled')); process.stdin.on('end', () => process.exit()).resume();");
  const handled = once(main.stdout, 'data');
  main.stdout.resume();
  process.kill(-main.pid, 'SIGINT');
  t.is(String((await handled)[0]), 'handled\n');
  t.true(pids.every(isAlive));
  main.stdin.end();
  await allGone(t, pids);
});

test.serial('no process stays behind when an error ends the main program, or it exits', async (t) => {
  for (const end of ["throw new Error('uncaught')", 'process.exit(0)']) {
    const { main, pids } = await family(t, `process.stdin.on('end', () => { ${end} }).resume();`);
    main.stdin.end();
    await allGone(t, pids);
  }
});

test.serial('no process stays behind when the worker is terminated, or the thread that made it ends', async (t) => {
  const source = "console.log(process.pid); for (;;);";
  const middle = `new (require(${JSON.stringify(path.join(root, 'worker_threads.js'))}).Worker)(${JSON.stringify(source)}, { eval: true, process: true, stdout: true }).stdout.once('data', (pid) => require('node:worker_threads').parentPort.postMessage(Number(pid)));`;
  t.timeout(30_000);
  const thread = new Worker(middle, { eval: true });
  const nodes = new (require('node:worker_threads').Worker)(middle, { eval: true });
  const [inner] = await once(nodes, 'message');
  await nodes.terminate();
  await thread.terminate();
  await allGone(t, [inner]);
  const { worker } = begin(t, 'wt.parentPort.postMessage(process.pid); for (;;);');
  const [pid] = await once(worker, 'message');
  await worker.terminate();
  await allGone(t, [pid]);
});

test.serial('no zombie stays behind when the thread that made it ends', async (t) => {
  t.timeout(30_000);
  const sources = ['wt.parentPort.once("message", () => {})', 'for (;;);'];
  const made = `
    const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))});
    const workers = ${JSON.stringify(sources)}.map((source) => new Worker('const wt = require("node:worker_threads"); console.log(process.pid);' + source, { eval: true, process: true, stdout: true }));
    const told = workers.map((worker) => new Promise((resolve) => worker.stdout.once('data', (pid) => resolve(Number(pid)))));
    Promise.all(told).then((pids) => require('node:worker_threads').parentPort.postMessage(pids));`;
  const ends = { terminated: (/** @type {any} */ thread) => thread.terminate(), 'by itself': (/** @type {any} */ thread) => once(thread, 'exit') };
  for (const [name, end] of Object.entries(ends)) {
    const thread = new (require('node:worker_threads').Worker)(name === 'terminated' ? made : `${made}
      Promise.all(told).then(() => workers.forEach((worker) => { worker.unref(); worker.stdout.destroy(); }));`, { eval: true });
    const [pids] = await once(thread, 'message');
    t.is(pids.length, sources.length);
    await end(thread);
    for (const pid of pids) t.false(existsSync(`/proc/${pid}`), name);
  }
});

test.serial('no process stays behind when the thread that made it ends before the process has got anywhere', async (t) => {
  t.timeout(30_000);
  for (const source of ['setInterval(() => {}, 1000)', 'for (;;);']) {
    const thread = new (require('node:worker_threads').Worker)(`
      const fs = require('node:fs');
      // As if the thread were terminated before it gets there.
      require(${JSON.stringify(path.join(root, 'lib/native'))}).native.takeAlong = () => {};
      const children = () => fs.readFileSync('/proc/thread-self/children', 'utf8').trim();
      new (require(${JSON.stringify(path.join(root, 'worker_threads.js'))}).Worker)(${JSON.stringify(source)}, { eval: true, process: true });
      process.kill(Number(children()), 'SIGSTOP');
      require('node:worker_threads').parentPort.postMessage(Number(children()));
    `, { eval: true });
    const [pid] = await once(thread, 'message');
    await thread.terminate();
    process.kill(pid, 'SIGCONT');
    await allGone(t, [pid]);
  }
});
