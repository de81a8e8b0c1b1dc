// What a program loads of us, and a child first, stands in one file, if that is up to date; its modules are those of the files that it was made of.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test } = require('../helpers/test.js');

const root = path.join(__dirname, '..', '..');

/** A checkout of its own, where the files are gathered. */
function checkout(t) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'gathered-')));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  for (const name of ['index.js', 'global.js', 'worker_threads.js', 'worker-processes.js', 'package.json', 'lib', 'scripts', ...fs.readdirSync(root).filter((file) => file.endsWith('.node'))]) {
    fs.cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  execFileSync(process.execPath, ['scripts/gather.js'], { cwd: folder });
  return folder;
}

const CHILD = `
  const cache = require.cache;
  const first = Object.keys(cache)[0];
  const ours = require('../index.js');
  const port = ours.parentPort ?? require('node:worker_threads').parentPort;
  const deep = require('../lib/port/index.js');
  const { port1 } = new ours.MessageChannelMain();
  port.postMessage({ first, isSame: deep.endpointOf(port1) !== undefined, execArgv: process.execArgv });
  port1.close();
`;

/** A program for each kind of child, which prints what that says. */
const STARTS = {
  'boot.js': "require('./index.js').utilityProcess.fork('./child/index.js')",
  'process-worker.js': "new (require('./worker_threads.js').Worker)('./child/index.js', { process: true })",
  'thread-worker.js': "new (require('./worker_threads.js').Worker)('./child/index.js')",
};

function toldBy(folder, start, child = CHILD) {
  fs.mkdirSync(path.join(folder, 'child'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'child', 'index.js'), child);
  fs.writeFileSync(path.join(folder, 'start.js'), `${start}.once('message', (told) => console.log(JSON.stringify(told)));`);
  return JSON.parse(execFileSync(process.execPath, ['start.js'], { cwd: folder, encoding: 'utf8' }));
}

test.serial('a child begins with the gathered file, shows nothing of it, and has each module once', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  for (const [name, start] of Object.entries(STARTS)) {
    t.deepEqual(toldBy(folder, start), { first: path.join(folder, 'gathered', name), isSame: true, execArgv: [] }, name);
  }
});

test.serial('whatever a child asks for later is there', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const child = `
    const found = ['index', 'global', 'worker_threads'].map((name) => Object.keys(require('../' + name + '.js')).length);
    const port = require('../index.js').parentPort ?? require('../worker_threads.js').parentPort;
    const { MessageChannel } = require('../worker_threads.js');
    new MessageChannel().port1.close();
    port.postMessage(found);`;
  const found = ['index', 'global', 'worker_threads'].map((name) => Object.keys(require(`../../${name}.js`)).length);
  for (const [name, start] of Object.entries(STARTS)) t.deepEqual(toldBy(folder, start, child), found, name);
});

/** Prints what of the package's files a program has when it has loaded an entry, and whether a file that it asks for later is the same module. */
const PROGRAM = `
  const entry = require(process.argv[2]);
  const names = Object.keys(require.cache).map((file) => require('node:path').relative(__dirname, file));
  const { endpointOf } = require('./lib/port/index.js');
  const { MessageChannelMain, MessageChannel = MessageChannelMain } = entry;
  const { port1 } = new MessageChannel();
  console.log(JSON.stringify({ names, isSame: endpointOf(port1) !== undefined }));
  port1.close();`;

function loadedBy(folder, entry, program = PROGRAM) {
  fs.writeFileSync(path.join(folder, 'program.js'), program);
  return JSON.parse(execFileSync(process.execPath, ['program.js', entry], { cwd: folder, encoding: 'utf8' }));
}

test.serial('a program begins with the gathered file of its entry, and has each module once', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  for (const entry of ['index.js', 'worker_threads.js']) {
    const { names, isSame } = loadedBy(folder, `./${entry}`);
    t.true(isSame && names.includes(path.join('gathered', entry)) && names.includes('lib/core.js'), entry);
    t.true(fs.readdirSync(path.join(folder, 'gathered')).some((name) => name.startsWith(`modules-of-${entry}.`) && name.endsWith('.cache')), entry);
  }
  const both = loadedBy(folder, './index.js', `require('./worker_threads.js');${PROGRAM}`);
  t.true(both.isSame);
});

test.serial('the line that made a port is the program\'s, also where the package was moved with its compiled form', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const env = { ...process.env, MESSAGE_PORTS_TRACE: '1' };
  const program = "const ours = require('./index.js'); new ours.MessageChannelMain(); console.log(ours.inspectPorts()[0].stack.split('\\n')[0]);";
  const made = (/** @type {string} */ cwd) => execFileSync(process.execPath, ['-e', program], { cwd, env, encoding: 'utf8' });
  t.regex(made(folder), /^at \[eval\]:1:/);
  const moved = `${folder}-moved`;
  fs.renameSync(folder, moved);
  t.teardown(() => fs.renameSync(moved, folder));
  t.regex(made(moved), /^at \[eval\]:1:/);
});

