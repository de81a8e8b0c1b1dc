// A program that was bundled, with us outside of the bundle and inside: its workers and children find their parent.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');

const run = promisify(execFile);
const root = path.join(__dirname, '..');
const NAME = 'message-channel-main';

/** It is its own child and its own worker, as a bundle in one file has to be. */
const PROGRAM = `
const { MessageChannelMain, Worker, parentPort, utilityProcess } = require('${NAME}');
if (parentPort) parentPort.once('message', ({ data, ports: [port] }) => port.postMessage(data + (process.parentPort ? ' child' : ' worker')));
else {
  for (const other of [new Worker(__filename), utilityProcess.fork(__filename)]) {
    const { port1, port2 } = new MessageChannelMain();
    port1.once('message', ({ data }) => {
      console.log(data);
      port1.close();
    });
    port1.start();
    other.postMessage('a', [port2]);
  }
}`;

/** The same with a worker in a process, which needs us outside. */
const WITH_PROCESS = `
const { Worker: NodesWorker, isMainThread, parentPort: nodesPort } = require('${NAME}/worker_threads');
if (!isMainThread && nodesPort && process.env.IS_PROCESS) nodesPort.postMessage('a process');
else {
  ${PROGRAM}
  if (isMainThread && !parentPort) new NodesWorker(__filename, { process: true, env: { ...process.env, IS_PROCESS: '1' } }).on('message', console.log);
}`;

/** Each bundles `app.js` of a folder into `out/app.js`; inside: with us in it. */
const BUNDLERS = {
  esbuild: (folder, inside) => require('esbuild').build({
    absWorkingDir: folder, entryPoints: ['app.js'], outfile: 'out/app.js', bundle: true, minify: true, platform: 'node', logLevel: 'silent',
    ...(inside ? { loader: { '.node': 'copy' } } : { external: [NAME] }), // and what is below it
  }),
  webpack: (folder, inside) => new Promise((resolve, reject) => {
    require('webpack')({
      context: folder, entry: './app.js', output: { path: path.join(folder, 'out'), filename: 'app.js' }, target: 'node', mode: 'production', optimization: { minimize: false },
      node: { __filename: false, __dirname: false },
      ...(inside
        ? { module: { rules: [{ test: /\.node$/, loader: require.resolve('node-loader'), options: { name: '[name].[ext]' } }] } }
        : { externals: new RegExp(`^${NAME}`), externalsType: 'commonjs' }),
    }, (error, stats) => (error || stats.hasErrors() ? reject(error ?? new Error(stats.toString('errors-only'))) : resolve()));
  }),
  async rollup(folder, inside) {
    const commonjs = require('@rollup/plugin-commonjs');
    const bundle = await require('rollup').rollup({
      input: path.join(folder, 'app.js'),
      external: inside ? [/^node:/, /\.node$/] : [/^node:/, new RegExp(`^${NAME}`)],
      plugins: [inside && packages(folder), commonjs({ ignoreDynamicRequires: true })],
      onwarn() {},
    });
    await bundle.write({ file: path.join(folder, 'out', 'app.js'), format: 'cjs' });
    if (inside) copyAddon(path.join(folder, 'node_modules', NAME), path.join(folder, 'out'));
  },
};

/** Rollup finds no packages by itself. @param {string} folder */
const packages = (folder) => ({
  name: 'packages',
  resolveId: (/** @type {string} */ id) => (id === NAME ? path.join(folder, 'node_modules', NAME, 'index.js') : null),
});

/** It is the script of a single executable, and its own child: there is no other. */
const SINGLE = `
const fs = require('node:fs');
const ours = require('node:module').createRequire(process.env.WHERE);
const { parentPort, utilityProcess } = ours('${NAME}');
if (parentPort) parentPort.postMessage(fs.readFileSync('/proc/self/cmdline', 'utf8').split('\\0').filter(Boolean).slice(1));
else {
  try {
    new (ours('${NAME}/worker_threads').Worker)('file.js', { process: true });
  } catch ({ code, message }) {
    console.log(code, /single executable/.test(message));
  }
  utilityProcess.fork('app.js', ['an argument'], { execArgv: [] }).on('message', (args) => console.log(args.join()));
}`;

function copyAddon(from, to) {
  for (const name of fs.readdirSync(from)) if (name.endsWith('.node')) fs.copyFileSync(path.join(from, name), path.join(to, name));
}

/** @param {string} program @returns {string} a folder with the program, and the package where it looks for it */
function project(t, program) {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'bundles-')));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'app.js'), program);
  const copy = path.join(folder, 'node_modules', NAME);
  fs.mkdirSync(copy, { recursive: true });
  for (const part of ['package.json', 'index.js', 'worker_threads.js', 'lib']) fs.cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  copyAddon(root, copy);
  return folder;
}

for (const [name, bundle] of Object.entries(BUNDLERS)) {
  for (const inside of [false, true]) {
    test(`${name}, with us ${inside ? 'inside' : 'outside'}`, async (t) => {
      const folder = project(t, inside ? PROGRAM : WITH_PROCESS);
      await bundle(folder, inside);
      // What is inside needs nothing of what it was made from.
      if (inside) fs.rmSync(path.join(folder, 'node_modules'), { recursive: true });
      for (const MESSAGE_PORTS_ENGINE of ['', 'none']) { // 'none': as on what is not x64
        const env = { ...process.env, MESSAGE_PORTS_ENGINE };
        const { stdout } = await run(process.execPath, [path.join('out', 'app.js')], { cwd: folder, env, timeout: 20_000, killSignal: 'SIGKILL' });
        t.deepEqual(stdout.split('\n').sort(), ['', 'a child', ...(inside ? [] : ['a process']), 'a worker'], MESSAGE_PORTS_ENGINE);
      }
    });
  }
}

/** Whether this Node.js makes single executables by itself. */
const MAKES_SINGLE = Number(process.versions.node.split('.')[0]) >= 26;

for (const real of MAKES_SINGLE ? [true, false] : [false]) {
  test(`a single executable${real ? '' : ', or what takes itself for one,'} is its own child, which sees no argument of ours, and its workers are threads`, async (t) => {
    t.timeout(60_000);
    const folder = project(t, SINGLE);
    const env = { ...process.env, WHERE: path.join(folder, 'app.js') };
    fs.writeFileSync(path.join(folder, 'sea.json'), JSON.stringify({ main: 'app.js', output: 'single', disableExperimentalSEAWarning: true }));
    fs.writeFileSync(path.join(folder, 'sea.js'), "require('node:sea').isSea = () => true;");
    if (real) await run(process.execPath, ['--build-sea', 'sea.json'], { cwd: folder });
    const [file, args] = real ? [path.join(folder, 'single'), []] : [process.execPath, ['--require', './sea.js', 'app.js']];
    const { stdout } = await run(file, args, { cwd: folder, env, timeout: 20_000, killSignal: 'SIGKILL' });
    t.is(stdout, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM true\napp.js,an argument\n');
  });
}
