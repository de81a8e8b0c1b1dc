// Pools and test runners, unmodified, whose workers the preload makes processes; nothing of them stays behind.
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { text } = require('node:stream/consumers');
const { test, fixture } = require('../helpers/test.js');

const preload = path.join(__dirname, '..', '..', 'worker-processes.js');

/** What a program prints, which ends by itself. */
async function printed(t, file, load = preload) {
  t.timeout(50_000);
  const child = spawn(process.execPath, ['--import', load, fixture(file)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

const POOL = ['3 true false', 'true', 'RangeError on purpose', 'ERR_WORKER_CRASHED SIGSEGV', '11', 'destroyed'];

test.serial('piscina runs its tasks in processes, and a task that crashes fails alone', async (t) => {
  t.deepEqual(await printed(t, 'pools/piscina.js'), POOL);
});

test.serial('tinypool runs its tasks in processes, and a task that crashes fails alone', async (t) => {
  t.deepEqual(await printed(t, 'pools/tinypool.mjs'), POOL);
});

test.serial('threads has its threads and pools in processes', async (t) => {
  t.deepEqual(await printed(t, 'pools/threads.js'), ['3 true', 'RangeError on purpose', '6 0', '1,2', '1,2,3,4,5,6,7,8,9,10']);
});

test.serial('comlink reaches a process by its adapter for Node', async (t) => {
  t.deepEqual(await printed(t, 'pools/comlink.js'), ['3 true', 'RangeError on purpose', '1,2,3', '6 0', '1']);
});

test.serial('vitest --pool=threads runs a suite in processes', async (t) => {
  const { numPassedTests, numTotalTests, success } = JSON.parse((await printed(t, 'pools/vitest/main.mjs')).at(-1));
  t.deepEqual({ numPassedTests, numTotalTests, success }, { numPassedTests: 3, numTotalTests: 3, success: true });
});

test.serial('hooks of module.register(), as tsx has them on Node 20, get a port', async (t) => {
  t.deepEqual(await printed(t, 'hooks-port.js'), ['heard 1,2']);
});

test.serial('a preload of a program says which workers stay threads', async (t) => {
  t.deepEqual(await printed(t, 'pools/some-threads-main.mjs', fixture('pools/some-threads.mjs')), ['1 true false']);
});
