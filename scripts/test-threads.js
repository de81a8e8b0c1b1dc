// Plays the placements within one process on the addon that other systems than Linux have: here it is built as if this were one.
// `npm run test:threads`
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** What is about ports, and not about processes or descriptors; of those, what needs no child. */
const SPECS = [
  'native/threads-only', 'port/battery', 'port/close', 'port/delivery', 'port/order', 'port/receive', 'port/transfer', 'transfer/signal', 'transfer/tour',
];
const WITHOUT_CHILDREN = ['--match=!*child*', '--match=!*process*', '--match=!*every kind of place*', '--match=!a long tour*'];

/** The addon, which is that of the platform where this is none of Linux's. */
function addon() {
  if (process.platform !== 'linux') return undefined;
  const options = ['build', '--locked', '--lib', '--target-dir', 'target/stub', '--message-format=json-render-diagnostics'];
  const env = { ...process.env, RUSTFLAGS: '--cfg unsupported_platform -D warnings' };
  const { status, stdout } = spawnSync('cargo', options, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) process.exit(1);
  const built = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).flatMap(({ filenames = [] }) => filenames).filter((name) => name.endsWith('libmessage_channel_main.so'));
  const file = path.join(root, '.tmp', 'threads-only.node');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.copyFileSync(built.at(-1), file);
  return file;
}

const file = addon();
const env = { ...process.env, TEST_PLACES: 'threads', ...(file && { NAPI_RS_NATIVE_LIBRARY_PATH: file }) };
const specs = process.argv.length > 2 ? process.argv.slice(2) : [...WITHOUT_CHILDREN, ...SPECS.map((name) => path.join('__test__', `${name}.spec.js`))];
process.exitCode = spawnSync(process.execPath, [path.join(__dirname, 'test-js.js'), ...specs], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
