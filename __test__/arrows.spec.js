// `npm run lint` holds the arrows of lib/: its rules for who may import whom notice each kind of wrong import.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const execFile = promisify(require('node:child_process').execFile);
const test = require('ava');

const root = path.join(__dirname, '..');
const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** Each would break one rule. */
const WRONG = {
  'no-arrow-back-from-clone': ['lib/clone/limits.js', '../port/index.js'],
  'no-arrow-back-from-port': ['lib/port/ticks.js', '../faces/index.js'],
  'no-arrow-back-from-family': ['lib/family/own.js', '../ipc/index.js'],
  'no-arrow-back-from-clone-decode': ['lib/clone/decode/malformed.js', '../encode/shapes.js'],
  'rooms-meet-at-their-heads': ['lib/ipc/limits.js', '../family/own.js'],
  'no-room-uses-its-own-head': ['lib/transfer/memory.js', './index.js'],
  'no-circle': ['lib/native/errors.js', './movable.js'],
  'entries-only-enter': ['lib/ipc/main.js', '../../index.js'],
  'entries-share-the-core': ['lib/ipc/renderer.js', '../core.js'],
  'nothing-unknown': ['lib/port/flush.js', './nowhere.js'],
  'threads-as-they-were': ['lib/port/flush.js', 'node:worker_threads'],
  'no-packages': ['lib/faces/conversion.js', 'typescript'],
};

/** @param {string} folder */
async function violations(folder) {
  const { stdout } = await execFile(process.execPath, [
    cruiser, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'lib', 'index.js', 'global.js',
  ], { cwd: folder, maxBuffer: 1 << 26 }).catch((error) => error);
  return JSON.parse(stdout).summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`);
}

test('a wrong import is noticed', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arrows-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  for (const name of ['.dependency-cruiser.cjs', 'package.json', 'index.js', 'global.js', 'lib']) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [file, imported] of Object.values(WRONG)) fs.appendFileSync(path.join(folder, file), `require('${imported}');\n`);
  const found = await violations(folder);
  for (const [rule, [file]] of Object.entries(WRONG)) {
    t.true(found.some((line) => line.startsWith(`${rule}: ${file} →`)), `${rule} in ${found.join('\n')}`);
  }
});
