// parentPort, in a worker and in a child: when it delivers, when it holds its place alive, when it closes.
const { once } = require('node:events');
const { Worker, parentPort, utilityProcess } = require('../../index.js');
const { range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const kinds = {
  'a worker': (name, ...args) => new Worker(fixture(name), { argv: args }),
  'a child': (name, ...args) => utilityProcess.fork(fixture(name), args),
};

/** One test for both kinds of places. */
function inBoth(title, body) {
  for (const [kind, begin] of Object.entries(kinds)) {
    test.serial(`${kind}: ${title}`, async (t) => {
      t.timeout(15_000);
      const begun = [];
      t.teardown(() => begun.forEach((place) => (place.kill ? place.kill('SIGKILL') : place.terminate())));
      await body(t, (...args) => {
        begun.push(begin(...args));
        return begun.at(-1);
      });
    });
  }
}

/** Everything a place posts until it exits. */
async function postsOf(place) {
  const posts = [];
  place.on('message', (data) => posts.push(data));
  await once(place, 'exit');
  return posts;
}

test('it is null where nobody forked us', (t) => {
  t.is(parentPort, null);
  t.is(process.parentPort, undefined);
});

test.serial("in a child it is process.parentPort too, before the child's script runs", async (t) => {
  t.timeout(15_000);
  const child = utilityProcess.fork(fixture('process-parent-port.js'));
  t.deepEqual((await once(child, 'message'))[0], { same: true });
});

inBoth('what the parent posts before there is a listener waits for it', async (t, begin) => {
  const place = begin('late-listener.js', '100');
  for (const i of range(100)) place.postMessage(i);
  t.deepEqual(await postsOf(place), range(100));
});

inBoth('delivery pauses when the last listener goes, and goes on with the next', async (t, begin) => {
  const place = begin('one-at-a-time.js', '20');
  for (const i of range(20)) place.postMessage(i);
  t.deepEqual(await postsOf(place), range(20));
});

inBoth('its place exits by itself when it has nobody to listen for', async (t, begin) => {
  const [code] = await once(begin('idle.js'), 'exit');
  t.is(code, 0);
});

inBoth('a listener keeps its place alive until it goes', async (t, begin) => {
  const place = begin('echo.js');
  for (const i of range(3)) {
    place.postMessage(i);
    t.is((await once(place, 'message'))[0], i);
  }
  place.postMessage('go');
  t.is((await once(place, 'exit'))[0], 0);
});

inBoth('it carries ports there and back, in the message too', async (t, begin) => {
  const { MessageChannelMain } = require('../../index.js');
  const place = begin('echo.js');
  const { port1, port2 } = new MessageChannelMain();
  place.postMessage({ here: port2 }, [port2]);
  const [data, event] = await once(place, 'message');
  t.is(event.data, data);
  t.is(event.ports.length, 1);
  t.is(data.here, event.ports[0]);
  const heard = once(port1, 'message');
  port1.on('message', () => {}).start();
  data.here.postMessage('after two moves');
  t.is((await heard)[0].data, 'after two moves');
  port1.close();
  place.postMessage('go');
  await once(place, 'exit');
});

inBoth('what it posts right before process.exit() arrives', async (t, begin) => {
  const place = begin('post-and-exit.js', '2000');
  const posts = [];
  place.on('message', (data) => posts.push(data));
  t.is((await once(place, 'exit'))[0], 7);
  t.deepEqual(posts, range(2000));
});

test.serial("its 'close' comes when the parent is gone", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const child = utilityProcess.fork(${JSON.stringify(fixture('until-close.js'))});
    child.once('message', () => process.kill(process.pid, 'SIGKILL'));
  `, ["child sees 'close'"], { killed: true });
});

test.serial("its 'close' comes when the parent's thread is gone", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const worker = new Worker(\`
      const { utilityProcess } = require('./index.js');
      const child = utilityProcess.fork(${JSON.stringify(fixture('until-close.js'))});
      child.once('message', () => require('worker_threads').parentPort.postMessage('ready'));
    \`, { eval: true });
    worker.once('message', () => worker.terminate());
  `, ["child sees 'close'"]);
});
