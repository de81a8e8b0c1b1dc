// Gathers what a child of ours loads before its program into one file for each way to start one: a start reads one file then,
// and looks for none. `npm run gather`; `npm run build` does it too, and lib/family/traces.js passes over what is out of date.
'use strict';

const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');

const root = path.join(__dirname, '..');
const folder = path.join(root, 'gathered');

/** Prints what a child has loaded once its program has run for a turn or two. */
const LOADED = 'setImmediate(setImmediate, () => console.log(JSON.stringify(Object.keys(require.cache))))';

/** How to start each kind of child, by the file of lib/ that it preloads. @type {Record<string, string>} */
const STARTS = {
  'boot.js': "require('./index.js').utilityProcess.fork(process.argv[1])",
  'process-worker.js': "new (require('./worker_threads.js').Worker)(process.argv[1], { process: true })",
  'thread-worker.js': "new (require('./worker_threads.js').Worker)(process.argv[1])",
};

/**
 * What stands in the file that a child preloads, as text. The engine's own form of the modules is kept beside them, as Python keeps
 * one, for each version and its flags: the first child that finds none puts it there, if it may. Node knows the tag of both, but
 * only in a module that takes as long to load as a tenth of ours: a child without flags goes by the version, and V8 looks at both.
 * @param {NodeRequire} require
 * @param {any} Module  Node's
 * @param {string} folder
 * @param {string} name  of the file of lib/ to begin with
 * @param {string} digest  of the modules: the engine itself compares no more than lengths
 */
function begin(require, Module, folder, name, digest) {
  const fs = require('node:fs');
  const vm = require('node:vm');
  const { arch, env, execArgv, pid, versions } = process;
  const filename = `${folder}/modules-of-${name}`;
  const source = fs.readFileSync(filename, 'latin1');
  const tag = () => require('node:v8').cachedDataVersionTag().toString(16);
  const compile = (/** @type {string} */ key) => {
    const compiled = `${filename}.${digest}.${key}.cache`;
    let cachedData;
    try {
      cachedData = fs.readFileSync(compiled);
    } catch {
      // There is none yet.
    }
    return { compiled, isThere: cachedData !== undefined, script: new vm.Script(source, { filename, cachedData }) };
  };
  const isPlain = execArgv.length === 2 && env.NODE_OPTIONS === undefined; // the preload, and its name
  let made = compile(isPlain ? `${versions.v8}-${arch}` : tag());
  if (isPlain && made.script.cachedDataRejected) made = compile(tag()); // another build of V8, or flags that were set by a call
  const { compiled, isThere, script } = made;
  script.runInThisContext()(require, (/** @type {string} */ id) => import(id), Module, folder.slice(0, -'gathered'.length));
  if (isThere) return;
  setImmediate(() => {
    try {
      if (fs.readdirSync(folder).length > 40) return; // every set of flags has its own
      const fresh = `${compiled}.${pid}`;
      fs.writeFileSync(fresh, script.createCachedData());
      fs.renameSync(fresh, compiled);
    } catch {
      // It is not ours to write, and nothing is lost.
    }
  });
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
  /** @param {number} at */
  return function load(at) {
    const filename = home + names[at];
    const known = cache[filename];
    if (known !== undefined) return known.exports;
    const path = filename.slice(0, filename.lastIndexOf('/'));
    // As its constructor makes it.
    const module = { __proto__: prototype, id: filename, path, exports: {}, filename, loaded: false, children: [] };
    cache[filename] = module;
    const require = (/** @type {any} */ id) => {
      if (typeof id === 'number') return load(id);
      if (id[0] === 'n') return builtin(id); // node:…
      if (id[id.length - 1] !== 'e') return createRequire(filename)(id);
      const addon = { exports: {} };
      process.dlopen(addon, home + id.slice('../../'.length)); // the only .node, beside lib/; it throws where there is none
      return addon.exports;
    };
    apply(runs[at], module.exports, [module.exports, require, module, filename, path]);
    module.loaded = true;
    return module.exports;
  };
}

/**
 * The modules of ours that a child has loaded, by their names in the package.
 * @param {string} start
 * @param {string} script
 * @returns {string[]}
 */
function loadedBy(start, script) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', start, script], { cwd: root, encoding: 'utf8' });
  const last = stdout.trim().split('\n').at(-1) ?? '';
  if (status !== 0 || !last.startsWith('[')) throw new Error(`a child did not say what it has loaded: ${stderr || stdout}`);
  return JSON.parse(last).map((/** @type {string} */ file) => path.relative(root, file)).filter((/** @type {string} */ name) => /^lib\/.*\.js$/.test(name));
}

/**
 * Comments that have lines for themselves are left out, and strings are written in ASCII, which is read fastest; import() is that
 * of the file that is preloaded, which compiled code has lost. What else there is stays as it is, and in lines.
 * @param {string} source
 */
const shorten = (source) => source.replace(/^[ \t]*\/\*\*(?:(?!\*\/)[^])*\*\/[ \t]*\n|^[ \t]*\/\/.*\n/gm, '')
  .replace(/\bimport\(/g, 'theImport(').replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

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

/** How large all files of lib/ are. */
function bytesOfLib() {
  const lib = path.join(root, 'lib');
  const stats = fs.readdirSync(lib, { recursive: true }).map((name) => fs.statSync(path.join(lib, String(name))));
  return stats.filter((stat) => stat.isFile()).reduce((sum, { size }) => sum + size, 0);
}

function gather() {
  const temporary = fs.mkdtempSync(path.join(root, '.gathering-'));
  try {
    const script = path.join(temporary, 'program.js');
    fs.writeFileSync(script, LOADED);
    for (const [name, start] of Object.entries(STARTS)) {
      const all = loadedBy(start, script);
      const runs = all.map((each) => runOf(each, all)).join('');
      const note = `// Made by scripts/gather.js of ${all.length} files.\n'use strict';\n\n`;
      const modules = `(function (builtin, theImport, Module, home) {\n${loader.toString()}\nconst theRequire = Module.createRequire;\nreturn loader(builtin, Module, home, ${JSON.stringify(all)}, [\n${runs}])(${all.indexOf(`lib/${name}`)});\n})\n`;
      const digest = createHash('sha256').update(modules).digest('hex').slice(0, 16);
      fs.writeFileSync(path.join(temporary, name), `${note}${begin.toString()}\n\nbegin(require, module.constructor, __dirname, '${name}', '${digest}');\n`);
      fs.writeFileSync(path.join(temporary, `modules-of-${name}`), modules);
    }
    fs.rmSync(script);
    fs.writeFileSync(path.join(temporary, 'made-of.json'), JSON.stringify({ bytes: bytesOfLib() }));
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
