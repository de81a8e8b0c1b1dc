// What cannot be posted is refused with Node's error: class, name, code and words; and where Node does not say where it stands,
// that is said behind them.
const vm = require('node:vm');
const nodes = require('node:worker_threads');
const { once } = require('node:events');
const { test } = require('../helpers/test.js');
const { KINDS, NODE, rule } = require('./rig.js');

function* generator() { yield 1; }

/** Each with a text for the test's title. */
const REFUSED = {
  'a function': function foo() {},
  'an arrow': () => {},
  'an async function': async () => 1,
  'a generator function': generator,
  'a class': class A { x = 1; },
  'a method': { m() {} }.m,
  'a native function': Math.max,
  'a bound function': function bound() {}.bind(null),
  'a long function': vm.runInThisContext(`(function long() { return '${'long '.repeat(200)}'; })`),
  'a function of several lines': vm.runInThisContext('(function lines() {\n  return 1;\n})'),
  'a symbol': Symbol('x'),
  'a symbol without description': Symbol(),
  'a well-known symbol': Symbol.iterator,
  'a registered symbol': Symbol.for('y'),
  'an object of a symbol': Object(Symbol('z')),
  'a promise': Promise.resolve(),
  'an heir of Promise': new (class Later extends Promise {})(() => {}),
  'a WeakMap': new WeakMap(),
  'a WeakSet': new WeakSet(),
  'a WeakRef': new WeakRef({}),
  'a FinalizationRegistry': new FinalizationRegistry(() => {}),
  'a proxy': new Proxy({}, {}),
  'a proxy of an array': new Proxy([], {}),
  'a generator': generator(),
  'an iterator of a Map': new Map().entries(),
  'an iterator of a Set': new Set().values(),
};

/** How it was refused. */
function refusal(post) {
  try {
    post();
    return null;
  } catch (error) {
    return { constructor: error.constructor.name, name: error.name, code: error.code, message: error.message };
  }
}

function ways({ MessageChannel, BroadcastChannel, Worker }, t) {
  const { port1, port2 } = new MessageChannel();
  const channel = new BroadcastChannel('refused');
  t.teardown(() => { port2.close(); channel.close(); });
  return { Worker, port: (...args) => port1.postMessage(...args), channel: (...args) => channel.postMessage(...args) };
}

for (const [title, value] of Object.entries(REFUSED)) {
  test(`${title} is refused in Node's words, by ports and channels`, (t) => {
    const [theirs, ours] = [ways(nodes, t), ways(KINDS.thread.names, t)];
    const expected = refusal(() => theirs.port(value));
    t.is(expected.name, 'DataCloneError');
    for (const way of ['port', 'channel']) t.deepEqual(refusal(() => ours[way](value)), expected, way);
    const inside = refusal(() => ours.port({ a: [value] }));
    t.deepEqual({ ...inside, message: inside.message.slice(0, expected.message.length) }, expected);
    t.is(inside.message.slice(expected.message.length), ' It stands at message.a[0].');
  });
}

rule("a worker refuses a message and workerData in Node's words", async (t, { begin, kind, options, Worker }) => {
  const worker = begin("wt.parentPort.once('message', () => {})");
  for (const value of [() => {}, Symbol('s'), Promise.resolve()]) {
    const expected = refusal(() => structuredClone(value));
    t.deepEqual(refusal(() => worker.postMessage(value)), expected);
    t.deepEqual(refusal(() => new Worker('', { eval: true, workerData: value, ...options })), expected);
    const inside = refusal(() => new Worker('', { eval: true, workerData: { a: [value] }, ...options }));
    // Node itself clones what a thread is given.
    t.is(inside.message, kind === 'process' ? `${expected.message} It stands at workerData.a[0].` : expected.message);
  }
  if (kind !== "Node's own") {
    const { port1, port2 } = new KINDS.thread.names.MessageChannel();
    const listed = { workerData: { a: [() => {}], port2 }, transferList: [port2] };
    t.regex(refusal(() => new Worker('', { eval: true, ...listed, ...options })).message, / It stands at workerData\.a\[0\]\.$/);
    port1.close();
  }
  worker.postMessage('end');
  await once(worker, 'exit');
});

rule("environment data that cannot be cloned is refused in Node's words, when a worker would inherit them", (t, { kind, options, setEnvironmentData, Worker }) => {
  const value = () => {};
  setEnvironmentData('mcm', { a: [value] });
  t.teardown(() => setEnvironmentData('mcm', undefined));
  const expected = refusal(() => structuredClone(value));
  const refused = refusal(() => new Worker('', { eval: true, ...options }));
  t.deepEqual(refused, { ...expected, message: kind === 'process' ? `${expected.message} It stands at environmentData.get("mcm").a[0].` : expected.message });
});

test('what is listed wrongly, or not at all, has the class and the code that Node gives it', (t) => {
  const [theirs, ours] = [nodes, KINDS.thread.names].map((names) => {
    const { port } = ways(names, t);
    const wrong = [[5], ['text'], [null], [{}], [new Uint8Array(1)], [new SharedArrayBuffer(1)]].map((list) => () => port(1, list));
    const { port1, port2 } = new names.MessageChannel();
    t.teardown(() => port2.close());
    return [...wrong, () => port(port1), () => port({ port1 }), () => new names.Worker('', { eval: true, workerData: port1 })].map(refusal);
  });
  for (const [index, { message, ...rest }] of theirs.entries()) {
    const { message: mine, ...others } = ours[index];
    t.deepEqual(others, rest);
    t.true(mine.startsWith(message), mine);
  }
  t.is(theirs[0].code, NODE === 20 ? 'ERR_INVALID_TRANSFER_OBJECT' : DOMException.DATA_CLONE_ERR);
});

test('what a getter throws is passed on as it is', (t) => {
  const { port } = ways(KINDS.thread.names, t);
  for (const thrown of [new RangeError('mine'), { name: 'DataCloneError' }, null, 'text']) {
    try {
      port({ get a() { throw thrown; } });
      t.fail('it was posted');
    } catch (error) {
      t.is(error, thrown);
    }
  }
});
