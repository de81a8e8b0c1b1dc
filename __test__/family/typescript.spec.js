// Children and workers written in TypeScript start as their parent does: with its loader, or by Node's own type stripping.
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const test = require('ava');

const script = require.resolve('../fixtures/typescript/parent.ts');
const preload = require.resolve('../../worker-processes.js');

async function plays(t, options, places = ['a child', 'a worker']) {
  t.timeout(60_000);
  const { stdout } = await promisify(execFile)(process.execPath, [...options, script, ...places]);
  t.deepEqual(stdout.split('\n').filter(Boolean).sort(), places.map((place) => `${place}: 42`));
}

// On Node 20 tsx reaches no worker, Node's own neither.
const old = Number(process.versions.node.split('.')[0]) < 22;
const reached = old ? ['a child'] : undefined;

test('with --import tsx', (t) => plays(t, ['--import', 'tsx'], reached));

(old ? test.skip : test)('with --import tsx, in processes, where esbuild has no worker of its own', async (t) => {
  t.timeout(60_000);
  const run = promisify(execFile);
  const file = require.resolve('../fixtures/typescript/apart.ts');
  for (const loads of [['tsx', preload], [preload, 'tsx']]) {
    const options = loads.flatMap((name) => ['--import', name]);
    const env = { ...process.env, ESBUILD_WORKER_THREADS: '0' };
    const { stdout } = await run(process.execPath, [...options, file], { env, timeout: 50_000 });
    t.is(stdout, '42 true\n');
  }
});

// Node 20 strips no types.
if (process.features.typescript) test("with Node's own type stripping", (t) => plays(t, []));
