// Gathers what a program loads with an entry of this package, and a child before its program, into one file for each way to
// begin: a start reads one file then, and looks for none. `npm run gather`; `npm run build` does it too, and
// lib/native/gathered.js passes over what is out of date.
'use strict';

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const { ROOT: root, GATHERED, MADE_OF, SEEN, ENTRIES, digestOf, looksOf } = require('../lib/native/gathered.js');

const folder = path.join(root, GATHERED);

/** What a program is likely to use of an entry: what that loads is gathered, too, and waits until it is asked for. @type {Record<string, { names: string, children: string }>} */
const USE = {
  'index.js': { names: 'utilityProcess, Worker, MessageChannelMain: Channel', children: 'utilityProcess.fork(script), new Worker(script)' },
  'worker_threads.js': { names: 'Worker, MessageChannel: Channel', children: 'new Worker(script, { process: true }), new Worker(script)' },
};

/** Prints what an entry has loaded when it is there, and after that use of it. @param {string} name */
const byEntry = (name) => `
  const { ${USE[name].names} } = require('./${name}');
  const first = Object.keys(require.cache).length;
  const { port1, port2 } = new Channel();
  port1.postMessage({ list: [new Map([[1, new Uint8Array(8)]])] });
  port2.once('message', () => port1.close());
  port2.start();
  const script = process.argv[1];
  let running = 2;
  for (const child of [${USE[name].children}]) {
    child.on('message', () => {});
    child.once('exit', () => {
      if (--running === 0) console.log(JSON.stringify({ first, names: Object.keys(require.cache) }));
    });
  }`;

/** How to start each kind of child, by the file of lib/ that it preloads. @type {Record<string, string>} */
const STARTS = {
  'boot.js': "require('./index.js').utilityProcess.fork(process.argv[1])",
  'process-worker.js': "new (require('./worker_threads.js').Worker)(process.argv[1], { process: true })",
  'thread-worker.js': "new (require('./worker_threads.js').Worker)(process.argv[1])",
};

/** Prints what a child has loaded once its program has run for a turn or two. It has loaded all of it by itself. */
const LOADED = 'setImmediate(setImmediate, () => console.log(JSON.stringify({ first: 1, names: Object.keys(require.cache) })))';

/**
 * What stands in the file by which a program or a child begins, as text. The engine's own form of the modules is kept beside them, as
 * Python keeps one, for each version and its flags: who finds none that V8 takes puts it there, if he may. Node knows the tag of both, but
 * only in a module that takes as long to load as a tenth of ours: a start without flags goes by the version, and V8 looks at both.
 * @param {NodeRequire} require
 * @param {any} Module  Node's
 * @param {string} folder
 * @param {string} name  of the file of lib/ to begin with
 * @param {string} digest  of the modules: the engine itself compares no more than lengths
 */