test.serial('a program that knows the package by a link keeps to the files behind it', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const project = path.join(folder, 'project');
  fs.mkdirSync(path.join(project, 'node_modules'), { recursive: true });
  fs.writeFileSync(path.join(project, 'package.json'), '{}');
  fs.symlinkSync(folder, path.join(project, 'node_modules', 'message-channel-main'));
  fs.writeFileSync(path.join(project, 'program.js'), `
    require('message-channel-main');
    const names = Object.keys(require.cache).filter((file) => /(lib.core|gathered.index)\\.js$/.test(file));
    console.log(JSON.stringify(names));`);
  const run = (...options) => JSON.parse(execFileSync(process.execPath, [...options, 'program.js'], { cwd: project, encoding: 'utf8' }));
  t.deepEqual(run(), [path.join(folder, 'gathered/index.js'), path.join(folder, 'lib/core.js')]);
  t.deepEqual(run('--preserve-symlinks', '--preserve-symlinks-main'), [path.join(project, 'node_modules/message-channel-main/lib/core.js')]);
});

test.serial('what does not load is told whenever it is asked for', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  fs.readdirSync(folder).filter((name) => name.endsWith('.node')).forEach((name) => fs.rmSync(path.join(folder, name)));
  const codes = loadedBy(folder, '', `
    const codeOf = () => { try { require('./index.js'); } catch (error) { return error.code; } };
    console.log(JSON.stringify([codeOf(), codeOf()]))`);
  t.deepEqual(codes, ['ERR_ADDON_MISSING', 'ERR_ADDON_MISSING']);
});

test.serial('what was changed since is loaded file by file: by its content, when its time or its size is another', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const file = path.join(folder, 'lib', 'port', 'notes.js');
  const seen = () => fs.readFileSync(path.join(folder, 'gathered', 'seen.json'), 'utf8');
  const begins = () => [toldBy(folder, STARTS['boot.js']).first, loadedBy(folder, './index.js').names.includes('gathered/index.js')];
  const gathered = [path.join(folder, 'gathered', 'boot.js'), true];
  const plain = [path.join(folder, 'lib', 'boot.js'), false];
  t.deepEqual(begins(), gathered);

  const before = seen();
  const earlier = new Date(Date.now() - 100_000); // as an installer may leave it
  fs.utimesSync(file, earlier, earlier);
  t.deepEqual(begins(), gathered);
  t.not(seen(), before); // nobody reads it again

  const content = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, content.replace('//', '/*').replace('\n', '*/\n'));
  t.deepEqual(begins(), plain);
  fs.writeFileSync(file, content.replace(/^\/\/ \w/, '// X')); // as large
  t.deepEqual(begins(), plain);
  fs.writeFileSync(file, content);
  t.deepEqual(begins(), gathered);
});

test.serial('each set of flags has a compiled form of its own, and one that V8 refuses is not used', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const gathered = path.join(folder, 'gathered');
  const forms = () => fs.readdirSync(gathered).filter((name) => name.includes('process-worker') && name.endsWith('.cache')).sort();
  const start = (flags) => toldBy(folder, `new (require('./worker_threads.js').Worker)('./child/index.js', { process: true, execArgv: ${JSON.stringify(flags)} })`).isSame;
  fs.readdirSync(gathered).filter((name) => name.endsWith('.cache')).forEach((name) => fs.rmSync(path.join(gathered, name)));
  t.true(start([]));
  const [plain, ...none] = forms();
  t.true(plain.includes(process.versions.v8) && none.length === 0);
  t.true(start(['--no-opt']));
  const flagged = forms().find((name) => name !== plain);
  t.is(forms().length, 2);
  fs.copyFileSync(path.join(gathered, flagged), path.join(gathered, plain));
  t.true(start([]));
  t.is(forms().length, 3);
  t.true(start([]) && start(['--no-opt']));
  t.is(forms().length, 3);
});

test.serial('however many sets of flags there have been, what starts without any is compiled once', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const gathered = path.join(folder, 'gathered');
  for (let at = 0; at < 60; at++) fs.writeFileSync(path.join(gathered, `modules-of-process-worker.js.of-flags.${at}.cache`), '');
  const forms = () => fs.readdirSync(gathered).filter((name) => /^modules-of-process-worker\.js\.(?!of-flags).*\.cache$/.test(name));
  const start = (flags) => toldBy(folder, `new (require('./worker_threads.js').Worker)('./child/index.js', { process: true, execArgv: ${JSON.stringify(flags)} })`).isSame;
  t.true(start([]));
  const [plain, ...none] = forms();
  t.true(plain?.includes(process.versions.v8) && none.length === 0);
  t.true(start(['--no-opt']));
  t.deepEqual(forms(), [plain]); // each of these would be one more, for ever
});

