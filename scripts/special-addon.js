// Builds the addon in another way than it is shipped, and plays JavaScript tests on it.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/**
 * @param {string} name  of the copy that is left, and of the folder in target/
 * @param {string} flags  for rustc
 * @param {string[]} [toolchain]  and what else comes first
 * @param {string[]} [options]
 * @returns {string} where it is
 */
function buildAddon(name, flags, toolchain = [], options = []) {
  const args = [...toolchain, 'build', '--locked', '--lib', '--target-dir', `target/${name}`, '--message-format=json-render-diagnostics', ...options];
  const env = { ...process.env, RUSTFLAGS: flags };
  const { status, stdout } = spawnSync('cargo', args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) process.exit(1);
  const built = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)).flatMap(({ filenames = [] }) => filenames).filter((file) => file.endsWith('libmessage_channel_main.so'));
  const file = path.join(root, '.tmp', `${name}.node`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.copyFileSync(built.at(-1), file);
  return file;
}

/**
 * Plays the tests that the command names, or else these, and leaves with their exit code.
 * @param {string | undefined} file  an addon; undefined: as everywhere
 * @param {NodeJS.ProcessEnv} env  what else they are told
 * @param {string[]} specs  by their names below __test__/
 * @param {string[]} options
 */
function play(file, env, specs, options) {
  const named = process.argv.slice(2);
  const files = named.length > 0 ? named : [...options, ...specs.map((name) => path.join('__test__', `${name}.spec.js`))];
  const all = { ...process.env, ...env, ...(file && { NAPI_RS_NATIVE_LIBRARY_PATH: file }) };
  const { status } = spawnSync(process.execPath, [path.join(__dirname, 'test-js.js'), ...files], { cwd: root, env: all, stdio: 'inherit' });
  process.exit(status ?? 1);
}

module.exports = { buildAddon, play };
