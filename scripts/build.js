// Builds the native addon with cargo and puts it where lib/native/binding.js looks for it: the package root.
// `npm run build` in a checkout, `npx message-channel-main build` where the package is installed.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { platformName } = require('../lib/native/platform-name.js');

const root = path.join(__dirname, '..');
const addon = path.join(root, `message-channel-main.${platformName()}.node`);

/** @param {string} text @returns {never} */
function fail(text) {
  console.error(`\nmessage-channel-main: ${text}\n`);
  process.exit(1);
}

/** Compares dotted versions. @param {string} version @param {string} least */
function isAtLeast(version, least) {
  return version.localeCompare(least, 'en', { numeric: true }) >= 0;
}

/** Whether a program answers when it is asked for its version. @param {string} program */
function versionOf(program) {
  const { error, stdout } = spawnSync(program, ['--version'], { cwd: root, encoding: 'utf8' });
  return error ? null : stdout;
}

const AGAIN = `Then, in a new shell so that \`cargo\` is on the PATH: \`${isCheckout() ? 'npm run build' : 'npx message-channel-main build'}\`.`;

/** What brings a linker, by what there is to install it with. */
const LINKERS = [
  ['apt-get', 'apt-get install gcc libc6-dev'],
  ['apk', 'apk add gcc musl-dev'],
  ['dnf', 'dnf install gcc'],
  ['pacman', 'pacman -S gcc'],
  ['zypper', 'zypper install gcc'],
  ['xcode-select', 'xcode-select --install'],
];

/** Leaves with directions where the addon could not be built, before cargo says so less plainly. */
function requireTools() {
  const manifest = fs.readFileSync(path.join(root, 'Cargo.toml'), 'utf8');
  const needed = /^rust-version\s*=\s*"([\d.]+)"/m.exec(manifest)?.[1] ?? '0';
  const rust = `the native addon has to be built here, and that needs Rust ${needed} or newer`;
  const advice = `Install it from https://rustup.rs, and a C linker such as gcc. ${AGAIN}`;
  const found = /^cargo ([\d.]+)/.exec(versionOf('cargo') ?? '')?.[1];
  if (!found) fail(`${rust}, which was not found.\n${advice}`);
  if (!isAtLeast(found, needed)) fail(`${rust}; this is Rust ${found}.\n${advice}`);
  if (process.platform !== 'win32' && !namesLinker() && versionOf('cc') === null) {
    const way = LINKERS.find(([program]) => onPath(program))?.[1] ?? 'the package manager of the system has one, mostly named gcc';
    fail(`the native addon has to be built here, and that needs a C linker: there is no \`cc\`.\nInstall one: ${way}. ${AGAIN}`);
  }
}

/** Whether cargo is told of another linker. */
function namesLinker() {
  return Object.keys(process.env).some((name) => /^CARGO_TARGET_\w+_LINKER$|^(CARGO_ENCODED_)?RUSTFLAGS$/.test(name));
}

/** @param {string} program */
function onPath(program) {
  return (process.env.PATH ?? '').split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, program)));
}

/** In a checkout cargo's folder is of use, and in somebody's node_modules a hundred dead megabytes. */
function isCheckout() {
  return fs.existsSync(path.join(root, '.git'));
}

/** A shared library for musl must link the C library dynamically, which is not rustc's default there. */
function buildEnvironment() {
  if (!addon.includes('musl') || process.env.RUSTFLAGS) return process.env;
  return { ...process.env, RUSTFLAGS: '-C target-feature=-crt-static' };
}

/** Runs cargo and asks it, not a guess about target directories, where the library went. @param {string[]} options */
function cargoBuild(options) {
  const locked = fs.existsSync(path.join(root, 'Cargo.lock')) ? ['--locked'] : [];
  const { error, status, stdout } = spawnSync(
    'cargo',
    ['build', '--lib', ...locked, ...options, '--message-format=json-render-diagnostics'],
    { cwd: root, env: buildEnvironment(), stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (error || status !== 0) fail(`cargo could not build the native addon: ${error?.message ?? 'see above'}.`);
  const library = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line))
    .filter((message) => message.reason === 'compiler-artifact' && message.target.name === 'message_channel_main')
    .flatMap((message) => message.filenames)
    .find((file) => /\.(so|dylib|dll)$/.test(file));
  return library ?? fail('cargo built no shared library: has Cargo.toml lost its cdylib?');
}

/** Renamed into place: a process that has the old addon mapped must not see it change. @param {string} library */
function put(library) {
  const fresh = `${addon}.${process.pid}`;
  fs.copyFileSync(library, fresh);
  fs.renameSync(fresh, addon);
}

/** In a process of its own, so that a broken addon cannot take this one along. */
function tryLoad() {
  const load = ['-e', "require('./lib/native/binding.js')"];
  const { status, stderr } = spawnSync(process.execPath, load, { cwd: root, encoding: 'utf8' });
  return status === 0 ? null : stderr || 'the process that loaded it died';
}

/** What is installed has brought it along. */
function gather() {
  const script = path.join(__dirname, 'gather.js');
  if (fs.existsSync(script)) require(script).gather();
}

/** @param {{ debug?: boolean }} [options] */
function build({ debug = false } = {}) {
  requireTools();
  console.error(`message-channel-main: building ${path.basename(addon)} with cargo; this takes a minute or two.`);
  put(cargoBuild(debug ? [] : ['--release']));
  const problem = tryLoad();
  if (problem) fail(`the addon was built and does not load:\n${problem}`);
  console.error(`message-channel-main: built ${path.basename(addon)}`);
  gather();
  if (!isCheckout()) fs.rmSync(path.join(root, 'target'), { recursive: true, force: true });
}

module.exports = { addon, build, gather, root, tryLoad };

if (require.main === module) build({ debug: process.argv.includes('--debug') });
