// Two scenarios of the chaos by journals, in a process of their own; `node __test__/chaos/journal.js 100` plays a hundred.
const { execFile } = require('node:child_process');
const path = require('node:path');
const test = require('ava');

test('whoever ends however while ports go round, what arrives is in order and whole, and whoever is left is told once', async (t) => {
  t.timeout(120_000);
  const script = path.join(__dirname, 'journal.js');
  const output = await new Promise((resolve) => {
    execFile(process.execPath, [script, '2', '1'], { timeout: 110_000, killSignal: 'SIGKILL' }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
  t.regex(output, /all held\n$/);
});
