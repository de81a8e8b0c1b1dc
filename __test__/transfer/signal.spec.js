// An AbortSignal is handed over and stays: it aborts there with the same reason, holds no event loop and leaks no port.
const assert = require('node:assert');
const { once } = require('node:events');
const { MessageChannel, MessageChannelMain, Worker, receiveMessageOnPort } = require('../../index.js');
const { collecting } = require('../helpers/collecting.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { scenario } = require('../helpers/scenario.js');
const { test } = require('../helpers/test.js');

const aborted = (signal) => new Promise((resolve) => { signal.addEventListener('abort', () => resolve(signal.reason), { once: true }); });

/** Hands a signal over in this thread, and gives what arrives. */
function transfer(signal) {
  const { port1, port2 } = new MessageChannelMain();
  port1.postMessage(signal, [signal]);
  const { message } = receiveMessageOnPort(port2);
  port1.close();
  return message;
}

scenario('a signal aborts there with its reason, and stays usable here', {
  async left({ port }) {
    const reader = new Reader(port);
    const controller = new AbortController();
    const { signal } = controller;
    port.postMessage({ signal, again: signal }, [signal]);
    port.postMessage(signal, [signal]);
    assert.strictEqual(await reader.next(), 'ready');
    assert.ok(!signal.aborted);
    controller.abort(new RangeError('enough'));
    assert.ok(signal.aborted);
    assert.strictEqual(await reader.next(), 'done');
  },
  async right({ port }) {
    const reader = new Reader(port);
    const { signal, again } = await reader.next();
    const other = await reader.next();
    assert.ok(signal instanceof AbortSignal && !signal.aborted && other !== signal);
    assert.strictEqual(signal, again);
    port.postMessage('ready');
    for (const reason of await Promise.all([aborted(signal), aborted(other)])) {
      assert.ok(reason instanceof RangeError);
      assert.strictEqual(reason.message, 'enough');
    }
    port.postMessage('done');
  },
});

scenario('one that has aborted arrives so', {
  async left({ port }) {
    const { signal } = new AbortController();
    const reason = { because: 'of this' };
    reason.self = reason;
    const over = AbortSignal.abort(reason);
    const plain = AbortSignal.abort();
    port.postMessage([over, plain, reason, signal], [over, plain, signal]);
    assert.strictEqual(await new Reader(port).next(), 'done');
  },
  async right({ port }) {
    const [over, plain, reason, signal] = await new Reader(port).next();
    assert.ok(over.aborted && plain.aborted);
    assert.strictEqual(plain.reason.name, 'AbortError');
    assert.strictEqual(over.reason, reason);
    assert.strictEqual(reason.self, reason);
    assert.ok(!signal.aborted);
    port.postMessage('done');
  },
});

scenario('AbortSignal.timeout() and any() abort there too', {
  async left({ port }) {
    const signals = [AbortSignal.timeout(30), AbortSignal.any([new AbortController().signal, AbortSignal.timeout(30)])];
    port.postMessage(signals, signals);
    assert.strictEqual(await new Reader(port).next(), 'done');
  },
  async right({ port }) {
    const signals = await new Reader(port).next();
    for (const reason of await Promise.all(signals.map(aborted))) assert.strictEqual(reason.name, 'TimeoutError');
    port.postMessage('done');
  },
});

test('a signal in the message and not in the list is a DataCloneError', (t) => {
  const { port1 } = new MessageChannel();
  const { signal } = new AbortController();
  t.throws(() => port1.postMessage(signal), { any: true, name: 'DataCloneError', message: /not listed in transferList/ });
  t.throws(() => port1.postMessage(null, [signal, signal]), { any: true, name: 'DataCloneError', message: /AbortSignal at index 1 is a duplicate/ });
  port1.close();
});

test('a signal that a getter of the message aborts aborts there', async (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const controller = new AbortController();
  const { signal } = controller;
  port1.postMessage({ signal, get late() { controller.abort('late'); return 1; } }, [signal]);
  const { message } = receiveMessageOnPort(port2);
  t.is(message.signal.aborted || await aborted(message.signal), 'late');
  port1.close();
});

test('a reason that cannot be cloned arrives as the DataCloneError that it is', async (t) => {
  const controller = new AbortController();
  const arrived = transfer(controller.signal);
  controller.abort({ why: () => {} });
  t.regex(String(await aborted(arrived)), /^DataCloneError: .* at reason\.why$/);
  const { port1 } = new MessageChannelMain();
  const over = AbortSignal.abort(() => {});
  t.throws(() => port1.postMessage({ over }, [over]), { any: true, name: 'DataCloneError', message: /message\.over\.reason/ });
  port1.close();
});

test('a reason whose getter throws what cannot be cloned either is told of, to all', async (t) => {
  const controller = new AbortController();
  const arrived = [transfer(controller.signal), transfer(controller.signal)];
  const told = Promise.all(arrived.map(aborted));
  controller.abort({ get reason() { throw () => {}; } }); // eslint-disable-line no-throw-literal
  t.deepEqual((await told).map(({ name }) => name), ['DataCloneError', 'DataCloneError']);
});

test('a signal is passed on, and passed on again', async (t) => {
  const controller = new AbortController();
  const arrived = transfer(transfer(transfer(controller.signal)));
  controller.abort('through three');
  t.is(await aborted(arrived), 'through three');
});

test('workerData takes signals along', async (t) => {
  t.timeout(20_000);
  const controller = new AbortController();
  const { signal } = controller;
  const worker = new Worker(`
    const { workerData, parentPort } = require(${JSON.stringify(require.resolve('../../index.js'))});
    const hold = setInterval(() => {}, 1000);
    workerData.signal.addEventListener('abort', () => { parentPort.postMessage(workerData.signal.reason); clearInterval(hold); });
    parentPort.postMessage('ready');
  `, { eval: true, workerData: { signal }, transferList: [signal] });
  const said = [];
  worker.on('message', (data) => { said.push(data); controller.abort('stop it'); });
  await once(worker, 'exit');
  t.deepEqual(said, ['ready', 'stop it']);
});

const tools = `
  const { receiveMessageOnPort, inspectPorts } = require('./index.js');
  ${collecting}
  function transfer(signal) {
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage(signal, [signal]);
    const { message } = receiveMessageOnPort(port2);
    port1.close();
    return message;
  }
`;
const run = (t, source, lines) => {
  t.timeout(60_000);
  return prints(t, `${tools}\n(async () => {\n${source}\n})();`, lines, { node: ['--expose-gc', '--max-semi-space-size=1'], timeout: 50_000 });
};

test('a port goes with either of the two signals', (t) => run(t, `
  const controller = new AbortController();
  (() => { for (let i = 0; i < 50; i++) transfer(controller.signal); })();
  console.log(await collect(() => inspectPorts().length === 0));
  const kept = [];
  (() => { for (let i = 0; i < 50; i++) kept.push(transfer(new AbortController().signal)); })();
  console.log(await collect(() => inspectPorts().length === 0), kept.length);
`, ['true', 'true 50']));

test("a sender's signal goes though the async context in which it left leads to it, and its port with it", (t) => run(t, `
  const storage = new (require('node:async_hooks').AsyncLocalStorage)();
  const kept = [];
  (() => {
    for (let i = 0; i < 50; i++) {
      const { port1, port2 } = new MessageChannelMain();
      storage.run({}, () => {
        const request = Object.assign(storage.getStore(), { controller: new AbortController() });
        port1.postMessage(request.controller.signal, [request.controller.signal]);
      });
      kept.push(receiveMessageOnPort(port2).message);
      port1.close();
    }
  })();
  console.log(await collect(() => inspectPorts().length <= 2), kept.length); // the engine may keep the last one
  process.exit();
`, ['true 50']));

test('who listens to one that arrived, or to one made of it, is told, though nobody else has it', (t) => run(t, `
  const controller = new AbortController();
  const told = [];
  (() => {
    transfer(controller.signal).addEventListener('abort', () => told.push('listener'));
    AbortSignal.any([transfer(controller.signal), AbortSignal.timeout(2 ** 30)]).addEventListener('abort', () => told.push('any'));
  })();
  await outlive();
  controller.abort();
  await collect(() => told.length === 2);
  console.log(told.sort().join());
  console.log(await collect(() => inspectPorts().length === 0));
`, ['any,listener', 'true']));

test('a listener keeps none that has aborted, nor one whose sender is gone', (t) => run(t, `
  const controllers = [];
  let gone = 0;
  const registry = new FinalizationRegistry(() => { gone++; });
  (() => {
    for (let i = 0; i < 100; i++) {
      const controller = new AbortController();
      const signal = transfer(controller.signal);
      signal.addEventListener('abort', () => {});
      registry.register(signal);
      if (i % 2 === 0) controllers.push(controller);
    }
  })();
  console.log(await collect(() => gone >= 48), gone <= 50);
  for (const controller of controllers) controller.abort();
  console.log(await collect(() => gone >= 96));
`, ['true true', 'true']));

test('a signal that leaves again and again keeps nothing of the times before', (t) => run(t, `
  const { signal } = new AbortController();
  async function grown() {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 3_000; i++) {
      const { port1, port2 } = new MessageChannelMain();
      port1.postMessage(null, [signal]);
      port2.close();
      await new Promise(setImmediate);
    }
    await outlive();
    return process.memoryUsage().heapUsed - before;
  }
  await grown();
  const each = Math.min(await grown(), await grown()) / 3_000; // what leaks shows twice
  console.log(each < 200 ? 'nothing' : each + ' bytes');
`, ['nothing']));

test('neither end holds the event loop', (t) => run(t, `
  const controller = new AbortController();
  const arrived = transfer(controller.signal);
  arrived.addEventListener('abort', () => {});
  process.on('exit', () => console.log('over', arrived.aborted, controller.signal.aborted));
`, ['over false false']));
