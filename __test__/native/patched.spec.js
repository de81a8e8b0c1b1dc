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

test('a post that is refused says why, whatever the program has made of the language, and leaves RegExp.$1 alone', async (t) => {
  await prints(t, `
    const { port1 } = new MessageChannelMain();
    const refused = () => {
      try { port1.postMessage({ job: () => {} }); } catch (error) { return error.name; }
    };
    const put = (owner, key, value, post = refused) => {
      const before = Object.getOwnPropertyDescriptor(owner, key);
      Object.defineProperty(owner, key, { configurable: true, writable: true, value });
      const said = post();
      if (before === undefined) delete owner[key];
      else Object.defineProperty(owner, key, before);
      console.log(key, said);
    };
    const fails = () => { throw new Error('the program\\'s'); };
    /(mine)/.exec('mine');
    refused();
    console.log(RegExp.$1);
    put(Error, 'prepareStackTrace', fails);
    put(RegExp.prototype, 'exec', fails);
    for (const method of ['get', 'set', 'has']) put(WeakMap.prototype, method, fails);
    put(globalThis, 'TypeError', undefined, () => {
      try { port1.postMessage(1, 1); } catch (error) { return error.code; }
    });
  `, ['mine', 'prepareStackTrace DataCloneError', 'exec DataCloneError', 'get DataCloneError', 'set DataCloneError', 'has DataCloneError', 'TypeError ERR_INVALID_ARG_TYPE']);
});

test('ports of either face work on, and may be collected, where a program has taken the classes of the language away', async (t) => {
  await prints(t, `
    const { MessageChannel, receiveMessageOnPort } = require('./index.js');
    const taken = ['Array', 'Error', 'Map', 'Object', 'Promise', 'RangeError', 'Reflect', 'Set', 'Symbol', 'TypeError', 'Uint8Array', 'WeakMap', 'WeakRef'];
    const kept = taken.map((name) => [name, globalThis[name]]);
    const idle = new MessageChannelMain();
    const { port1, port2 } = new MessageChannelMain();
    const web = new MessageChannel();
    const later = setTimeout;
    const put = () => { for (const [name, value] of kept) globalThis[name] = value; };
    for (const name of taken) delete globalThis[name];
    later(() => { // idle ports are held weakly by now
      let error;
      try {
        const inner = new MessageChannel();
        web.port1.postMessage(inner.port2, [inner.port2]);
        port1.postMessage(() => {});
      } catch (thrown) {
        error = thrown;
      }
      put();
      console.log(error.name, receiveMessageOnPort(web.port2).ports.length);
      for (const port of [port1, web.port1, idle.port1]) port.close();
    }, 100);
  `, ['DataCloneError 1']);
});

test('a message is delivered, and read by a loop, in a test that has stopped the ticks with the clock', async (t) => {
  await prints(t, `
    const { port1, port2 } = new MessageChannelMain();
    process.nextTick = () => {};
    port2.once('message', ({ data }) => {
      console.log(data);
      (async () => {
        for await (const { data } of port2) console.log(data);
        console.log('closed');
      })();
      port1.postMessage('read');
      port1.postMessage('read too');
      port1.close();
    });
    port2.start();
    port1.postMessage('heard');
  `, ['heard', 'read', 'read too', 'closed']);
});

for (const value of ['delete', 'undefined', '() => {}']) {
  test(`a port of the web's face delivers where there is no global MessageEvent: ${value}`, async (t) => {
    await prints(t, `
      const { MessageChannel } = require('./index.js');
      if ('${value}' === 'delete') delete globalThis.MessageEvent;
      else globalThis.MessageEvent = ${value === 'delete' ? '0' : value};
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = (event) => {
        console.log(event.data, event.constructor.name, event instanceof Event);
        port2.close();
      };
      port1.postMessage('heard');
    `, ['heard MessageEvent true']);
  });
}
