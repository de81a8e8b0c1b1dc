// Near the end of the stack a call may throw, and has changed nothing then: no message is lost, nothing half detached.
const { isDeepStrictEqual } = require('node:util');
const { MessageChannelMain, receiveMessageOnPort } = require('../../index.js');
const { test } = require('../helpers/test.js');
const { engineTells } = require('../../lib/native');

/** Calls `act` at every depth from the first at which it throws, downwards; gives the errors, and what it answers at last. */
function atEveryDepth(act, { levels = 400 } = {}) {
  const errors = [];
  let left = levels;
  const dive = () => {
    try {
      dive();
    } catch (error) {
      if (!(error instanceof RangeError) || left-- === 0) throw error;
    }
    // On the way up: a little more room at each level.
    try {
      act();
    } catch (error) {
      errors.push(error);
      throw error;
    }
  };
  try {
    dive();
  } catch {
    // As far as we look.
  }
  return errors;
}

/** Where the engine tells of what sort objects are. */
const tells = process.platform === 'linux' && process.arch === 'x64' && process.env.MESSAGE_PORTS_ENGINE !== 'none'
  && process.versions.bun === undefined && globalThis.Deno === undefined;

test.serial('what is found out of the engine for the first object is found out, too, if that comes near the end of the stack', (t) => {
  const { port1, port2 } = new MessageChannelMain();
  const errors = atEveryDepth(() => port1.postMessage({ a: 1 }), { levels: 30 });
  t.true(errors.length > 0);
  port1.postMessage({ a: 1 });
  t.deepEqual(receiveMessageOnPort(port2).message, { a: 1 });
  t.is(engineTells(), tells);
  port1.close();
});

const nested = (depth) => (depth === 0 ? { leaf: true } : { inner: nested(depth - 1) });

for (const [title, message, withPort] of [
  ['a number', 7, false],
  ['a record', { id: 1, op: 'get' }, false],
  ['an object 100 deep', nested(100), false],
  ['a message with a port', nested(20), true],
  ['a message with a port and a buffer', { deep: nested(100), bytes: new Uint8Array(100_000) }, true],
]) {
  test.serial(`receiveMessageOnPort: ${title} is taken whole or stays`, (t) => {
    const { port1, port2 } = new MessageChannelMain();
    const inner = new MessageChannelMain();
    const carried = withPort ? [inner.port2] : [];
    port1.postMessage({ message, carried }, carried);
    port1.postMessage('the next');
    let received;
    const errors = atEveryDepth(() => { received ??= receiveMessageOnPort(port2); });
    received ??= receiveMessageOnPort(port2);
    t.true(errors.length > 0, 'there was no room at first');
    t.deepEqual(errors.map(String).filter((text) => !/^RangeError: .*call stack/.test(text)), []);
    t.true(isDeepStrictEqual(received.message.message, message));
    t.is(receiveMessageOnPort(port2).message, 'the next');
    if (withPort) {
      inner.port1.postMessage('through');
      t.is(receiveMessageOnPort(received.message.carried[0]).message, 'through');
    }
    for (const port of [port1, inner.port1]) port.close();
  });

  test.serial(`postMessage: ${title} is posted once, or not at all`, (t) => {
    const { port1, port2 } = new MessageChannelMain();
    const inner = new MessageChannelMain();
    const carried = withPort ? [inner.port2] : [];
    let posted = 0;
    const errors = atEveryDepth(() => {
      if (posted > 0) return;
      port1.postMessage({ message, carried }, carried);
      posted += 1;
    });
    if (posted === 0) port1.postMessage({ message, carried }, carried);
    t.true(errors.length > 0);
    t.deepEqual(errors.map(String).filter((text) => !/^RangeError: .*call stack/.test(text)), []);
    t.true(isDeepStrictEqual(receiveMessageOnPort(port2)?.message.message, message));
    t.is(receiveMessageOnPort(port2), undefined, 'nothing was posted by a call that threw');
    for (const port of [port1, inner.port1]) port.close();
  });
}

for (const pass of ['first', 'again']) {
  test.serial(`postMessage: one buffer that moves is posted once, or stays where it is (${pass})`, (t) => {
    const { port1, port2 } = new MessageChannelMain();
    const buffer = new ArrayBuffer(50_000);
    new Uint8Array(buffer)[7] = 7;
    let posted = 0;
    const errors = atEveryDepth(() => {
      if (posted > 0) return;
      port1.postMessage(buffer, [buffer]);
      posted += 1;
    });
    if (posted === 0) port1.postMessage(buffer, [buffer]);
    t.true(errors.length > 0);
    t.deepEqual(errors.map(String).filter((text) => !/^RangeError: .*call stack/.test(text)), []);
    t.is(buffer.byteLength, 0);
    const received = receiveMessageOnPort(port2).message;
    t.deepEqual([received.byteLength, new Uint8Array(received)[7]], [50_000, 7]);
    t.is(receiveMessageOnPort(port2), undefined, 'nothing was posted by a call that threw');
    port1.close();
  });
}
