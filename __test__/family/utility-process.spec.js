// utilityProcess: Electron's, on plain Node — its arguments, its events and their order, its posts.
const { spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { setImmediate: turn, setTimeout: pause } = require('node:timers/promises');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

/** Forks a fixture; the test's end is the child's. */
function fork(t, name, ...rest) {
  t.timeout(15_000);
  const child = utilityProcess.fork(fixture(name), ...rest);
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

/** The names of the events as they come, each with its arguments. */
function log(child, ...names) {
  const entries = [];
  for (const name of names) child.on(name, (...args) => entries.push([name, ...args]));
  return entries;
}

const message = ([data]) => data;

// Arguments

for (const [title, args, text] of [
  ['no script', [], 'Missing UtilityProcess entry script.'],
  ['an empty script', [''], 'Missing UtilityProcess entry script.'],
  ['execArgv is no array', ['x.js', [], { execArgv: '--expose-gc' }], 'execArgv must be an array of strings.'],
  ['execArgv has a number', ['x.js', [], { execArgv: [1] }], 'execArgv must be an array of strings.'],
  ['serviceName is no string', ['x.js', [], { serviceName: 1 }], 'serviceName must be a string.'],
  ['cwd is no string', ['x.js', [], { cwd: 1 }], 'cwd path must be a string.'],
  ['stdio is an unknown word', ['x.js', [], { stdio: 'loud' }], 'stdio must be of the following values: inherit, pipe, ignore'],
  ['stdio has an unknown word', ['x.js', [], { stdio: ['ignore', 'pipe', 'loud'] }], 'stdio must be of the following values: inherit, pipe, ignore'],
  ['stdio is too short', ['x.js', [], { stdio: ['ignore', 'pipe'] }], 'configuration missing for stdin, stdout or stderr.'],
]) {
  test.serial(`fork() refuses its arguments: ${title}`, (t) => {
    t.throws(() => utilityProcess.fork(...args), { message: text });
  });
}

test.serial('UtilityProcess cannot be made by hand', async (t) => {
  const child = fork(t, 'idle.js');
  t.throws(() => new child.constructor(), { instanceOf: TypeError });
  await once(child, 'exit');
});

test.serial('arguments, and options in the place of arguments, reach the child', async (t) => {
  const child = fork(t, 'report.js', ['one', 'two'], { execArgv: ['--expose-gc'] });
  const report = message(await once(child, 'message'));
  t.deepEqual(report.argv, ['one', 'two']);
  t.deepEqual(report.execArgv, ['--expose-gc']);
  t.true(report.gc);
  const second = message(await once(fork(t, 'report.js', { execArgv: ['--expose-gc'] }), 'message'));
  t.deepEqual(second.argv, []);
  t.true(second.gc);
});

test.serial('env replaces the environment, {} and nothing inherit it', async (t) => {
  process.env.FROM_THE_PARENT = 'yes';
  t.teardown(() => delete process.env.FROM_THE_PARENT);
  const env = async (options) => message(await once(fork(t, 'report.js', [], options), 'message')).env;
  t.is((await env({})).FROM_THE_PARENT, 'yes');
  t.is((await env({ env: {} })).FROM_THE_PARENT, 'yes');
  const own = await env({ env: { ONLY: 'this' } });
  t.is(own.ONLY, 'this');
  t.is(own.FROM_THE_PARENT, undefined);
});

test.serial('without execArgv the child has ours, but for the text of node -e', async (t) => {
  t.timeout(20_000);
  const source = (more) => `
    if (parentPort) throw new Error('it forked itself');
    const child = utilityProcess.fork(${JSON.stringify(fixture('report.js'))}, []${more});
    child.on('message', (report) => { console.log(JSON.stringify(report.execArgv)); });`;
  await prints(t, source(''), ['["--expose-gc"]'], { node: ['--expose-gc'] });
  await prints(t, source(', { execArgv: [] }'), ['[]'], { node: ['--expose-gc'] });
});

test.serial('an option that nobody reads is told, and what does it instead', async (t) => {
  const warnings = [];
  const listener = ({ code, message }) => { if (code === 'MESSAGE_PORT_OPTION') warnings.push(message); };
  process.on('warning', listener);
  t.teardown(() => process.off('warning', listener));
  const child = utilityProcess.fork(fixture('idle.js'), [], { silent: true, envv: {}, disclaim: true, stdio: 'inherit' });
  await once(child, 'exit');
  t.deepEqual(warnings, [
    "utilityProcess.fork has no option 'silent': stdio: 'pipe' does that",
    "utilityProcess.fork has no option 'envv'",
  ]);
});

test.serial('the child sees nothing of ours in argv, execArgv, NODE_OPTIONS and its environment', async (t) => {
  const child = fork(t, 'report.js', [], { env: { ONLY: 'this' }, execArgv: [] });
  const report = message(await once(child, 'message'));
  t.deepEqual(report.argv, []);
  t.deepEqual(report.execArgv, []);
  t.deepEqual(report.env, { ONLY: 'this' });
  t.is(report.main, fixture('report.js'));
});

test.serial('cwd and execPath are the child\'s', async (t) => {
  const child = fork(t, 'report.js', [], { cwd: '/', execPath: process.execPath });
  t.is(message(await once(child, 'message')).cwd, '/');
});

test.serial('a grandchild started by other means has no parentPort', async (t) => {
  const child = fork(t, 'report.js', ['grandchild']);
  t.is(message(await once(child, 'message')).grandchild, 'null undefined');
});

// Events

test.serial("'spawn' comes first; pid is there from 'spawn' until 'exit'", async (t) => {
  const child = fork(t, 'echo.js');
  t.is(child.pid, undefined);
  await once(child, 'spawn');
  const { pid } = child;
  t.is(typeof pid, 'number');
  child.postMessage('question');
  t.is(message(await once(child, 'message')), 'question');
  t.is(child.pid, pid);
  child.postMessage('go');
  const [code] = await once(child, 'exit');
  t.is(code, 0);
  t.is(child.pid, undefined);
});

test.serial("posts before 'spawn' queue, ports included", async (t) => {
  const child = fork(t, 'echo.js');
  const { port1, port2 } = new MessageChannelMain();
  const reader = log(child, 'spawn', 'message');
  for (const i of range(100)) child.postMessage(i);
  child.postMessage('with a port', [port2]);
  while (reader.length < 102) await once(child, 'message');
  t.is(reader[0][0], 'spawn');
  t.deepEqual(reader.slice(1, 101).map(([, data]) => data), range(100));
  const [, data, event] = reader[101];
  t.is(data, 'with a port');
  t.is(event.data, 'with a port');
  event.ports[0].postMessage('still works');
  t.is(await new Reader(port1).next(), 'still works');
  port1.close();
  child.postMessage('go');
  await once(child, 'exit');
});

test.serial("posts after exit do nothing, also inside the 'exit' listener", async (t) => {
  const child = fork(t, 'idle.js');
  await new Promise((resolve) => {
    child.on('exit', () => {
      t.notThrows(() => child.postMessage('too late'));
      resolve();
    });
  });
  t.notThrows(() => child.postMessage('much too late'));
});

test.serial("with a 'message' listener, all messages come before 'exit'", async (t) => {
  const child = fork(t, 'post-and-exit.js', ['1000']);
  const entries = log(child, 'message', 'exit');
  await once(child, 'exit');
  t.deepEqual(entries.map(([, data]) => data), [...range(1000), 7]);
  t.is(entries.at(-1)[0], 'exit');
});

test.serial("messages are kept until the first 'message' listener", async (t) => {
  const child = fork(t, 'post-and-wait.js', ['10'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const entries = log(child, 'message', 'exit');
  child.postMessage('go');
  await once(child, 'exit');
  t.deepEqual(entries.map(([, data]) => data), [...range(10), 0]);
});

test.serial("without a 'message' listener 'exit' does not wait", async (t) => {
  const child = fork(t, 'post-and-exit.js', ['1000']);
  const [code] = await once(child, 'exit');
  t.is(code, 7);
});

test.serial("'exit' comes once, with the code the script ended with", async (t) => {
  for (const [how, code] of [['code 0', 0], ['code 42', 42], ['exitCode 5', 5], ['throw', 1]]) {
    const child = fork(t, 'end.js', [how], { stdio: 'ignore' });
    const entries = log(child, 'exit', 'error');
    await once(child, 'exit');
    await new Promise(setImmediate);
    t.is(entries.length, 1, how);
    t.is(entries[0][0], 'exit', how);
    t.is(entries[0][1], code, how);
  }
});

test.serial("after our own kill(): (0, signal)", async (t) => {
  for (const signal of [undefined, 'SIGTERM', 'SIGKILL', 'SIGINT']) {
    const child = fork(t, 'echo.js');
    await once(child, 'spawn');
    t.true(signal ? child.kill(signal) : child.kill());
    t.deepEqual(await once(child, 'exit'), [0, signal ?? 'SIGTERM']);
  }
});

test.serial("after somebody else's kill: (128 + n, signal)", async (t) => {
  for (const [signal, n] of [['SIGKILL', 9], ['SIGTERM', 15]]) {
    const child = fork(t, 'echo.js');
    await once(child, 'spawn');
    process.kill(child.pid, signal);
    t.deepEqual(await once(child, 'exit'), [128 + n, signal]);
  }
});

test.serial("somebody else's kill is one, whatever was sent from here before: (128 + n, signal)", async (t) => {
  const child = fork(t, 'echo.js');
  await once(child, 'spawn');
  t.true(child.kill(0)); // which only asks
  process.kill(child.pid, 'SIGTERM');
  t.deepEqual(await once(child, 'exit'), [143, 'SIGTERM']);
});

test.serial('kill() is true the first time it reaches a live process, false afterwards', async (t) => {
  const child = fork(t, 'echo.js');
  await once(child, 'spawn');
  t.deepEqual([child.kill(0), child.kill(0)], [true, true], 'which kills nothing');
  t.true(child.kill());
  t.false(child.kill());
  await once(child, 'exit');
  t.false(child.kill(0));
  t.false(child.kill());
});

test.serial('a missing script: exit code 1, no throw', async (t) => {
  const child = fork(t, 'there-is-no-such.js', [], { stdio: 'ignore' });
  const entries = log(child, 'exit', 'error');
  await once(child, 'exit');
  t.is(entries[0][0], 'exit');
  t.is(entries[0][1], 1);
});

test.serial("a child that cannot be started: 'error', then 'exit' with code 1", async (t) => {
  for (const options of [{ cwd: '/there/is/no/such/place' }, { execPath: '/there/is/no/such/node' }]) {
    const child = fork(t, 'echo.js', [], options);
    const entries = log(child, 'spawn', 'error', 'exit');
    await new Promise((resolve) => child.on('exit', resolve));
    t.deepEqual(entries.map(([name]) => name), ['error', 'exit']);
    t.true(entries[0][1] instanceof Error);
    t.is(entries[1][1], 1);
  }
});

test.serial("'error' never throws for want of a listener", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    utilityProcess.fork('x.js', [], { cwd: '/there/is/no/such/place' }).on('exit', (code) => console.log('exit', code));
  `, ['exit 1']);
});

test.serial("a signal aborts the child: 'error', then 'exit'", async (t) => {
  const controller = new AbortController();
  const child = fork(t, 'echo.js', [], { signal: controller.signal });
  const entries = log(child, 'error', 'exit');
  await once(child, 'spawn');
  const exit = new Promise((resolve) => child.on('exit', resolve));
  controller.abort();
  await exit;
  t.deepEqual(entries.map(([name]) => name), ['error', 'exit']);
  t.is(entries[0][1].name, 'AbortError');
});

test.serial('timeout ends a child that takes too long', async (t) => {
  const child = fork(t, 'echo.js', [], { timeout: 200, killSignal: 'SIGKILL' });
  child.on('message', () => {});
  const [, signal] = await once(child, 'exit');
  t.is(signal, 'SIGKILL');
});

// Streams

test.serial('stdio: piped output stays readable until drained, after exit too', async (t) => {
  const child = fork(t, 'print.js', [], { stdio: 'pipe' });
  const exit = once(child, 'exit');
  await exit;
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.is(out, 'out '.repeat(10_000));
  t.is(err, 'err');
});

test.serial('stdio: output that nobody reads leaves no descriptor open after the exit, and is still there', async (t) => {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const child = fork(t, 'prints-for-ever.js', [], { stdio: 'pipe' });
  const { stdout } = child;
  while (!(stdout.readableLength > 0 && stdout.writableNeedDrain)) await turn();
  child.kill('SIGKILL');
  await once(child, 'exit');
  while (open() > before) await turn(); // or the test takes too long
  t.true((await text(stdout)).startsWith('more more '));
});

test.serial('stdio: who has inherited a pipe waits for its reader also when the child has exited', async (t) => {
  const child = fork(t, 'leaves-an-heir.js', [fixture('prints-for-ever.js')], { stdio: 'pipe' });
  const [{ pid }] = await once(child, 'message');
  t.teardown(() => process.kill(pid, 'SIGKILL'));
  await once(child, 'exit');
  const { stdout } = child;
  const taken = () => stdout.readableLength + stdout.writableLength;
  while (taken() < 1 << 20) await turn();
  await pause(500); // in which it would write many times as much
  t.true(taken() < 3 << 20, `${taken()} bytes`);
  let read = 0;
  for await (const { length } of stdout) if ((read += length) > 8 << 20) break;
  t.true(read > 8 << 20);
});

test.serial('stdio: by default nothing is piped', async (t) => {
  const child = fork(t, 'idle.js');
  t.is(child.stdout, null);
  t.is(child.stderr, null);
  t.is(child.stdin, null);
  await once(child, 'exit');
});

test.serial('stdio: an array may open stdin', async (t) => {
  const child = fork(t, 'cat.js', [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  child.stdin.end('through the child');
  t.is(await text(child.stdout), 'through the child');
  await exit;
});

// Posts

test.serial('a port passes between two children that know nothing of their parent', async (t) => {
  const [a, b] = [fork(t, 'echo.js'), fork(t, 'hop.js')];
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage('hello');
  a.postMessage('back to me', [port2]);
  const [, { ports }] = await once(a, 'message');
  b.postMessage(null, ports);
  await once(b, 'message');
  const reader = new Reader(port1);
  t.is(await reader.next(), 'hello');
  port1.close();
  a.postMessage('go');
  b.postMessage('go');
  await Promise.all([once(a, 'exit'), once(b, 'exit')]);
});

test('what NODE_OPTIONS preloads finds nothing of ours', async (t) => {
  const NODE_OPTIONS = `--no-deprecation --require "${fixture('notes-what-it-sees.js')}"`;
  const child = fork(t, 'tells-what-it-saw.js', [], { execArgv: ['--no-warnings'], env: { ...process.env, NODE_OPTIONS } });
  const { execArgv, options, preloaded, traces } = message(await once(child, 'message'));
  t.deepEqual({ execArgv, options, preloaded, traces }, { execArgv: ['--no-warnings'], options: NODE_OPTIONS, preloaded: [fixture('notes-what-it-sees.js')], traces: [] });
});

test.serial("a throwing 'message' listener does not lose the next message", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    const child = utilityProcess.fork(${JSON.stringify(fixture('post-and-exit.js'))}, ['3']);
    child.on('message', (data) => { console.log(data); if (data === 1) throw new Error('at 1'); });
    child.on('exit', () => console.log('exit'));
  `, ['0', '1', 'caught at 1', '2', 'exit']);
});

const program = `
  const fs = require('node:fs');
  const { once } = require('node:events');
  const { Worker } = require('./index.js');
  const sockets = () => fs.readdirSync('/proc/self/fd').filter((fd) => {
    try { return fs.readlinkSync('/proc/self/fd/' + fd).startsWith('socket:'); } catch { return false; }
  });
  const source = ${JSON.stringify(`
    const { parentPort, utilityProcess } = require('./index.js');
    const child = utilityProcess.fork(${JSON.stringify(fixture('invokes-and-waits.js'))}, [], { stdio: 'inherit' });
    child.once('message', (data) => parentPort.postMessage(data));
  `)};
  (async () => {
    const before = sockets().length;
    const worker = new Worker(source, { eval: true });
    await once(worker, 'message');
    const exit = once(worker, 'exit');
    worker.terminate();
    await exit;
    console.log(sockets().length - before);
  })();
`;

test('a child of a thread that is terminated hears so on both of its links, and none of them stays behind', (t) => {
  t.timeout(20_000);
  const options = { cwd: path.join(__dirname, '..', '..'), encoding: 'utf8', timeout: 15_000 };
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], options);
  t.deepEqual({ lines: stdout.split('\n').sort(), stderr }, { lines: ['', '0', 'ERR_IPC_CHANNEL_CLOSED', 'close'], stderr: '' });
});

test('a child of a program that is a text may be a module: what is said of the text is not for it', (t) => {
  t.timeout(20_000);
  const folder = mkdtempSync(path.join(tmpdir(), 'text-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const child = path.join(folder, 'child.mjs');
  writeFileSync(child, 'process.parentPort.postMessage(process.execArgv)');
  const text = `import { utilityProcess } from ${JSON.stringify(path.join(__dirname, '..', '..', 'index.js'))}; utilityProcess.fork(${JSON.stringify(child)}).on('message', (told) => console.log(JSON.stringify(told)))`;
  for (const type of [['--input-type=module'], ['--input-type', 'module'], ['--input_type', 'module']]) {
    const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', ...type, '-e', text], { encoding: 'utf8', timeout: 15_000 });
    t.deepEqual({ stdout, stderr }, { stdout: '["--no-warnings"]\n', stderr: '' });
  }
});