function begin(require, Module, folder, name, digest) {
  const { arch, env, execArgv, pid, versions, getBuiltinModule } = process;
  // Under --watch Node's require() reports each module that is asked for, Node's own too; from a thread by a message that the program
  // hears. getBuiltinModule() reports nothing.
  const builtin = env.WATCH_REPORT_DEPENDENCIES && getBuiltinModule ? (/** @type {string} */ id) => getBuiltinModule(id) ?? require(id) : require;
  const fs = builtin('node:fs');
  const vm = builtin('node:vm');
  const filename = `${folder}/modules-of-${name}`;
  const source = fs.readFileSync(filename, 'latin1');
  const tag = () => builtin('node:v8').cachedDataVersionTag().toString(16);
  const compile = (/** @type {string} */ key) => {
    const compiled = `${filename}.${digest}.${key}.cache`;
    let cachedData;
    try {
      cachedData = fs.readFileSync(compiled);
    } catch {
      // There is none yet.
    }
    const script = new vm.Script(source, { filename, cachedData });
    return { compiled, isUsed: cachedData !== undefined && !script.cachedDataRejected, script };
  };
  const isPlain = (execArgv.length === 0 || execArgv.length === 2) && env.NODE_OPTIONS === undefined; // a preload, and its name
  let made = compile(isPlain ? `${versions.v8}-${arch}` : tag());
  if (isPlain && made.script.cachedDataRejected) made = compile(tag()); // another build of V8, or other flags
  const { compiled, isUsed, script } = made;
  script.runInThisContext()(builtin, (/** @type {string} */ id) => import(id), Module, folder.slice(0, -'gathered'.length));
  if (isUsed) return;
  const fresh = `${compiled}.${pid}`;
  /** @type {Buffer | undefined} */
  let kept;
  const keep = () => {
    try {
      const data = script.createCachedData();
      // The engine drops the code of what ran once; and its head tells the flags of V8, which a program may have changed.
      if (kept !== undefined && (data.length <= kept.length || data.compare(kept, 0, 16, 0, 16) !== 0)) return;
      kept = data;
      fs.writeFileSync(fresh, data, { flag: 'wx' });
      fs.renameSync(fresh, compiled);
    } catch (error) {
      // It is not ours to write, or another thread of this process is at it, and nothing is lost. Half of it is of no use.
      const { code = '' } = /** @type {NodeJS.ErrnoException} */ (error);
      if (['ENOSPC', 'EDQUOT'].includes(code)) fs.rmSync(fresh, { force: true });
    }
  };
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    // Every set of flags has its own. What starts without any is what most do, and there is one for each version.
    if (!compiled.includes(versions.v8) && fs.readdirSync(folder).length > 60) return;
  } catch {
    return;
  }
  keep(); // a worker may be terminated before it gets any further
  setImmediate(keep); // with what has run by then
  setTimeout(keep, 1000).unref?.(); // and once more, with what a program does after its start
}

/**
 * What is done with the sources of the modules, as text behind which they stand: they are modules of the files that they came
 * from, to whoever asks for one of these later, too: maybe when a program has put other methods in the place of the language's.
 * They know each other by number. What is done for each is little: there are a hundred, and what is garbage soon counts in a start.
 * @param {NodeRequire} builtin
 * @param {any} Module  Node's
 * @param {string} home  the package, and a separator
 * @param {string[]} names  of the files in the package
 * @param {Function[]} runs
 */
function loader(builtin, Module, home, names, runs) {
  const { apply } = Reflect;
  const { createRequire, prototype, _cache: cache } = Module;
  /** By number, for a name has to be put together and looked up. @type {any[]} */
  const modules = [];
  /** Node's, which take a while to be asked for. @type {Record<string, any>} */
  const builtins = { __proto__: null };
  /** @param {number} at */
  return function load(at) {
    if (modules[at] !== undefined) return modules[at].exports;
    const filename = home + names[at];
    if (cache[filename] !== undefined) return (modules[at] = cache[filename]).exports;
    const path = filename.slice(0, filename.lastIndexOf('/'));
    // As its constructor makes it.
    const module = { __proto__: prototype, id: filename, path, exports: {}, filename, loaded: false, children: [] };
    modules[at] = cache[filename] = module;
    const require = (/** @type {any} */ id) => {
      if (typeof id === 'number') return load(id);
      if (id[0] === 'n') return (builtins[id] ??= builtin(id)); // node:…
      if (id.slice(-'.node'.length) === '.node') {
        // To look for it, as Node does, takes longer than to open it: beside lib/, or in the package for the platform, beside this one.
        const file = id.slice('../../'.length);
        for (const folder of ['', `../${file.slice(0, -'.node'.length).replace('.', '-')}/`]) {
          const addon = { exports: {} };
          try {
            process.dlopen(addon, home + folder + file);
            return addon.exports;
          } catch {
            // Node says why.
          }
        }
      }
      return createRequire(filename)(id);
    };
    try {
      apply(runs[at], module.exports, [module.exports, require, module, filename, path]);
      module.loaded = true;
      return module.exports;
    } finally {
      if (!module.loaded) { // who tries again is told the same
        modules[at] = undefined;
        delete cache[filename];
      }
    }
  };
}

/**
 * The modules of ours that a program or a child has loaded, by their names in the package, and how many it does not do without.
 * @param {string} program
 * @param {string} script  that of a child
 * @returns {{ all: string[], needed: number }}
 */
