// A peer says of a descriptor what it is not: that costs its port, or the message, and nobody else.
const { once } = require('node:events');
const { utilityProcess } = require('../../index.js');
const { test, fixture } = require('../helpers/test.js');

const KINDS = { memory: 1, tcpSocket: 3, unixSocket: 4, tcpServer: 5, unixServer: 6, file: 7, datagrams: 8, content: 9, unknown: 10 };

function child(t) {
  const process = utilityProcess.fork(fixture('hostile-descriptors.js'));
  t.teardown(async () => { const exit = once(process, 'exit'); process.kill(); await exit; });
  return process;
}

/** What the port hears by which the child has sent it. */
async function hears(process, job) {
  process.postMessage(job);
  const [, { ports: [port] }] = await once(process, 'message');
  const heard = [];
  port.on('message', ({ data }) => heard.push(data));
  port.on('messageerror', ({ error }) => heard.push(error.code));
  const close = once(port, 'close').then(() => heard.push('close'));
  port.start();
  return { port, heard, close };
}

const LIES = [
  ['a regular file', ['tcpSocket', 'unixSocket', 'tcpServer', 'unixServer', 'datagrams', 'unknown']],
  ['a folder', ['tcpSocket', 'content', 'memory', 'datagrams']],
  ['a pipe', ['tcpServer', 'unixServer', 'unixSocket', 'content', 'memory']],
  ['a file that may only be written', ['content']],
  ['a file that may not be read', ['content']],
];

test('what is not of its kind ends the port by which it came, and no other', async (t) => {
  t.timeout(30_000);
  const process = child(t);
  const fine = await hears(process, { thing: 'a pipe', kind: KINDS.file, body: new Uint8Array(0) });
  for (const [thing, kinds] of LIES) {
    for (const kind of kinds) {
      const { heard, close } = await hears(process, { thing, kind: KINDS[kind], body: new Uint8Array(8) });
      await close;
      t.deepEqual(heard, ['ERR_MESSAGE_MALFORMED', 'close'], `${thing} as ${kind}`);
    }
  }
  t.is(fine.heard.length, 2);
  await fine.heard[0].close();
  t.is(fine.heard[1], 'behind it');
  fine.port.close();
});

const length = (bytes) => new Uint8Array(BigUint64Array.of(BigInt(bytes)).buffer);

test('memory that could be taken away is nobody\'s: a messageerror, and the port goes on', async (t) => {
  t.timeout(30_000);
  const process = child(t);
  for (const thing of ['unsealed memory', 'shrunk memory', 'a regular file']) {
    for (const body of [length(4096), length(0), length(2 ** 40), new Uint8Array(3)]) {
      const { port, heard } = await hears(process, { thing, kind: KINDS.memory, body });
      while (heard.length < 2) await new Promise(setImmediate);
      t.deepEqual(heard, ['ERR_MESSAGE_MALFORMED', 'behind it'], thing);
      port.close();
    }
  }
});

test('a Blob\'s file that is said to be what it is not arrives unreadable, or not at all', async (t) => {
  t.timeout(30_000);
  const process = child(t);
  const said = (size, changed) => new Uint8Array(Float64Array.of(size, changed).buffer);
  for (const body of [new Uint8Array(0), new Uint8Array(15), said(NaN, 0), said(-1, 0), said(1.5, 0), said(Infinity, 0)]) {
    const { port, heard } = await hears(process, { thing: 'a regular file', kind: KINDS.content, body });
    while (heard.length < 2) await new Promise(setImmediate);
    t.deepEqual(heard, ['ERR_MESSAGE_MALFORMED', 'behind it']);
    port.close();
  }
  for (const body of [said(7, 0), said(2 ** 50, 0), said(0, NaN)]) {
    const { port, heard } = await hears(process, { thing: 'a regular file', kind: KINDS.content, body });
    while (heard.length < 2) await new Promise(setImmediate);
    t.true(heard[0] instanceof Blob);
    await t.throwsAsync(heard[0].text(), { any: true, name: 'NotReadableError' });
    port.close();
  }
});

test('flags and bytes beside a socket that nobody would send are no more than that', async (t) => {
  t.timeout(30_000);
  const process = child(t);
  const { port, heard } = await hears(process, { thing: 'a regular file', kind: KINDS.file, body: new Uint8Array(100_000).fill(255) });
  while (heard.length < 2) await new Promise(setImmediate);
  t.is((await heard[0].readFile('utf8')), 'content');
  await heard[0].close();
  port.close();
});
