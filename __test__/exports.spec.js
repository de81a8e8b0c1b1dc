// The public names: the same by require and import, declared with what they are, and every error code listed.
const fs = require('node:fs');
const path = require('node:path');
const test = require('ava');
const ts = require('typescript');

const root = path.join(__dirname, '..');
const declarations = path.join(root, 'index.d.ts');

/** The names that index.d.ts declares to exist at run time. */
function declaredValues() {
  const program = ts.createProgram([declarations], { types: [] });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
  const values = checker.getExportsOfModule(module).filter((symbol) => symbol.flags & ts.SymbolFlags.Value);
  return values.map((symbol) => symbol.name);
}

/** Every file below `folder` whose name ends so. */
function filesUnder(folder, ending) {
  const names = fs.readdirSync(folder, { recursive: true });
  return names.filter((name) => name.endsWith(ending)).map((name) => path.join(folder, name));
}

function codesIn(file) {
  return fs.readFileSync(file, 'utf8').match(/\bERR_[A-Z_]+\b/g) ?? [];
}

test('require and import give the same names, and the same things', async (t) => {
  const required = require('message-channel-main');
  const { default: whole, ...imported } = await import('message-channel-main');
  delete imported['module.exports']; // Node 23 and newer add it
  t.is(whole, required);
  t.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
  for (const name of Object.keys(required)) t.is(imported[name], required[name], name);
});

test('index.d.ts declares what is there, and nothing else', (t) => {
  t.deepEqual(declaredValues().sort(), Object.keys(require('message-channel-main')).sort());
});

test('every error code is listed in index.d.ts, and none that does not exist', (t) => {
  const sources = [...filesUnder(path.join(root, 'lib'), '.js'), ...filesUnder(path.join(root, 'src'), '.rs')];
  const used = new Set(sources.flatMap(codesIn));
  const listed = new Set(codesIn(declarations));
  t.deepEqual([...listed].sort(), [...used].sort());
  const [described, type] = fs.readFileSync(declarations, 'utf8').split('export type ErrorCode =');
  const members = new Set(type.match(/\bERR_[A-Z_]+\b/g));
  t.deepEqual([...members].sort(), [...used].sort(), 'the type has them all');
  t.deepEqual([...used].filter((code) => !described.includes(code)), [], 'and each is described');
  const readme = new Set(codesIn(path.join(root, 'README.md')));
  t.deepEqual([...used].filter((code) => !readme.has(code)), [], 'also in README.md');
});

test('message-channel-main/worker_threads has all names of node:worker_threads, by require and by named import', async (t) => {
  const names = Object.keys(require('node:worker_threads'));
  const required = require('message-channel-main/worker_threads');
  const imported = await import('message-channel-main/worker_threads');
  for (const name of names) {
    t.true(name in required, name);
    t.is(imported[name], required[name], name);
    t.is(typeof required[name], typeof require('node:worker_threads')[name], name);
  }
});
