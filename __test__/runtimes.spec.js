// Bun and Deno, which cannot run us yet, are told so: nothing crashes, by require or by import.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');
const { bring } = require('../scripts/bring.js');

const run = promisify(execFile);
const root = path.join(__dirname, '..');

const PROGRAM = `
import { createRequire } from 'node:module';
for (const load of [() => createRequire(import.meta.url)('message-channel-main'), () => import('message-channel-main')]) {
  try {
    await load();
    console.log('loaded');
  } catch (error) {
    console.log(error.code, error.message);
  }
}`;

/** Their executables for this platform, by npm. */
const RUNTIMES = {
  Bun: { arch: { x64: 'x64', arm64: 'aarch64' }, name: (/** @type {string} */ arch) => `@oven/bun-linux-${arch}`, version: '1.4.5', file: 'bin/bun', args: ['run'] },
  Deno: { arch: { x64: 'x64', arm64: 'arm64' }, name: (/** @type {string} */ arch) => `@deno/linux-${arch}-glibc`, version: '2.9.6', file: 'deno', args: ['run', '--allow-all'] },
};

for (const [title, { arch, name, version, file, args }] of Object.entries(RUNTIMES)) {
  test.serial(`${title} is told in one sentence that it cannot`, async (t) => {
    t.timeout(180_000); // the first time, it is brought
    const executable = bring(title.toLowerCase(), name(arch[process.arch]), version, file);
    fs.chmodSync(executable, 0o755); // which the package leaves to its script
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'runtimes-')));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(root, path.join(folder, 'node_modules', 'message-channel-main'));
    fs.writeFileSync(path.join(folder, 'package.json'), '{}');
    fs.writeFileSync(path.join(folder, 'app.mjs'), PROGRAM);
    const { stdout } = await run(executable, [...args, 'app.mjs'], { cwd: folder, timeout: 60_000, killSignal: 'SIGKILL' });
    const line = `ERR_FEATURE_UNAVAILABLE_ON_PLATFORM message-channel-main runs on Node.js only: ${title} `;
    t.deepEqual(stdout.trim().split('\n').map((told) => told.slice(0, line.length)), [line, line]);
  });
}
