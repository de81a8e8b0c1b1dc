// An error that nobody catches, of a post or of the other side: Node prints the line of the program first, and none of ours.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const test = require('ava');

const root = path.join(__dirname, '..', '..');

/** What Node prints of a program that ends by an exception. */
async function printed(t, source) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mcm-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'program.js');
  fs.writeFileSync(file, `const us = require(${JSON.stringify(root)});\n${source}`);
  const { stderr } = await t.throwsAsync(promisify(execFile)(process.execPath, [file]));
  return { lines: stderr.split('\n').filter((line) => line !== ''), file };
}

for (const [title, source, text] of [
  ['a MessagePortMain', 'new us.MessageChannelMain().port1.postMessage({ jobs: [() => {}] });', /DataCloneError.*: \(\) => \{\} at message\.jobs\[0\]/],
  ['a MessagePort', 'new us.MessageChannel().port1.postMessage(Symbol("s"));', /DataCloneError.*: Symbol\(s\) at message/],
  ['a transfer list', 'new us.MessageChannelMain().port1.postMessage(0, [new Uint8Array(1)]);', /TypeError.*Port at index 0 is not a valid port/],
  ['a Worker', 'new us.Worker("", { eval: true }).postMessage(() => {});', /DataCloneError/],
]) {
  test(`the program's own line comes first: ${title}`, async (t) => {
    const { lines, file } = await printed(t, source);
    const first = lines.findIndex((line) => text.test(line));
    t.true(first >= 0, lines.join('\n'));
    t.true(lines[first + 1].includes(`${file}:2:`), lines.join('\n'));
    t.false(lines.slice(0, first).some((line) => line.includes(path.join(root, 'lib'))), lines.join('\n'));
  });
}

for (const [title, source] of [
  ['an error of a worker in a process', `
    const { Worker } = require(${JSON.stringify(path.join(root, 'worker_threads.js'))});
    require('node:events').once(new Worker('throw new TypeError("on purpose")', { eval: true, process: true }), 'exit');`],
  ['what a handler has thrown', `
    if (us.parentPort) us.ipcRenderer.invoke('fails');
    else {
      us.ipcMain.handle('fails', () => { throw new RangeError('on purpose'); });
      const child = us.utilityProcess.fork(__filename);
      us.webContents.fromProcess(child);
      child.on('exit', (code) => process.exit(code));
    }`],
]) {
  test(`a line of ours has not thrown it: ${title}`, async (t) => {
    const { lines } = await printed(t, source);
    const first = lines.findIndex((line) => line.includes('on purpose'));
    t.true(first >= 0, lines.join('\n'));
    t.false(lines.slice(0, first).some((line) => line.includes(root)), lines.join('\n'));
  });
}

test('what a getter throws keeps its own stack', (t) => {
  const { MessageChannelMain } = require('../../index.js');
  const { port1 } = new MessageChannelMain();
  const error = t.throws(() => port1.postMessage({ get wrong() { return failing(); } }), { message: 'its own' });
  t.regex(error.stack.split('\n')[1], /failing/);
  port1.close();
});

function failing() {
  throw new Error('its own');
}

test('a method that somebody has wrapped keeps a stack too', (t) => {
  const { MessageChannelMain } = require('../../index.js');
  const { port1 } = new MessageChannelMain();
  const { postMessage } = port1;
  port1.postMessage = function wrapped(...args) {
    return Reflect.apply(postMessage, this, args);
  };
  t.regex(t.throws(() => port1.postMessage(() => {}), { any: true }).stack, /\n\s+at .*uncaught\.spec/);
  port1.close();
});
