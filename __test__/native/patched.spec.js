// What a program puts in the place of the language's own methods changes no message.
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { test, fixture } = require('../helpers/test.js');

test('a message arrives as it was sent, whatever methods were replaced meanwhile', async (t) => {
  t.timeout(20_000);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [fixture('patched.js')]);
  t.deepEqual({ lines: stdout.split('\n'), stderr }, { lines: ['true undefined 1000 true', 'undefined', ''], stderr: '' });
});