test.serial('a worker that is terminated before it gets any further than its script has left a compiled form', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const program = `
    const { Worker } = require('./worker_threads.js');
    const worker = new Worker("require('node:worker_threads').parentPort.postMessage(0); for (;;);", { eval: true, process: true });
    worker.once('message', () => worker.terminate());
  `;
  const forms = () => fs.readdirSync(path.join(folder, 'gathered')).filter((name) => /^modules-of-process-worker\.js\..*\.cache$/.test(name));
  t.deepEqual(forms(), []);
  execFileSync(process.execPath, ['-e', program], { cwd: folder });
  t.is(forms().length, 1);
});

test.serial('the compiled form holds what the first worker did after its start, too', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const program = `
    const fs = require('node:fs');
    const { Worker } = require('./worker_threads.js');
    const worker = new Worker(\`
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', (message) => parentPort.postMessage({ ...message }));
      setImmediate(() => parentPort.postMessage(null));
    \`, { eval: true, process: true });
    const size = () => fs.readdirSync('gathered').filter((name) => /^modules-of-process-worker.js..*.cache$/.test(name)).map((name) => fs.statSync('gathered/' + name).size)[0] ?? 0;
    worker.once('message', () => {
      const before = size();
      worker.once('message', () => {
        const look = () => {
          if (size() <= before) return;
          watcher.close();
          worker.terminate().then(() => console.log(JSON.stringify([before, size()])));
        };
        const watcher = fs.watch('gathered', look);
        look();
      });
      worker.postMessage({ list: [new Map([[1, new Date(0)]])] });
    });
  `;
  const [before, after] = JSON.parse(execFileSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' }));
  t.true(before > 0 && after > before, `${before} ${after}`);
});

test.serial('the compiled form is for those who begin with the same flags, whatever a program does to them', (t) => {
  t.timeout(60_000);
  const folder = checkout(t);
  const start = (/** @type {string} */ source) => JSON.parse(execFileSync(process.execPath, ['-e', `
    const { Worker } = require('./worker_threads.js');
    new Worker(${JSON.stringify(source)}, { eval: true, process: true }).on('message', (message) => console.log(JSON.stringify(message)));
  `], { cwd: folder, encoding: 'utf8' }));
  start("require('node:v8').setFlagsFromString('--no-opt'); require('node:worker_threads').parentPort.postMessage({ list: [] })");
  t.false(start("require('node:worker_threads').parentPort.postMessage(process.moduleLoadList)").includes('NativeModule v8'));
});

test.serial('a worker in a process loads nothing of Node\'s for the web, nor for other processes, nor what a start can do without', async (t) => {
  t.timeout(30_000);
  const bare = JSON.parse(execFileSync(process.execPath, ['-e', 'process.stdout.write(JSON.stringify(process.moduleLoadList))'], { encoding: 'utf8' }));
  const { Worker } = require('../../worker_threads.js');
  const worker = new Worker("require('node:worker_threads').parentPort.postMessage(process.moduleLoadList)", { eval: true, process: true, execArgv: [] });
  const exit = once(worker, 'exit');
  const [loaded] = await once(worker, 'message');
  const needless = /undici|child_process|webstreams\/transfer|NativeModule (http|os$|v8$|internal\/file)/;
  t.deepEqual(loaded.filter((name) => needless.test(name) && !bare.includes(name)), []);
  await exit;
});

test.serial('a worker in a process finds out nothing of objects: it is told what its parent knows', async (t) => {
  t.timeout(30_000);
  const { Worker } = require('../../worker_threads.js');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'word-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'worker.js');
  fs.writeFileSync(file, `
    const root = ${JSON.stringify(path.join(__dirname, '..', '..'))};
    const { parentPort } = require(root + '/worker_threads.js');
    parentPort.postMessage('word');
    const { native } = require(root + '/lib/native');
    parentPort.postMessage(native.sortOf({}));
    parentPort.postMessage({});
    parentPort.postMessage(native.sortOf({}));
  `);
  const worker = new Worker(file, { process: true, execArgv: [] });
  /** @type {unknown[]} */
  const told = [];
  worker.on('message', (message) => told.push(message));
  await once(worker, 'exit');
  const tells = require('../../lib/native').engineTells() ? 1 : 0;
  t.deepEqual(told, ['word', tells, {}, tells]);
});
