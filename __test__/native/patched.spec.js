// What a program puts in the place of the language's own methods changes no message.
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

test('a message arrives as it was sent, whatever methods were replaced meanwhile', async (t) => {
  t.timeout(20_000);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fixture('patched.js')]);
  t.deepEqual({ lines: stdout.split('\n'), stderr }, { lines: ['true undefined 1000 true', 'undefined', ''], stderr: '' });
});

test('what tells of each call of it by a message has no part in finding out what the engine can do', async (t) => {
  t.timeout(40_000);
  const texts = "Array.from({ length: 300 }, (_, i) => 'text number ' + i)";
  const memory = 'new Uint8Array(100_000)';
  const telling = `
    const { port1, port2 } = new MessageChannelMain();
    const told = new MessageChannelMain();
    let calls = 0;
    const tell = () => { if (++calls < 3) told.port1.postMessage(MESSAGE); };
    const { random } = Math;
    Math.random = () => { tell(); return random(); };
    ArrayBuffer = class extends ArrayBuffer { constructor(...given) { super(...given); tell(); } };
    port2.on('message', ({ data }) => { console.log(data.length); port2.close(); }).start();
    port1.postMessage(MESSAGE);
    console.log(calls);
  `;
  await prints(t, telling.replaceAll('MESSAGE', texts), ['0', '300']);
  await prints(t, telling.replaceAll('MESSAGE', memory), ['0', '100000']);
});
