// A process that exits waits for who reads what it has posted, and not for ever for who does not.
const { once } = require('node:events');
const { MessageChannelMain, utilityProcess } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** @param {any} t @param {boolean} [withoutListeners]  of 'exit' */
async function exiting(t, withoutListeners = false) {
  t.timeout(40_000);
  const child = utilityProcess.fork(fixture('exits-unread.js'));
  const exit = once(child, 'exit').then(([code, signal]) => ({ code, signal, at: performance.now() }));
  const { port1, port2 } = new MessageChannelMain();
  child.postMessage(withoutListeners, [port2]);
  await once(child, 'message');
  return { child, exit, port: port1, since: performance.now() };
}

test('nobody reads: it gives up after 5 s in which nothing has moved, and what has left is whole', async (t) => {
  const { exit, port, since } = await exiting(t);
  const { code, at } = await exit;
  t.is(code, 5);
  // Measured from here, where the beginning may have been heard of late.
  t.true(at - since > 3000, `it was gone after ${at - since} ms`);
  t.true(at - since < 20_000, `it was there for ${at - since} ms`);
  const rest = await new Reader(port).rest();
  t.true(rest.length < 100, `${rest.length} arrived`);
  t.deepEqual(rest.map(({ i }) => i), range(rest.length));
  t.true(rest.every(({ i, bytes }) => bytes.length === 100_000 && bytes.every((byte) => byte === i)));
});

test('somebody begins to read meanwhile: all of it arrives, and the process waits no longer', async (t) => {
  const { exit, port } = await exiting(t);
  t.deepEqual((await new Reader(port).rest()).map(({ i }) => i), range(100));
  t.is((await exit).code, 5);
});

test("whoever takes away all listeners of 'exit' loses none of it", async (t) => {
  const { exit, port } = await exiting(t, true);
  t.deepEqual((await new Reader(port).rest()).map(({ i }) => i), range(100));
  t.is((await exit).code, 5);
});

test('it is killed while it waits: what has left is whole, then one close', async (t) => {
  const { child, exit, port } = await exiting(t);
  let closes = 0;
  port.on('close', () => { closes += 1; });
  child.kill('SIGKILL');
  t.is((await exit).signal, 'SIGKILL');
  const rest = await new Reader(port).rest();
  t.true(rest.length < 100);
  t.deepEqual(rest.map(({ i }) => i), range(rest.length));
  await new Promise(setImmediate);
  t.is(closes, 1);
});
