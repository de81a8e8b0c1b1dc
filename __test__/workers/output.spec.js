// What a worker reads and writes: its standard streams, in the order in which it wrote, and all of it before 'exit'.
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { buffer, text } = require('node:stream/consumers');
const { setImmediate: turn } = require('node:timers/promises');
const { rule, exitOf, PRELUDE } = require('./rig.js');

const root = path.join(__dirname, '..', '..');

rule("what is written last, by an 'exit' listener too, is there before 'exit'", async (t, { begin }) => {
  const worker = begin("process.on('exit', () => { process.stdout.write(' '); process.stdout.write('world'); }); process.stdout.write('hello');", { stdout: true });
  let written = '';
  worker.stdout.setEncoding('utf8').on('data', (chunk) => { written += chunk; });
  await exitOf(worker);
  t.is(written, 'hello world');
});

rule('however much was written is there when it has ended: with process.exit(), by an error, by an exit listener', async (t, { begin }) => {
  const big = "'y'.repeat(1_000_000)";
  const sizeOf = async (source, stream = 'stdout') => {
    const worker = begin(source, { stdout: true, stderr: true });
    worker.on('error', () => {});
    const [{ length }] = await Promise.all([text(worker[stream]), exitOf(worker)]);
    return length;
  };
  t.is(await sizeOf(`process.stdout.write(${big}); process.stdout.write('YQ==', 'base64'); console.log('end'); process.exit(2);`), 1_000_005);
  t.is(await sizeOf(`process.stderr.write(${big}); process.stderr.write(Buffer.from('end')); throw new Error('end')`, 'stderr'), 1_000_003);
  t.is(await sizeOf(`process.on('exit', () => { process.stdout.write(${big}); process.stdout.write('end'); })`), 1_000_003);
  t.is(await sizeOf(`process.stdout.write(${big}); process.on('exit', () => { throw new Error('end') }); process.exit()`), 1_000_000);
  t.is(await sizeOf(`process.stdout.write(${big}, () => process.stdout.end('end'))`), 1_000_003);
});

rule('what nobody has read is still there after the end', async (t, { begin }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'output-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const preload = path.join(folder, 'preload.js');
  writeFileSync(preload, "console.log('A');");
  const worker = begin("console.log('B'); console.error('E');", { stdout: true, stderr: true, execArgv: ['--require', preload] });
  await exitOf(worker);
  t.is(await text(worker.stdout), 'A\nB\n', 'a preload runs first');
  t.is(await text(worker.stderr), 'E\n');
});

rule('what Node says of itself while a stream is made is written to that stream', async (t, { begin, kind }) => {
  const worker = begin("wt.parentPort.postMessage('there'); console.log('out'); console.error('last');", {
    stdout: true, stderr: true, env: { ...process.env, NODE_DEBUG: 'module' },
  });
  const [[there], out, err] = await Promise.all([once(worker, 'message'), text(worker.stdout), text(worker.stderr)]);
  t.deepEqual([there, out], ['there', 'out\n']);
  t.regex(err, /^last$/m);
  if (kind === 'process') t.regex(err, /^MODULE/);
});

rule('a text may use import(), of which nothing is said', async (t, { begin }) => {
  const worker = begin("import('node:path').then(({ sep }) => process.stdout.write(sep))", { stdout: true, stderr: true });
  t.deepEqual(await Promise.all([text(worker.stdout), text(worker.stderr)]), [path.sep, '']);
});

rule('what a worker did not read of its stdin is no error of the program, however it ends', async (t, { begin, kind }) => {
  for (const end of ['setImmediate(() => process.exit())', 'for (;;);', ...(kind === 'process' ? ["process.kill(process.pid, 'SIGSEGV'); for (;;);"] : [])]) {
    const worker = begin(`wt.parentPort.postMessage('begun'); ${end}`, { stdin: true });
    const outcome = new Promise((resolve) => { worker.stdin.write(Buffer.alloc(1 << 20), resolve); });
    worker.stdin.end();
    worker.on('error', () => {});
    await once(worker, 'message');
    if (end === 'for (;;);') worker.terminate();
    await exitOf(worker);
    if (kind === 'process') t.true((await outcome) instanceof Error, 'who asks is told');
    await turn();
  }
  t.pass();
});

rule('megabytes pass through stdin and stdout', async (t, { begin }) => {
  const bytes = fs.readFileSync(path.join(root, fs.readdirSync(root).find((name) => name.endsWith('.node'))));
  const worker = begin('process.stdin.pipe(process.stdout);', { stdin: true, stdout: true });
  worker.stdin.end(bytes);
  t.true(bytes.equals(await buffer(worker.stdout)));
  t.is(await exitOf(worker), 0);
});

rule('who waits for input does not wait for output, and each write is called back', async (t, { begin }) => {
  const worker = begin("process.stdin.on('data', () => {}); let done = 0; for (let i = 0; i < 10; i++) process.stdout.write(i + '\\n', () => { done += 1; if (done === 10) wt.parentPort.postMessage(done); });", { stdout: true });
  const written = text(worker.stdout);
  t.deepEqual(await once(worker, 'message'), [10]);
  t.is(await exitOf(worker), 0);
  t.is(await written, '0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n');
});

rule('many workers add no listener for good to the streams of the program', async (t, { begin }) => {
  const counts = () => ['error', 'drain', 'close', 'finish', 'unpipe'].map((event) => process.stdout.listenerCount(event) + process.stderr.listenerCount(event));
  const before = counts();
  const workers = Array.from({ length: 11 }, () => begin(''));
  await Promise.all(workers.map(exitOf));
  await new Promise(setImmediate);
  t.deepEqual(counts(), before);
});

for (const kind of ["Node's own", 'thread', 'process']) {
  rule(`what nobody asked for goes where the program's own output goes, and errors to its stderr: ${kind}`, (t) => {
    const names = kind === "Node's own" ? 'node:worker_threads' : path.join(root, 'worker_threads.js');
    const source = `const { Worker } = require(${JSON.stringify(names)}); new Worker(${JSON.stringify(`${PRELUDE}console.log('out'); console.error('err');`)}, { eval: true, process: ${kind === 'process'} });`;
    t.is(execFileSync('/bin/sh', ['-c', '"$0" -e "$1" 2>&1 >/dev/null', process.execPath, source], { encoding: 'utf8' }), 'err\n');
    t.is(execFileSync(process.execPath, ['-e', source], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }), 'out\n');
  }, [kind]);

  rule(`the program's own output fails once if nobody reads it any more, however much is written: ${kind}`, async (t) => {
    const names = kind === "Node's own" ? 'node:worker_threads' : path.join(root, 'worker_threads.js');
    const line = `${PRELUDE}wt.parentPort.on('message', (left) => process.stdout.write(left + '.', () => { wt.parentPort.postMessage(left - 1); if (left === 0) process.exit(); }));`;
    const child = spawn(process.execPath, ['-e', `
      const worker = new (require(${JSON.stringify(names)}).Worker)(${JSON.stringify(line)}, { eval: true, process: ${kind === 'process'} });
      let failures = 0;
      process.stdout.on('error', () => { failures += 1; });
      worker.on('message', (left) => worker.postMessage(left));
      worker.on('exit', () => setImmediate(() => process.send(failures, () => process.disconnect())));
      process.once('message', () => worker.postMessage(30));
    `], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.send('nobody reads');
    t.deepEqual((await once(child, 'message'))[0], 1);
  }, [kind]);
}
