// What our names look like: property by property as Node's, in the version that runs.
const { inspect } = require('node:util');
const vm = require('node:vm');
const nodes = require('node:worker_threads');
const ours = require('../../worker_threads.js');
const { test } = require('../helpers/test.js');
const { rule, exitOf } = require('./rig.js');

/** What a program may see of a function without calling it. */
const looks = (value) => (typeof value === 'function' ? { name: value.name, length: value.length } : typeof value);

/** Own properties that have a name, and how each is seen. */
function shapeOf(object, without = []) {
  const shape = {};
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(object))) {
    if (without.includes(key)) continue;
    const { configurable, enumerable, writable, get, set, value } = descriptor;
    shape[key] = { configurable, enumerable, writable, get: looks(get), set: looks(set), value: looks(value) };
  }
  return shape;
}

/** By these a worker notices that somebody listens; Node's has hooks of its own for it. */
const LISTENERS = ['on', 'addListener', 'prependListener', 'off', 'removeListener', 'removeAllListeners'];

/** Old manners of functions that are not strict, whose value says nothing. */
const SLOPPY = ['arguments', 'caller'];

test('the names are those of this version, in its order', (t) => {
  t.deepEqual(Object.keys(ours), Object.keys(nodes));
  t.deepEqual(shapeOf(ours), shapeOf(nodes));
});

for (const name of ['MessageChannel', 'MessagePort', 'BroadcastChannel', 'Worker']) {
  test(`${name} and its prototype have what Node's have, and are seen as those are`, (t) => {
    t.deepEqual(shapeOf(ours[name], SLOPPY), shapeOf(nodes[name], SLOPPY));
    t.deepEqual(shapeOf(ours[name].prototype, LISTENERS), shapeOf(nodes[name].prototype, LISTENERS));
    t.is(inspect(ours[name]), inspect(nodes[name]));
  });
}

test("BroadcastChannel stands where Node's stands: below EventTarget", (t) => {
  t.is(Object.getPrototypeOf(ours.BroadcastChannel), EventTarget);
  t.is(Object.getPrototypeOf(ours.BroadcastChannel.prototype), EventTarget.prototype);
  t.deepEqual(Object.keys(ours.BroadcastChannel.prototype), Object.keys(nodes.BroadcastChannel.prototype));
});

rule('a BroadcastChannel is an instance of its class, and of none that somebody extends it by', (t, { BroadcastChannel }) => {
  class Mine extends BroadcastChannel {
    get loud() { return this.name.toUpperCase(); }
  }
  const channel = new Mine('some name');
  t.true(channel instanceof BroadcastChannel && channel instanceof EventTarget);
  t.is(channel.loud, 'SOME NAME');
  t.is(Object.prototype.toString.call(channel), '[object EventTarget]');
  const plain = new BroadcastChannel('x');
  t.false(plain instanceof Mine);
  t.deepEqual(Object.keys(plain), Object.keys(new nodes.BroadcastChannel('y').unref()));
  for (const one of [channel, plain]) one.close();
}, ["Node's own", 'thread']);

rule('what is no BroadcastChannel is refused by each of its members', (t, { BroadcastChannel, MessageChannel }) => {
  const { prototype } = BroadcastChannel;
  const { port1 } = new MessageChannel();
  for (const wrong of [{}, undefined, port1, prototype]) {
    for (const call of [
      () => prototype.close.call(wrong),
      () => prototype.postMessage.call(wrong, 1),
      () => prototype.ref.call(wrong),
      () => prototype.unref.call(wrong),
      () => Reflect.get(prototype, 'name', wrong),
      () => inspect(Object.create(prototype)),
    ]) t.throws(call, { instanceOf: TypeError, code: 'ERR_INVALID_THIS' });
  }
  t.throws(() => BroadcastChannel('x'), { instanceOf: TypeError, message: /cannot be invoked without 'new'/ });
  t.throws(() => new BroadcastChannel(Symbol('x')), { instanceOf: TypeError });
  port1.close();
}, ["Node's own", 'thread']);

rule('options are no null, and a list to transfer is what is found in it', async (t, { Worker, begin }) => {
  t.throws(() => new Worker('', null), { instanceOf: TypeError, message: "Cannot read properties of null (reading 'execArgv')" });
  for (const transferList of [5, true, {}, [], null, 0, '']) {
    const worker = begin('', { transferList });
    await exitOf(worker);
  }
  const buffer = new ArrayBuffer(8);
  const worker = begin('wt.parentPort.postMessage(wt.workerData.byteLength)', { workerData: buffer, transferList: { 0: buffer, length: 1 } });
  const told = new Promise((resolve) => { worker.once('message', resolve); });
  t.is(buffer.byteLength, 0);
  t.is(await told, 8);
  await exitOf(worker);
});

rule('terminate() tells a callback, too, where Node still does', async (t, { begin }) => {
  const worker = begin('setInterval(() => {}, 1000)');
  await new Promise((resolve) => { worker.once('online', resolve); });
  const told = [];
  await worker.terminate((...args) => told.push(args));
  t.deepEqual(told, nodes.Worker.prototype.terminate.length === 1 ? [[null, 1]] : []);
});

rule('moveMessagePortToContext looks at its arguments first', (t, { MessageChannel, moveMessagePortToContext }) => {
  const { port1, port2 } = new MessageChannel();
  for (const wrong of [1, null, undefined, {}]) {
    t.throws(() => moveMessagePortToContext(port1, wrong), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE', message: 'Invalid context argument' });
  }
  t.throws(() => moveMessagePortToContext({}, vm.createContext()), { instanceOf: TypeError, code: 'ERR_INVALID_ARG_TYPE' });
  port2.close();
}, ["Node's own", 'thread']);
