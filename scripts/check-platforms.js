// Compiles for the platforms that only threads work on, as far as this machine can; says which it could not.
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { missingFor } = require('./targets.js');

const root = path.join(__dirname, '..');

for (const target of ['aarch64-apple-darwin', 'x86_64-pc-windows-msvc']) {
  const missing = missingFor(target);
  if (missing !== null) {
    console.log(`${target}: not checked. ${missing}. (lint:stub compiles the same code for this machine.)`);
    continue;
  }
  const { status } = spawnSync('cargo', ['check', '--locked', '--lib', '--target', target, '--target-dir', 'target/platforms'], {
    cwd: root,
    env: { ...process.env, RUSTFLAGS: '-D warnings' },
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
  else console.log(`${target}: checked`);
}
