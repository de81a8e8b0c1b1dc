// The public names: the same by require and import, declared with what they are, and every error code listed.
const { EventEmitter, once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { Worker: NodeWorker } = require('node:worker_threads');
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

/** What declarations speak of: the types of index.d.ts by their names, of instances where it is a class. */
function declaredTypes() {
  const program = ts.createProgram([declarations], { types: ['node'], strict: true, module: ts.ModuleKind.Node16, target: ts.ScriptTarget.ES2022 });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(declarations);
  const symbols = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  /** Without what it has from elsewhere, an EventEmitter for instance. @param {ts.Type} type */
  const members = (type) => checker.getPropertiesOfType(type)
    .filter(({ declarations: places }) => places?.some((place) => place.getSourceFile() === source))
    .map(({ name }) => name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]')); // as the compiler calls it
  const named = (/** @type {string} */ name) => symbols.find((symbol) => symbol.name === name);
  return {
    ofValue: (/** @type {string} */ name) => members(checker.getNonNullableType(checker.getTypeOfSymbol(named(name)))).filter((member) => member !== 'prototype'),
    ofType: (/** @type {string} */ name) => members(checker.getDeclaredTypeOfSymbol(named(name))),
  };
}

const PLATFORMS_OWN = [Object.prototype, Function.prototype, EventTarget.prototype, EventTarget, EventEmitter.prototype, EventEmitter, NodeWorker.prototype, NodeWorker];

/** What every class and every emitter has, whoever has overridden it; what is for JSON and inspection; and by what Node's functions refuse a port. */
const UNDECLARED = new Set([
  ...[Function.prototype, EventEmitter.prototype, new EventEmitter(), EventTarget.prototype].flatMap((each) => Object.getOwnPropertyNames(each)),
  'prototype', 'toJSON', '_uncloneable', '[Symbol.toStringTag]',
]);

/** Handlers that are there to say that another face has them, and what Node's constructor makes. */
const ALSO_THERE = { MessagePortMain: ['onmessage', 'onmessageerror', 'onclose'], Worker: ['performance'] };

/** Its members, its class's too, as far as they are not the platform's. */
function membersOf(object) {
  const keys = new Set();
  for (let each = object; each !== null && !PLATFORMS_OWN.includes(each); each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) keys.add(typeof key === 'string' ? key : `[${key.description}]`);
  }
  // A symbol of Node's own (kOnExit) or that something stands for.
  return [...keys].filter((key) => !key.startsWith('[') || key.startsWith('[Symbol.'));
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

test('every member of every class and object is declared, and every declared member is there', async (t) => {
  const us = require('message-channel-main');
  const { ofValue, ofType } = declaredTypes();
  /** @param {string} name @param {string[]} declared @param {object} object */
  const same = (name, declared, object) => {
    const there = membersOf(object).filter((key) => declared.includes(key) || !(UNDECLARED.has(key) || ALSO_THERE[name]?.includes(key)));
    // What the older Node.js has under its own symbol is there by the standard's.
    const missing = declared.filter((key) => !(key.startsWith('[Symbol.') ? Symbol[key.slice(8, -1)] in object : key in object));
    t.deepEqual({ missing, undeclared: there.filter((key) => !declared.includes(key)) }, { missing: [], undeclared: [] }, name);
  };
  for (const name of ['FileDescriptor', 'MessageChannelMain', 'MessagePortMain', 'MessageChannel', 'MessagePort', 'Worker', 'UtilityProcess']) same(`${name}, static`, ofValue(name), us[name]);
  for (const name of ['utilityProcess', 'sharedMemory', 'webContents', 'ipcMain', 'ipcRenderer']) same(name, ofValue(name), us[name]);
  const channels = { MessageChannelMain: new us.MessageChannelMain(), MessageChannel: new us.MessageChannel() };
  for (const [name, channel] of Object.entries(channels)) same(name, ofType(name), channel);
  const { port1, port2 } = channels.MessageChannelMain;
  for (const [name, port] of Object.entries({ MessagePortMain: port1, MessagePort: channels.MessageChannel.port1 })) same(name, ofType(name), port);
  const [report] = us.inspectPorts();
  t.deepEqual(Object.keys(report).sort(), ofType('PortReport').filter((key) => key !== 'stack').sort());

  port1.postMessage(0);
  const { value: event } = await port2[Symbol.asyncIterator]().next();
  same('MessageEvent', ofType('MessageEvent'), event);
  for (const port of [port1, channels.MessageChannel.port1]) port.close();

  const program = "const { parentPort, ipcRenderer } = require('message-channel-main');"
    + "ipcRenderer.send('heard'); ipcRenderer.sendSync('asked'); parentPort.postMessage(0)";
  const worker = new us.Worker(program, { eval: true });
  same('Worker', ofType('Worker'), worker);
  const contents = us.webContents.fromWorker(worker);
  same('WebContents', ofType('WebContents'), contents);
  same('WebFrameMain', ofType('WebFrameMain'), contents.mainFrame);
  same('IpcMain', ofType('IpcMain'), contents.ipc);
  contents.on('ipc-message-sync', (asked) => { asked.returnValue = 1; });
  const names = ['ipc-message', 'ipc-message-sync'];
  const [[heard], [asked], [, told]] = await Promise.all([...names.map((name) => once(contents, name)), once(worker, 'message')]);
  same('IpcMainEvent', ofType('IpcMainEvent').filter((key) => key !== 'returnValue'), heard);
  same('IpcMainEvent', ofType('IpcMainEvent'), asked);
  same('MessageEvent', ofType('MessageEvent'), told);
  await once(worker, 'exit');
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
