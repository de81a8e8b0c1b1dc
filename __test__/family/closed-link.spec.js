// A child that closes the descriptors its links came by, and opens something else there, hears and writes nothing of theirs there: they go on
// elsewhere.
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { once } = require('node:events');
const { utilityProcess } = require('../../index.js');
const { test, fixture } = require('../helpers/test.js');

/** Takes two connections, greets them, and gives what each has sent. */
async function listenTo(t, start) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'closed-link-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  const server = net.createServer({ allowHalfOpen: true }).listen(path.join(folder, 'server'));
  t.teardown(() => server.close());
  await once(server, 'listening');
  start(server.address());
  const heard = [];
  for (let i = 0; i < 2; i++) {
    const [socket] = await once(server, 'connection');
    heard.push((async () => {
      const chunks = [];
      socket.on('data', (data) => {
        chunks.push(data);
        if (String(data).includes('\n')) socket.write('greeting');
      });
      await once(socket, 'end');
      socket.end();
      return String(Buffer.concat(chunks));
    })());
  }
  return Promise.all(heard);
}

for (const when of ['fresh', 'in use']) {
  test(`links that are ${when}`, async (t) => {
    t.timeout(20_000);
    let exited;
    const said = [];
    const heard = await listenTo(t, (address) => {
      const child = utilityProcess.fork(fixture('closed-link.js'), [address, when]);
      child.on('message', (message) => said.push(message));
      exited = once(child, 'exit');
    });
    // One of them may have gone to something that we have opened ourselves, meanwhile.
    for (const words of heard) t.regex(words, /^mine at ([34],\d+|\d+,[34])\ngreeting$/);
    t.deepEqual(await exited, [0]);
    t.is(said.at(-1), 'as if nothing had happened');
  });
}
