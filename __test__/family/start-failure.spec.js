// A child that cannot be started is an 'error' and an 'exit' of its own, and nobody else's end: Node's kill() would send the signal
// to the program's own process group. Each program has a session, so that it would not be ours.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { test } = require('../helpers/test.js');

const root = path.join(__dirname, '..', '..');

/** What a program prints, and how it ends. */
async function endOf(source, descriptors = 1024) {
  const script = `const { utilityProcess } = require('./index.js'); const { Worker } = require('./worker_threads.js'); ${source}`;
  const child = spawn('/bin/sh', ['-c', `ulimit -n ${descriptors}; exec "$0" -e "$1"`, process.execPath, script], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const [printed, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { printed, code, signal };
}

test.serial('kill() and terminate() of what was never started reach nobody', async (t) => {
  t.timeout(30_000);
  t.deepEqual(await endOf(`
    const child = utilityProcess.fork('nowhere.js', { execPath: '/nowhere/at/all' });
    console.log(child.kill(), child.kill('SIGKILL'));
    child.on('error', ({ code }) => console.log(code)).on('exit', (code) => console.log(code, child.kill()));
  `), { printed: 'false false\nENOENT\n1 false\n', code: 0, signal: null });
});

test.serial('a worker whose process cannot be started has the error that a thread has then', async (t) => {
  t.timeout(30_000);
  t.deepEqual(await endOf(`
    process.execPath = '/nowhere/at/all';
    const worker = new Worker('', { eval: true, process: true });
    worker.on('error', ({ code, message, cause }) => console.log(code, message, cause.code)).on('exit', (code) => console.log(code));
  `), { printed: 'ERR_WORKER_INIT_FAILED Worker initialization failure: ENOENT ENOENT\n1\n', code: 0, signal: null });
  const { printed } = await endOf(`
    const all = new Set();
    for (let i = 0; i < 40; i++) new Worker('', { eval: true, process: true }).on('error', ({ code, message }) => all.add(code + ': ' + message));
    process.on('exit', () => console.log([...all].join()));
  `, 96);
  t.is(printed, 'ERR_WORKER_INIT_FAILED: Worker initialization failure: EMFILE\n');
});

test.serial('where no descriptor is left workers and children fail one by one, and the program goes on', async (t) => {
  t.timeout(60_000);
  for (const [kind, start] of [
    ['worker', "new Worker(\"require('node:worker_threads').parentPort.postMessage('ran')\", { eval: true, process: true })"],
    ['child', "utilityProcess.fork(require.resolve('./__test__/fixtures/idle.js'))"],
  ]) {
    const { printed, code, signal } = await endOf(`
      let [failed, exits] = [0, 0];
      for (let i = 0; i < 40; i++) {
        const started = ${start};
        started.on('error', () => { failed += 1; });
        started.on('exit', () => { exits += 1; if (exits === 40) console.log(failed > 0 && failed < 40, exits); });
      }
    `, 96);
    t.deepEqual({ printed, code, signal }, { printed: 'true 40\n', code: 0, signal: null }, kind);
  }
});

test.serial('a worker that has no descriptor left tells what it has thrown, and that it has lost its link by that', async (t) => {
  t.timeout(30_000);
  const full = "const held = []; try { for (;;) held.push(require('node:fs').openSync('/dev/null')); } catch (error) { THEN }";
  const tells = (then) => `
    const worker = new Worker(${JSON.stringify(full)}.replace('THEN', ${JSON.stringify(then)}), { eval: true, process: true });
    worker.on('error', (error) => console.log(error?.name, error?.code, error?.message ?? error)).on('exit', (code) => console.log(code));
  `;
  for (const [then, expected] of [
    ['throw error', "Error EMFILE EMFILE: too many open files, open '/dev/null'"],
    ["throw new RangeError('of ours')", 'RangeError undefined of ours'],
    ["throw 'a text'", 'undefined undefined a text'],
  ]) t.deepEqual(await endOf(tells(then), 128), { printed: `${expected}\n1\n`, code: 0, signal: null }, then);
  const lost = `
    ${tells("const { parentPort } = require('node:worker_threads'); parentPort.on('message', () => {}); parentPort.postMessage(held.length);")}
    worker.once('message', () => {
      const { port1 } = new (require('./worker_threads.js').MessageChannel)();
      worker.postMessage(port1, [port1]);
    });
  `;
  const printed = 'Error ERR_DESCRIPTORS_EXHAUSTED descriptors for this port arrived when this process had no room for them\n1\n';
  t.deepEqual(await endOf(lost, 128), { printed, code: 0, signal: null });
});
