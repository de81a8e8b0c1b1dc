// What a user installs: packed, installed from the files into an empty folder without a registry, and required there.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');
const { platformName } = require('../lib/native/platform-name.js');
const { addon } = require('../scripts/build.js');
const { pack, PLATFORMS } = require('../scripts/pack.js');

const run = promisify(execFile);
const scratch = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'install-')));
test.after.always(() => fs.rmSync(scratch, { recursive: true, force: true }));

/** Node and npm run on what is tested, and find no npm settings of somebody's. */
const env = { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}` };

/** @param {string} name @param {boolean} prebuilt  whether the platform package is there */
async function installed(name, prebuilt) {
  const [addons, packages, project] = ['addons', 'packages', 'project'].map((folder) => path.join(scratch, name, folder));
  for (const folder of [addons, project]) fs.mkdirSync(folder, { recursive: true });
  if (prebuilt) fs.copyFileSync(addon, path.join(addons, path.basename(addon)));
  const tarballs = pack(addons, packages);
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: project, env });
  return project;
}

/** How a program ends that fails. @param {string} file @param {string[]} options @param {object} how */
const failure = (file, options, how) => run(file, options, how).then(() => 'it did not fail', (error) => error.stderr);

/** Prints what it has loaded of the package first, and what its child has. */
const BEGINS = `
const { utilityProcess, parentPort } = require('message-channel-main');
const begun = Object.keys(require.cache).map((file) => file.split(/message-channel-main./)[1]).filter((file) => file?.startsWith('gathered'));
if (parentPort) parentPort.postMessage(begun);
else utilityProcess.fork(__filename).on('message', (inChild) => console.log(JSON.stringify([begun, inChild])));`;

const CHAT = `
const { MessageChannelMain, utilityProcess, parentPort } = require('message-channel-main');
if (parentPort) parentPort.once('message', ({ data, ports: [port] }) => port.postMessage(data + 1));
else {
  const { port1, port2 } = new MessageChannelMain();
  port1.on('message', ({ data }) => console.log(data));
  port1.start();
  utilityProcess.fork(__filename).postMessage(41, [port2]);
}`;

test('with its platform package it is installed without a script, and works', async (t) => {
  t.timeout(60_000);
  const project = await installed('prebuilt', true);
  const lock = JSON.parse(fs.readFileSync(path.join(project, 'package-lock.json'), 'utf8')).packages;
  const names = ['message-channel-main', `message-channel-main-${platformName()}`];
  t.deepEqual(Object.keys(lock).filter(Boolean).sort(), names.map((name) => `node_modules/${name}`));
  for (const name of names) t.false(Object.hasOwn(lock[`node_modules/${name}`], 'hasInstallScript'), name);
  const { version, optionalDependencies, scripts } = lock['node_modules/message-channel-main'];
  t.deepEqual(optionalDependencies, { [names[1]]: version });
  t.is(scripts, undefined);
  const { os: systems, cpu, libc } = lock[`node_modules/${names[1]}`];
  t.deepEqual({ os: systems, cpu }, { os: [process.platform], cpu: [process.arch] });
  if (libc !== undefined) t.deepEqual(libc, [platformName().endsWith('musl') ? 'musl' : 'glibc']); // not all versions of npm note it
  fs.writeFileSync(path.join(project, 'chat.js'), CHAT);
  const { stdout } = await run(process.execPath, ['chat.js'], { cwd: project });
  t.is(stdout, '42\n');
  fs.writeFileSync(path.join(project, 'begins.js'), BEGINS);
  const begun = await run(process.execPath, ['begins.js'], { cwd: project });
  t.deepEqual(JSON.parse(begun.stdout), [['gathered/index.js'], ['gathered/boot.js', 'gathered/index.js']]);
});

test('without one, the error says what to run, and what is run says what it needs', async (t) => {
  t.timeout(60_000);
  const project = await installed('bare', false);
  const missing = await failure(process.execPath, ['-e', "require('message-channel-main')"], { cwd: project });
  t.true(missing.includes(`Error: message-channel-main has no native addon for ${platformName()}.`), missing);
  t.true(missing.includes('`npx message-channel-main build`'), missing);
  t.true(missing.includes("code: 'ERR_ADDON_MISSING'"), missing);
  t.false(missing.includes('[cause]'), 'nothing else is to blame');

  const command = path.join(project, 'node_modules', 'message-channel-main', 'bin', 'message-channel-main.js');
  const bin = path.join(scratch, 'bin');
  fs.mkdirSync(bin);
  const build = () => failure(process.execPath, [command, 'build'], { cwd: project, env: { HOME: process.env.HOME, PATH: bin } });
  t.regex(await build(), /needs Rust [\d.]+ or newer, which was not found\.\nInstall it from .*`npx message-channel-main build`/);

  // A Rust that is there and never gets to compile: without a linker there is no use in it.
  fs.writeFileSync(path.join(bin, 'cargo'), '#!/bin/sh\necho cargo 1.99.0\n', { mode: 0o755 });
  fs.writeFileSync(path.join(bin, 'apk'), '', { mode: 0o755 });
  t.regex(await build(), /needs a C linker: there is no `cc`\.\nInstall one: apk add gcc musl-dev\. .*`npx message-channel-main build`/);

  fs.writeFileSync(path.join(bin, 'cargo'), '#!/bin/sh\necho cargo 1.9.0\n');
  t.regex(await build(), /needs Rust [\d.]+ or newer; this is Rust 1\.9\.0\./);
});

test('what is packed from a checkout builds itself only where no addon is there', async (t) => {
  t.timeout(120_000);
  const [packages, addons, project] = ['packages', 'addons', 'project'].map((folder) => path.join(scratch, 'plain', folder));
  for (const folder of [packages, addons, project]) fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(addon, path.join(addons, path.basename(addon)));
  const platform = pack(addons, packages).slice(0, -1);
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', packages], { cwd: path.join(__dirname, '..'), env });
  const [ours] = fs.readdirSync(packages).filter((name) => /^message-channel-main-\d/.test(name)).map((name) => path.join(packages, name));
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  const install = (...tarballs) => run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--foreground-scripts', ...tarballs], { cwd: project, env });

  const { stderr } = await install(...platform, ours);
  t.false(stderr.includes('building'), stderr);
  const { stdout } = await run(process.execPath, ['-p', "typeof require('message-channel-main').MessageChannelMain"], { cwd: project });
  t.is(stdout, 'function\n');

  // Without Rust the script says what is missing, and npm says that it failed.
  const bin = path.join(scratch, 'plain', 'bin');
  fs.mkdirSync(bin);
  for (const name of ['node', 'npm', 'sh']) fs.symlinkSync((await run('sh', ['-c', `command -v ${name}`], { env })).stdout.trim(), path.join(bin, name));
  fs.rmSync(path.join(project, 'node_modules'), { recursive: true });
  fs.rmSync(path.join(project, 'package-lock.json'));
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  const told = await failure('npm', ['install', '--offline', '--foreground-scripts', ours], { cwd: project, env: { HOME: process.env.HOME, PATH: bin } });
  t.regex(told, /needs Rust [\d.]+ or newer, which was not found/);
});

/** What Yarn makes: it tells where packages are, in no folder where Node would look, and of itself. */
const PLUG_AND_PLAY = `
const Module = require('node:module');
const path = require('node:path');
const { _resolveFilename } = Module;
const places = { pnpapi: __filename, 'message-channel-main': 'the package/index.js', 'message-channel-main/worker_threads': 'the package/worker_threads.js', [ADDON]: 'addon.node' };
process.versions.pnp = '3';
Module._resolveFilename = (id, ...rest) => (Object.hasOwn(places, id) ? path.resolve(__dirname, places[id]) : _resolveFilename(id, ...rest));`;

const FAMILY = `
const { Worker, utilityProcess, parentPort } = require('message-channel-main');
const { Worker: NodesWorker } = require('message-channel-main/worker_threads');
const told = [process.execArgv, process.env.NODE_OPTIONS];
if (process.env.IS_CHILD) (parentPort ?? require('node:worker_threads').parentPort).postMessage(told);
else {
  const env = { ...process.env, IS_CHILD: '1' };
  for (const child of [utilityProcess.fork(__filename, { env }), new Worker(__filename, { env }), new NodesWorker(__filename, { env }), new NodesWorker(__filename, { env, process: true })]) {
    child.on('message', (others) => console.log(JSON.stringify(others) === JSON.stringify(told)));
  }
}`;

test("where packages are found by Yarn's Plug'n'Play, children begin by that, too", async (t) => {
  t.timeout(60_000);
  const folder = path.join(scratch, 'plug\n"and" play'); // NODE_OPTIONS take such names, too
  const copy = path.join(folder, 'the package');
  fs.mkdirSync(copy, { recursive: true });
  for (const part of ['package.json', 'index.js', 'worker_threads.js', 'lib', 'gathered']) {
    fs.cpSync(path.join(__dirname, '..', part), path.join(copy, part), { recursive: true });
  }
  fs.copyFileSync(addon, path.join(folder, 'addon.node'));
  fs.writeFileSync(path.join(folder, 'pnp.cjs'), PLUG_AND_PLAY.replace('ADDON', JSON.stringify(`message-channel-main-${platformName()}`)));
  fs.writeFileSync(path.join(folder, 'app.js'), FAMILY);
  const pnp = path.join(folder, 'pnp.cjs');
  for (const [options, NODE_OPTIONS] of [[['--require', pnp], undefined], [[], `--require "${pnp.replaceAll('"', '\\"')}"`]]) {
    const { stdout } = await run(process.execPath, [...options, 'app.js'], { cwd: folder, env: { ...process.env, NODE_OPTIONS } });
    t.deepEqual(stdout.split('\n').slice(0, -1), Array(4).fill('true'), String(NODE_OPTIONS));
  }
});

test('each platform that has a package is one that the loader looks for', (t) => {
  const loader = fs.readFileSync(path.join(__dirname, '..', 'lib', 'native', 'binding.js'), 'utf8');
  const names = [...loader.matchAll(/require\('message-channel-main-([\w-]+)'\)/g)].map(([, name]) => name);
  t.deepEqual(names, Object.keys(PLATFORMS));
});

test('a Node that may load no addons is the headline, not a missing file', async (t) => {
  const cwd = path.join(__dirname, '..');
  const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  for (const [options, advice] of [
    [['--no-addons'], /--no-addons: leave that away/],
    [[permission, '--allow-fs-read=*'], /--permission: add --allow-addons/],
  ]) {
    const stderr = await failure(process.execPath, [...options, '-e', "require('./index.js')"], { cwd });
    const headline = /^Error: .*$/m.exec(stderr)?.[0] ?? stderr;
    t.regex(headline, /^Error: message-channel-main is a native addon, and this Node\.js was told to load none\./);
    t.regex(headline, advice);
    t.true(stderr.includes("code: 'ERR_DLOPEN_DISABLED'"), stderr);
  }
});

test('an addon that is there and cannot be loaded is the headline', async (t) => {
  const broken = path.join(scratch, 'broken.node');
  fs.writeFileSync(broken, 'this is no library');
  const stderr = await failure(process.execPath, ['-e', "require('./index.js')"], {
    cwd: path.join(__dirname, '..'), env: { ...process.env, NAPI_RS_NATIVE_LIBRARY_PATH: broken },
  });
  t.regex(stderr, /^Error: message-channel-main: the native addon for [\w-]+ does not load: .*(file too short|invalid ELF header)/m);
});
