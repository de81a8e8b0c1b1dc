// A handler that is set on a port of Electron's, where nothing calls it: the program is told.
const { test } = require('../helpers/test.js');
const { MessageChannelMain } = require('../../index.js');

test('setting onmessage on a MessagePortMain warns, says what to do, and sets a property all the same', async (t) => {
  const warned = new Promise((resolve) => { process.once('warning', resolve); });
  const { port1 } = new MessageChannelMain();
  t.is(port1.onmessage, undefined);
  const handler = () => t.fail('nothing calls it');
  port1.onmessage = handler;
  const { code, message } = await warned;
  t.is(code, 'MESSAGE_PORT_HANDLER');
  t.regex(message, /onmessage.*port\.on\('message', …\).*port\.start\(\).*MessagePort\.from\(port\)/);
  t.is(port1.onmessage, handler);
  t.deepEqual(Object.keys(new MessageChannelMain().port1).filter((key) => key.startsWith('on')), []);
  port1.close();
});
