// Two copies of this package in one program: the same objects where their protocol is the same, an error where it is not.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');

const run = promisify(execFile);
const root = path.join(__dirname, '..');

/**
 * A program that uses one copy, and a library of its that brings another.
 * @param {Record<string, string>} files  app.js is the program; library/index.js and what stands beside it see the other copy
 * @param {(source: string) => string} [change]  of the other copy's protocol
 */
function program(t, files, change = (source) => source) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'copies-')));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const copies = ['.', 'library'].map((place) => path.join(folder, place, 'node_modules', 'message-channel-main'));
  const parts = fs.readdirSync(root).filter((name) => name.endsWith('.node') || name === 'package.json' || name === 'index.js' || name === 'lib');
  for (const copy of copies) {
    for (const part of parts) fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  const file = path.join(copies[1], 'lib', 'native', 'copies.js');
  fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
  for (const [name, source] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), source);
  return run(process.execPath, ['app.js'], { cwd: folder, timeout: 15_000, killSignal: 'SIGKILL' });
}

const another = (/** @type {string} */ source) => source.replace(/PROTOCOL = \d+/, 'PROTOCOL = 4711');

const ECHO = `
const { parentPort } = require('message-channel-main');
parentPort.once('message', ({ data, ports: [port] }) => port.postMessage(data + (process.parentPort === parentPort ? ' by the process' : '')));
`;
const ASK = `
const { port1, port2 } = new ours.MessageChannelMain();
port1.once('message', ({ data }) => console.log(data));
port1.start();
child.postMessage('answered', [port2]);
`;

test('in one thread they are the same objects', async (t) => {
  const { stdout } = await program(t, {
    'app.js': `
      const [ours, theirs] = [require('message-channel-main'), require('./library')];
      console.log(Object.keys(ours).every((name) => ours[name] === theirs[name]), require.resolve('message-channel-main') === theirs.file);
      const { port1, port2 } = new ours.MessageChannelMain();
      const inner = new theirs.MessageChannelMain();
      port1.once('message', ({ ports: [port] }) => console.log(port instanceof ours.MessagePortMain));
      port1.start();
      port2.postMessage(null, [inner.port1]);`,
    'library/index.js': "module.exports = { ...require('message-channel-main'), file: require.resolve('message-channel-main') };",
  });
  t.is(stdout, 'true false\ntrue\n');
});

test('a child that uses the other copy finds its parent', async (t) => {
  const { stdout } = await program(t, {
    'app.js': `const ours = require('message-channel-main');
      const child = ours.utilityProcess.fork('library/child.js');${ASK}`,
    'library/child.js': ECHO,
  });
  t.is(stdout, 'answered by the process\n');
});

test('a worker that uses the other copy finds its parent', async (t) => {
  const { stdout } = await program(t, {
    'app.js': `const ours = require('message-channel-main');
      const child = new ours.Worker('./library/worker.js');${ASK}`,
    'library/worker.js': ECHO,
  });
  t.is(stdout, 'answered\n');
});

const TOLD = /Two versions of message-channel-main meet .*`npm ls message-channel-main`/;
const TRIES = "try { require('message-channel-main') } catch ({ code, message }) { console.log(code, message) }";

test('copies that cannot share say so, in one thread, in a worker and in a child', async (t) => {
  for (const app of [
    "require('message-channel-main'); require('./library')",
    "new (require('message-channel-main').Worker)('./library/index.js')",
    "require('message-channel-main').utilityProcess.fork('./library/index.js')",
  ]) {
    const { stdout } = await program(t, { 'app.js': app, 'library/index.js': TRIES }, another);
    t.regex(stdout, /^ERR_PROTOCOL_VERSION /, app);
    t.regex(stdout, TOLD, app);
  }
});
