// Builds the addon for every platform with a package of its own, and packs them: `npm run prebuilt [-- <target> …]`.
// Without targets it makes what it can and names the rest; a target that is named has to be made.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { pack, PLATFORMS } = require('./pack.js');
const { missingFor } = require('./targets.js');

const root = path.join(__dirname, '..');
const folder = path.join(root, 'prebuilt');

/** The oldest glibc that the addons for glibc run on. */
const GLIBC = '2.17';

/** Links for old versions of glibc, and for musl, with the C libraries that zig brings. */
const hasZigbuild = () => spawnSync('cargo-zigbuild', ['--version']).status === 0;

/** @param {string} target @returns {string | null} what is missing */
function missing(target) {
  return hasZigbuild() ? missingFor(target) : 'cargo-zigbuild is not here: pip install cargo-zigbuild';
}

/** A version that a symbol asks for, and the floor does not have. @param {string} library */
function aboveFloor(library) {
  const versions = fs.readFileSync(library, 'latin1').match(/GLIBC_\d+(\.\d+)+/g) ?? [];
  return versions.find((version) => version.slice(6).localeCompare(GLIBC, 'en', { numeric: true }) > 0);
}

/** @param {string} target */
function build(target) {
  const isMusl = target.endsWith('-musl');
  const built = path.join(root, 'target', 'prebuilt');
  const { status } = spawnSync(
    'cargo-zigbuild',
    ['zigbuild', '--locked', '--lib', '--release', '--target', isMusl ? target : `${target}.${GLIBC}`, '--target-dir', built],
    // A shared library for musl must link the C library dynamically, which is not rustc's default there.
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...isMusl && { RUSTFLAGS: '-C target-feature=-crt-static' } } },
  );
  const library = path.join(built, target, 'release', 'libmessage_channel_main.so');
  if (status !== 0) throw new Error(`cargo-zigbuild could not build for ${target}`);
  const above = aboveFloor(library);
  if (above !== undefined) throw new Error(`${target}: needs ${above}, and the floor is ${GLIBC}`);
  const [name] = /** @type {[string, unknown]} */ (Object.entries(PLATFORMS).find(([, platform]) => platform.target === target));
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(library, path.join(folder, `message-channel-main.${name}.node`));
}

const all = Object.values(PLATFORMS).map((platform) => platform.target);
const named = process.argv.slice(2);
const unknown = named.filter((target) => !all.includes(target));
if (unknown.length > 0) throw new Error(`no such target: ${unknown.join(', ')}; there are ${all.join(', ')}`);
for (const target of named.length > 0 ? named : all) {
  const lack = missing(target);
  if (lack === null) build(target);
  else console.log(`${target}: skipped. ${lack}`);
  if (lack !== null && named.length > 0) process.exitCode = 1;
}
if (fs.existsSync(folder)) for (const file of pack(folder, folder)) console.log(file);
