// A file is handed to a worker or child as a stream, which counts its lines and says how far it is; half-way, the main process
// has had enough and says so with an AbortSignal: the reader stops there, and the file is closed here.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Readable } = require('node:stream');
const { MessageChannelMain } = require('../..');
const { openRenderer } = require('../open-renderer.js');

const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'file-stream-')), 'lines.txt');
fs.writeFileSync(file, 'one line of a file that is read elsewhere\n'.repeat(200_000));
const { size } = fs.statSync(file);

const source = fs.createReadStream(file);
const lines = Readable.toWeb(source);
const controller = new AbortController();
const { signal } = controller;
const { port1, port2 } = new MessageChannelMain();

openRenderer('reader.js').postMessage('count', { lines, size, signal }, [port2, lines, signal]);

port1.on('message', ({ data: percent }) => {
  if (signal.aborted) return; // what was on its way
  console.log(`[${'#'.repeat(percent / 10).padEnd(10, '.')}] ${percent} %`);
  if (percent === 50) controller.abort('half of it is enough');
});
port1.start();

source.on('close', () => {
  console.log(`the file is closed, and read ${source.bytesRead < size ? 'in part' : 'to its end'}`);
  fs.rmSync(path.dirname(file), { recursive: true });
});
