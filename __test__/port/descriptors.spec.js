// A process that has no descriptor left is told so, and has lost nothing by it.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { test, fixture } = require('../helpers/test.js');

const program = `
  const fs = require('node:fs');
  const { once } = require('node:events');
  const { MessageChannelMain, utilityProcess } = require('./index.js');
  (async () => {
    const child = utilityProcess.fork(${JSON.stringify(fixture('echo.js'))});
    child.postMessage('hello');
    await once(child, 'message');
    const { port1, port2 } = new MessageChannelMain();
    const buffer = new ArrayBuffer(8);
    port1.postMessage('unread');
    const held = [];
    try {
      for (;;) held.push(fs.openSync('/dev/null'));
    } catch {
      // None is left.
    }
    try {
      child.postMessage('with a port', [port2, buffer]);
    } catch (error) {
      console.log(error.code, port2.closed, buffer.byteLength);
    }
    for (const fd of held) fs.closeSync(fd);
    child.postMessage('again', [port2, buffer]);
    const [data, { ports: [back] }] = await once(child, 'message');
    console.log(data, port2.closed, buffer.byteLength);
    back.on('message', ({ data }) => { console.log(data); back.close(); });
    back.start();
    child.postMessage('go');
  })();
`;

const handedOver = `
  const dgram = require('node:dgram');
  const fs = require('node:fs');
  const net = require('node:net');
  const { once } = require('node:events');
  const { FileDescriptor, MessageChannelMain, receiveMessageOnPort } = require('./index.js');
  (async () => {
    const { port1, port2 } = new MessageChannelMain();
    const server = net.createServer().listen(0);
    const client = net.connect((await once(server, 'listening'), server.address().port));
    const [[socket]] = await Promise.all([once(server, 'connection'), once(client, 'connect')]);
    const datagrams = dgram.createSocket('udp4').bind(0);
    await once(datagrams, 'listening');
    const things = [socket, server, datagrams, await fs.promises.open('package.json'), new FileDescriptor(fs.openSync('package.json'))];
    try {
      port1.postMessage(() => {}, things);
    } catch {
      // What looks at them is loaded: that takes descriptors, too.
    }
    const held = [];
    try {
      for (;;) held.push(fs.openSync('/dev/null'));
    } catch {
      // None is left.
    }
    const codes = things.map((thing) => {
      try {
        port1.postMessage(thing, [thing]);
      } catch ({ code }) {
        return code;
      }
    });
    for (const fd of held) fs.closeSync(fd);
    console.log(codes.join());
    port1.postMessage(things, things);
    const { message } = receiveMessageOnPort(port2);
    console.log(message.map(({ constructor: { name } }) => name).join());
    for (const thing of [client, message[0]]) thing.destroy();
    for (const thing of [...message.slice(1), port1]) thing.close();
  })();
`;

/** Runs a program that may open so few files. */
function limited(source) {
  return new Promise((resolve) => {
    const options = { cwd: path.join(__dirname, '..', '..') };
    execFile('sh', ['-c', 'ulimit -n 150; exec "$0" -e "$1"', process.execPath, source], options, (error, stdout, stderr) => {
      resolve({ error, stderr, lines: stdout.split('\n') });
    });
  });
}

test.serial('a port that cannot leave stays, with all that was to go along', async (t) => {
  t.timeout(20_000);
  t.deepEqual(await limited(program), { stderr: '', error: null, lines: ['ERR_DESCRIPTORS_EXHAUSTED false 8', 'again true 0', 'unread', ''] });
});

test.serial('what leaves as a descriptor, too, and it is told what is missing', async (t) => {
  t.timeout(20_000);
  t.deepEqual(await limited(handedOver), {
    stderr: '', error: null, lines: [Array(5).fill('ERR_DESCRIPTORS_EXHAUSTED').join(), 'Socket,Server,Socket,FileHandle,FileDescriptor', ''],
  });
});

const late = `
  const fs = require('node:fs');
  const { once } = require('node:events');
  const { MessageChannelMain, utilityProcess } = require('./index.js');
  (async () => {
    const child = utilityProcess.fork(${JSON.stringify(fixture('reads-late.js'))});
    const ports = [new MessageChannelMain(), new MessageChannelMain()];
    const reading = once(child, 'message');
    child.postMessage('read', ports.map(({ port2 }) => port2));
    const held = [];
    await reading;
    try {
      for (;;) held.push(fs.openSync('/dev/null'));
    } catch {
      // None is left.
    }
    const text = 'x'.repeat(4 << 20);
    for (const { port1 } of ports) port1.postMessage(text);
    ports[1].port1.close();
    const heard = [];
    child.on('message', (data) => heard.push(data));
    child.postMessage('now');
    while (heard.length < 3) await once(child, 'message');
    console.log(heard.sort().join());
    child.kill();
  })();
`;

test.serial('what a full socket has not taken leaves, although there was no descriptor left when it was posted', async (t) => {
  t.timeout(20_000);
  const { stdout, stderr } = await new Promise((resolve) => {
    const options = { cwd: path.join(__dirname, '..', '..'), timeout: 15_000 };
    execFile('sh', ['-c', 'ulimit -n 150; exec "$0" -e "$1"', process.execPath, late], options, (error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });
  t.deepEqual({ stdout, stderr }, { stdout: '0 4194304,1 4194304,1 close\n', stderr: '' });
});

const loading = `
  const fs = require('node:fs');
  const held = [];
  try {
    for (;;) held.push(fs.openSync('/dev/null'));
  } catch {
    // None is left.
  }
  const load = () => {
    try {
      return Object.keys(require('./index.js')).length > 0 && 'loaded';
    } catch ({ code }) {
      return code;
    }
  };
  const seen = new Set();
  while (!seen.has('loaded')) {
    fs.closeSync(held.pop());
    seen.add(load());
  }
  console.log([...seen].filter((code) => code !== 'EMFILE').join());
`;

test.serial('a program that loads us without a descriptor left is told so, and may try again', async (t) => {
  const { stdout, stderr } = await new Promise((resolve) => {
    const options = { cwd: path.join(__dirname, '..', '..') };
    execFile('sh', ['-c', 'ulimit -n 150; exec "$0" -e "$1"', process.execPath, loading], options, (error, stdout, stderr) => {
      resolve({ stdout, stderr });
    });
  });
  t.deepEqual({ stdout, stderr }, { stdout: 'ERR_DESCRIPTORS_EXHAUSTED,loaded\n', stderr: '' });
});