function loadedBy(program, script) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program, script], { cwd: root, encoding: 'utf8' });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('{')) throw new Error(`a program did not say what it has loaded: ${stderr || stdout}`);
  const { first, names } = JSON.parse(last);
  const ofLib = (/** @type {string[]} */ files) => files.map((file) => path.relative(root, file)).filter((name) => /^lib\/.*\.js$/.test(name));
  return { all: ofLib(names), needed: ofLib(names.slice(0, first)).length };
}

/**
 * Comments that have lines for themselves are left out, and strings are written in ASCII, which is read fastest; import() is that
 * of the file that is preloaded, which compiled code has lost. What else there is stays as it is, and in lines.
 * @param {string} source
 */
const shorten = (source) => source.replace(/^[ \t]*\/\*\*(?:(?!\*\/)[^])*\*\/[ \t]*\n|^[ \t]*\/\/.*\n/gm, '')
  .replace(/(?<!['"`])\bimport\(/g, 'theImport(').replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

/**
 * One of the modules as a function, which asks for others by their places in the list.
 * @param {string} name
 * @param {string[]} all
 */
function runOf(name, all) {
  const file = path.join(root, name);
  const { resolve } = createRequire(file);
  const source = shorten(fs.readFileSync(file, 'utf8')).replace(/\brequire\('(\.[^']+)'\)/g, (asItIs, id) => {
    const at = id.endsWith('.node') ? -1 : all.indexOf(path.relative(root, resolve(id)));
    return at === -1 ? asItIs : `require(${at})`;
  }).replace(/\brequire\.resolve\(/g, 'theRequire(__filename).resolve(');
  return `/* ${name} */ (function (exports, require, module, __filename, __dirname) {\n${source}}),\n`;
}

/**
 * Writes the file by which a program or a child begins, and the one that it reads.
 * @param {string} into  a folder
 * @param {string} name
 * @param {string[]} all  its modules
 * @param {string} start  what it does with `load`
 */
function write(into, name, all, start) {
  const note = `// Made by scripts/gather.js of ${all.length} files.\n'use strict';\n\n`;
  const runs = all.map((each) => runOf(each, all)).join('');
  const modules = `(function (builtin, theImport, Module, home) {\n${loader.toString()}\nconst theRequire = Module.createRequire;\nconst load = loader(builtin, Module, home, ${JSON.stringify(all)}, [\n${runs}]);\n${start}\n})\n`;
  const digest = createHash('sha256').update(modules).digest('hex').slice(0, 16);
  fs.writeFileSync(path.join(into, name), `${note}${begin.toString()}\n\nbegin(require, module.constructor, __dirname, '${name}', '${digest}');\n`);
  fs.writeFileSync(path.join(into, `modules-of-${name}`), modules);
}

function gather() {
  const temporary = fs.mkdtempSync(path.join(root, '.gathering-'));
  try {
    const script = path.join(temporary, 'program.js');
    /** @type {Set<string>} */
    const files = new Set();
    fs.writeFileSync(script, LOADED);
    for (const [name, program] of Object.entries(STARTS)) {
      const { all } = loadedBy(program, script);
      write(temporary, name, all, `load(${all.indexOf(`lib/${name}`)});`);
      all.forEach((each) => files.add(each));
    }
    fs.writeFileSync(script, '');
    for (const name of Object.keys(ENTRIES)) {
      const { all, needed } = loadedBy(byEntry(name), script);
      write(temporary, name, all, `for (let at = 0; at < ${needed}; at++) load(at);`);
      all.forEach((each) => files.add(each));
    }
    fs.rmSync(script);
    const made = { files: [...files], digest: digestOf([...files]) };
    fs.writeFileSync(path.join(temporary, MADE_OF), JSON.stringify(made));
    fs.writeFileSync(path.join(temporary, SEEN), looksOf(made.files));
    fs.chmodSync(temporary, 0o755);
    const old = `${temporary}-old`;
    if (fs.existsSync(folder)) fs.renameSync(folder, old); // programs that run start children by it
    fs.renameSync(temporary, folder);
    fs.rmSync(old, { recursive: true, force: true });
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

module.exports = { gather, folder };

if (require.main === module) gather();
