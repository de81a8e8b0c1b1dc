// Children and workers written in TypeScript start as their parent does: with its loader, or by Node's own type stripping.
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const test = require('ava');

const script = require.resolve('../fixtures/typescript/parent.ts');

async function plays(t, options, places = ['a child', 'a worker']) {
  t.timeout(60_000);
  const { stdout } = await promisify(execFile)(process.execPath, [...options, script, ...places]);
  t.deepEqual(stdout.split('\n').filter(Boolean).sort(), places.map((place) => `${place}: 42`));
}

// On Node 20 tsx reaches no worker, Node's own neither.
const reached = Number(process.versions.node.split('.')[0]) < 22 ? ['a child'] : undefined;

test('with --import tsx', (t) => plays(t, ['--import', 'tsx'], reached));

// Node 20 strips no types.
if (process.features.typescript) test("with Node's own type stripping", (t) => plays(t, []));
