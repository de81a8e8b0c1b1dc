// Runs ava and closes with the one line 'N passed, N failed', counted by ava itself.
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');

const root = path.join(__dirname, '..');
const ava = path.join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');

/**
 * TAP's own totals, `# pass 12` and `# fail 0`; absent if ava dies before its summary.
 * @type {Record<string, string>}
 */
const totals = {};

const child = spawn(process.execPath, [ava, '--tap', ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
readline.createInterface({ input: child.stdout }).on('line', (line) => {
  const total = /^# (pass|fail) (\d+)$/.exec(line);
  if (total) totals[total[1]] = total[2];
  console.log(line);
});

child.on('close', (code) => {
  const { pass, fail } = totals;
  if (pass === undefined || fail === undefined) {
    console.error('ava ended without a summary');
    process.exitCode = code || 1;
    return;
  }
  console.log(`${pass} passed, ${fail} failed`);
  process.exitCode = code ?? 1;
  if (fail !== '0') process.exitCode ||= 1;
});
