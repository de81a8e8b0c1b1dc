// Worker: Node's own, with our messages and our transfer rules.
const { once } = require('node:events');
const workerThreads = require('node:worker_threads');
const { MessageChannelMain, Worker, workerData } = require('../../index.js');
const { Reader, range } = require('../helpers/reader.js');
const { prints } = require('../helpers/program.js');
const { test, fixture } = require('../helpers/test.js');

const begin = (t, name, options) => {
  t.timeout(15_000);
  const worker = new Worker(fixture(name), options);
  ends.set(worker, once(worker, 'exit')); // which another channel than a message's may tell first
  t.teardown(() => worker.terminate());
  return worker;
};

/** @type {WeakMap<Worker, Promise<any[]>>} */
const ends = new WeakMap();

test.serial('it is a worker_threads.Worker', async (t) => {
  const worker = begin(t, 'idle.js');
  t.true(worker instanceof workerThreads.Worker);
  t.deepEqual(await ends.get(worker), [0]);
});

test.serial("'message' gives the data first, then { data, ports }", async (t) => {
  const worker = begin(t, 'echo.js');
  worker.postMessage({ a: 1 });
  const [data, event] = await once(worker, 'message');
  t.deepEqual(data, { a: 1 });
  t.is(event.data, data);
  t.deepEqual(event.ports, []);
  worker.postMessage('go');
  await ends.get(worker);
});

test.serial('workerData carries ports that the transferList names', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage('queued');
  const worker = begin(t, 'worker-data.js', { workerData: { name: 'n', deep: [{ port: port2 }] }, transferList: [port2] });
  const exit = ends.get(worker);
  t.true(port2.closed);
  t.deepEqual(await new Reader(port1).rest(), [{ name: 'n', heard: 'queued' }]);
  t.deepEqual(await exit, [0]);
});

test.serial('workerData without ports is as ever', async (t) => {
  const worker = begin(t, 'worker-data.js', { workerData: { plain: true } });
  t.deepEqual((await once(worker, 'message'))[0], { plain: true });
  await ends.get(worker);
});

test.serial('workerData that cannot be opened is the same error each time somebody asks for it', async (t) => {
  const { port2 } = new MessageChannelMain();
  const source = `
    const codes = [1, 2, 3].map(() => {
      try {
        return typeof require('./index.js').workerData;
      } catch (error) {
        return error.code;
      }
    });
    require('node:worker_threads').parentPort.postMessage(codes);
  `;
  const far = { port: port2, objects: range(100_000).map(() => ({})) }; // each takes more there than its two bytes allow for
  const worker = new Worker(source, { eval: true, env: { ...process.env, MESSAGE_PORTS_BUDGET: '1' }, workerData: far, transferList: [port2] });
  t.teardown(() => worker.terminate());
  const [codes] = await once(worker, 'message');
  t.deepEqual(codes, ['ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED', 'ERR_MESSAGE_MALFORMED']);
});

test('workerData is null in the main thread', (t) => {
  t.is(workerData, null);
});

test.serial('a port in workerData that the transferList does not name is refused, and stays here', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  t.throws(() => new Worker(fixture('idle.js'), { workerData: port2 }), { any: true, name: 'DataCloneError' });
  t.false(port2.closed);
  port1.close();
  port2.close();
});

test.serial("what a worker posts through Node's own parentPort still reaches 'message'", async (t) => {
  const worker = begin(t, 'node-parent-port.js');
  t.deepEqual(await once(worker, 'message'), ["through Node's own", { data: "through Node's own", ports: [] }]);
  await ends.get(worker);
});

test.serial("our postMessage() reaches our parentPort only", async (t) => {
  const worker = begin(t, 'both-parent-ports.js');
  worker.postMessage('ours');
  t.deepEqual((await once(worker, 'message'))[0], ['ours: ours']);
  await ends.get(worker);
});

test.serial("a worker's end closes its ports, and everything posted before arrives", async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const worker = begin(t, 'post-to-port.js', { workerData: port2, transferList: [port2] });
  const exit = ends.get(worker);
  t.deepEqual(await new Reader(port1).rest(), range(1000));
  await exit;
});

test.serial('postMessage() after the end does nothing', async (t) => {
  const worker = begin(t, 'idle.js');
  await ends.get(worker);
  t.notThrows(() => worker.postMessage('too late'));
});

test.serial('a script may be given as text', async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const worker = new Worker("const { parentPort } = require('./index.js'); parentPort.once('message', ({ data }) => parentPort.postMessage(data + 1));", { eval: true });
    worker.postMessage(1);
    worker.on('message', (data) => console.log(data));
  `, ['2']);
});

test('a transferList that is no list is told, one that is another iterable is taken', async (t) => {
  for (const wrong of [5, 'ports', {}, new MessageChannelMain().port1, () => {}]) {
    t.throws(() => new Worker(fixture('worker-data.js'), { transferList: wrong }), {
      instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: 'transferList must be an array',
    });
  }
  const { port1, port2 } = new MessageChannelMain();
  const source = "const { workerData } = require('./index.js'); workerData.port.postMessage('taken');";
  const worker = new Worker(source, { eval: true, workerData: { port: port2 }, transferList: new Set([port2]) });
  const exit = once(worker, 'exit');
  port1.start();
  t.is((await once(port1, 'message'))[0].data, 'taken');
  await exit;
});

const LISTS = {
  'a Set': (buffer) => new Set([buffer]),
  'what can be iterated once': (buffer) => [buffer].values(),
};
for (const [name, listOf] of Object.entries(LISTS)) {
  test.serial(`a transferList of buffers alone may be ${name}`, async (t) => {
    const buffer = new ArrayBuffer(4);
    const worker = begin(t, 'idle.js', { workerData: buffer, transferList: listOf(buffer) });
    t.is(buffer.byteLength, 0);
    await ends.get(worker);
  });
}

/** There every worker loads the package first, to get what its messages' memory rides on, and takes its end at once. */
const WITHOUT_ENGINE = process.env.MESSAGE_PORTS_ENGINE === 'none';

test.serial('what a terminated thread had for a worker of its own, which never asked for it, is gone with the thread', (t) => {
  t.timeout(30_000);
  return prints(t, `
    const { once } = require('node:events');
    const { inspectPorts } = require('./index.js');
    const idle = 'setInterval(() => {}, 1000)';
    const nesting = \`
      const { Worker } = require('./index.js');
      new Worker(\${JSON.stringify(idle)}, { eval: true }).once('online', () => require('node:worker_threads').parentPort.postMessage('runs'));
    \`;
    (async () => {
      const thread = new (require('node:worker_threads').Worker)(nesting, { eval: true });
      await once(thread, 'message');
      const { channel } = inspectPorts().find(({ face }) => face === 'Worker');
      const ends = () => inspectPorts().filter((port) => port.channel === channel).map(({ heldBy }) => heldBy.join());
      console.log(JSON.stringify(ends()));
      await thread.terminate();
      console.log(JSON.stringify(ends()));
    })();
  `, [WITHOUT_ENGINE ? '["",""]' : '["","parked"]', '[]'], { timeout: 25_000 });
});

test.serial('null for a transferList or an execArgv is none, as for Node', async (t) => {
  const worker = begin(t, 'idle.js', { transferList: null, execArgv: null });
  t.deepEqual(await ends.get(worker), [0]);
});
