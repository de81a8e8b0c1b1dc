// postMessage(): the checks it makes, in their order and with their texts, and that a call that throws changes nothing.
const { once } = require('node:events');
const { MessageChannelMain, Worker, parentPort, utilityProcess } = require('../../index.js');
const { prints } = require('../helpers/program.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

/** A channel, closed when the test ends. */
function channel(t) {
  const { port1, port2 } = new MessageChannelMain();
  t.teardown(() => { port1.close(); port2.close(); });
  return { port1, port2 };
}

/** A port that was transferred away; where it went is closed when the test ends. */
function neutered(t) {
  const { port1, port2 } = channel(t);
  const road = channel(t);
  road.port1.postMessage(null, [port2]);
  return { port: port2, peer: port1 };
}

// Row 1

test('a closed port returns at once: nothing is checked, cloned or detached', (t) => {
  const { port1 } = channel(t);
  const buffer = new ArrayBuffer(8);
  port1.close();
  const trap = { get trap() { return t.fail('the message was looked at'); } };
  t.is(port1.postMessage(trap, [buffer]), undefined);
  t.is(port1.postMessage(trap, null), undefined);
  t.is(buffer.byteLength, 8);
});

test('a transferred port returns at once: nothing is checked, cloned or detached', (t) => {
  const { port } = neutered(t);
  const buffer = new ArrayBuffer(8);
  t.is(port.postMessage({ get trap() { return t.fail('the message was looked at'); } }, [buffer]), undefined);
  t.is(port.postMessage(() => {}, 'nonsense'), undefined);
  t.is(buffer.byteLength, 8);
});

// Row 2

const notTransferables = (t) => [null, channel(t).port1, new Set(), 'a', 1, true, () => {}, { transfer: null }, { transfer: 'a' }, { transfer: new Set() }];

test('the transfer argument is undefined, an array or { transfer }, and nothing else', async (t) => {
  const { port1, port2 } = channel(t);
  for (const wrong of notTransferables(t)) {
    t.throws(() => port1.postMessage('lost', wrong), { instanceOf: TypeError, message: /^transferables must be an array of MessagePorts/ });
  }
  port1.postMessage(1, undefined);
  port1.postMessage(2, []);
  port1.postMessage(3, {});
  port1.postMessage(4, { transfer: [] });
  port1.postMessage(5, { transfer: undefined });
  t.deepEqual(await new Reader(port2).take(5), [1, 2, 3, 4, 5]);
});

test('{ transfer } transfers as the array does', async (t) => {
  const { port1, port2 } = channel(t);
  const given = channel(t);
  port1.postMessage('ports', { transfer: [given.port2] });
  const { ports } = await new Reader(port2).event();
  ports[0].postMessage('works');
  t.is(await new Reader(given.port1).next(), 'works');
});

test('a Worker has the same rule for the transfer argument', async (t) => {
  const worker = new Worker(fixture('echo.js'));
  t.teardown(() => worker.terminate());
  for (const wrong of notTransferables(t)) {
    t.throws(() => worker.postMessage('lost', wrong), { instanceOf: TypeError, message: /^transferables must be an array of MessagePorts/ });
  }
  worker.postMessage('heard');
  t.is((await once(worker, 'message'))[0], 'heard');
});

test('a UtilityProcess has the same rule for the transfer argument', async (t) => {
  t.timeout(10_000);
  const child = utilityProcess.fork(fixture('echo.js'));
  t.teardown(() => child.kill());
  for (const wrong of notTransferables(t)) {
    t.throws(() => child.postMessage('lost', wrong), { instanceOf: TypeError, message: /^transferables must be an array of MessagePorts/ });
  }
  child.postMessage('heard');
  t.is((await once(child, 'message'))[0], 'heard');
});

test('parentPort has the same rule for the transfer argument', async (t) => {
  t.timeout(10_000);
  t.is(parentPort, null);
  const worker = new Worker(fixture('wrong-transfers.js'));
  const child = utilityProcess.fork(fixture('wrong-transfers.js'));
  // At once: what a child says that exits before anybody listens is dropped.
  for (const [errors] of await Promise.all([once(worker, 'message'), once(child, 'message')])) {
    t.true(errors.length > 0);
    for (const error of errors) t.regex(error, /^TypeError: transferables must be an array of MessagePorts/);
  }
});

// Row 3

test('what cannot be transferred is named, and what to list instead', (t) => {
  const { port1, port2 } = channel(t);
  for (const [wrong, help] of [
    [new Uint8Array(8), 'to hand over the memory that #<Uint8Array> shows, list its .buffer'],
    [Buffer.alloc(8), 'to hand over the memory that #<Buffer> shows, list its .buffer'],
    [new DataView(new ArrayBuffer(8)), 'to hand over the memory that #<DataView> shows, list its .buffer'],
    [new SharedArrayBuffer(8), 'a SharedArrayBuffer is shared wherever it stands in the message, and never listed'],
    [new (require('node:worker_threads').MessageChannel)(), '#<MessageChannel> cannot be handed over'],
    [new (require('node:events').EventEmitter)(), '#<EventEmitter> cannot be handed over'],
    [undefined, 'it is undefined'],
    [7, 'it is a number'],
  ]) {
    t.throws(() => port1.postMessage('lost', [wrong]), { instanceOf: TypeError, message: `Port at index 0 is not a valid port: ${help}` });
  }
  t.throws(() => port1.postMessage('lost', port2), { message: 'transferables must be an array of MessagePorts: put the port into one, [port]' });
});

test('an element that cannot be transferred is named by its index', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  for (const wrong of [null, undefined, 1, 'port', {}, [], new Uint8Array(8), () => {}, Object.create(given.port1)]) {
    t.throws(() => port1.postMessage('lost', [given.port1, wrong]), { instanceOf: TypeError, message: /^Port at index 1 is not a valid port: / });
  }
  t.throws(() => port1.postMessage('lost', new Array(1)), { instanceOf: TypeError, message: /^Port at index 0 is not a valid port: / });
  t.false(given.port1.closed, 'the valid ones are still here');
});

// Rows 4 and 5

// DOMExceptions are no errors in ava's strict sense, hence `any`.
const cloneError = (message) => ({ any: true, instanceOf: DOMException, name: 'DataCloneError', code: 25, message });

test('the port itself cannot go', (t) => {
  const { port1 } = channel(t);
  t.throws(() => port1.postMessage('lost', [port1]), cloneError('Port at index 0 contains the source port.'));
  t.throws(() => port1.postMessage('lost', [channel(t).port1, port1]), cloneError('Port at index 1 contains the source port.'));
  t.false(port1.closed);
});

test('a port that was transferred already cannot go again', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  t.throws(() => port1.postMessage('lost', [neutered(t).port]), cloneError('Port at index 0 is already neutered.'));
  t.throws(() => port1.postMessage('lost', [given.port1, neutered(t).port]), cloneError('Port at index 1 is already neutered.'));
  t.false(given.port1.closed);
});

test('a port cannot stand in the list twice', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  t.throws(() => port1.postMessage('lost', [given.port1, given.port2, given.port1]), cloneError('Port at index 2 is a duplicate.'));
  t.false(given.port1.closed);
});

test('an ArrayBuffer cannot stand in the list twice', (t) => {
  const { port1 } = channel(t);
  const buffer = new ArrayBuffer(8);
  t.throws(() => port1.postMessage('lost', [buffer, buffer]), { any: true, name: 'DataCloneError' });
  t.is(buffer.byteLength, 8);
});

test('these errors are Errors and DOMExceptions both', (t) => {
  const { port1 } = channel(t);
  const error = t.throws(() => port1.postMessage('lost', [port1]), { any: true });
  t.true(error instanceof Error);
  t.true(error instanceof DOMException);
});

test('the list is checked before the message is cloned', (t) => {
  const { port1 } = channel(t);
  const trap = { get trap() { return t.fail('the message was looked at'); } };
  t.throws(() => port1.postMessage(trap, [port1]), cloneError('Port at index 0 contains the source port.'));
  t.throws(() => port1.postMessage(trap, [{}]), { message: /^Port at index 0 is not a valid port: / });
  t.throws(() => port1.postMessage(trap, null), { message: /^transferables must be an array of MessagePorts/ });
});

// Row 6

test('a value that cannot be cloned is named with its path, and nothing was detached', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  const buffer = new ArrayBuffer(8);
  const jobs = [{}, {}, { callback: () => {} }];
  const error = t.throws(() => port1.postMessage({ jobs }, [given.port1, buffer]), { any: true, name: 'DataCloneError', code: 25 });
  t.regex(error.message, /^An object could not be cloned/);
  t.regex(error.message, /message\.jobs\[2\]\.callback/);
  t.false(given.port1.closed);
  t.is(buffer.byteLength, 8);
});

test('a port in the message that is not in the list is refused, and named with its path', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  const text = 'Object that needs transfer was found in message but not listed in transferList';
  t.throws(() => port1.postMessage({ given: [given.port1] }), cloneError(`${text}: #<MessagePortMain> at message.given[0]`));
  t.throws(() => port1.postMessage(new ReadableStream()), cloneError(`${text}: #<ReadableStream> at message`));
  t.false(given.port1.closed);
});

test("a getter's exception passes through, and nothing was detached", (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  const thrown = new RangeError('from the getter');
  t.is(t.throws(() => port1.postMessage({ get value() { throw thrown; } }, [given.port1])), thrown);
  t.false(given.port1.closed);
});

// Row 7

test('a getter that closes the source port: silent, and the list stays here', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  const buffer = new ArrayBuffer(8);
  port1.postMessage({ get value() { port1.close(); return 1; } }, [given.port1, buffer]);
  t.true(port1.closed);
  t.false(given.port1.closed);
  t.is(buffer.byteLength, 8);
});

test('a getter that transfers one of the transferables away: an error, and the others stay here', async (t) => {
  const { port1, port2 } = channel(t);
  const [a, b] = [channel(t), channel(t)];
  const road = channel(t);
  const message = { get value() { road.port1.postMessage('first come', [b.port1]); return 1; } };
  t.throws(() => port1.postMessage(message, [a.port1, b.port1]), { any: true, name: 'DataCloneError', message: 'Port at index 1 is already neutered.' });
  t.false(a.port1.closed);
  const { ports } = await new Reader(road.port2).event();
  ports[0].postMessage('b');
  t.is(await new Reader(b.port2).next(), 'b');
  port1.postMessage('the port works on');
  t.is(await new Reader(port2).next(), 'the port works on');
});

test('a getter that detaches one of the buffers: an error, and the others stay here', (t) => {
  const { port1 } = channel(t);
  const [a, b] = [new ArrayBuffer(8), new ArrayBuffer(8)];
  const message = { get value() { structuredClone(b, { transfer: [b] }); return 1; } };
  t.throws(() => port1.postMessage(message, [a, b]), { any: true, name: 'DataCloneError' });
  t.is(a.byteLength, 8);
});

test('a getter may post on the same port: its message comes first', async (t) => {
  const { port1, port2 } = channel(t);
  port1.postMessage({ get value() { port1.postMessage('from the getter'); return 1; } });
  t.deepEqual(await new Reader(port2).take(2), ['from the getter', { value: 1 }]);
});

// Row 8, and the rest

test('memory that must not be detached is refused, and nothing was detached', (t) => {
  const { port1 } = channel(t);
  const given = channel(t);
  const good = new ArrayBuffer(8);
  const detached = new ArrayBuffer(8);
  structuredClone(detached, { transfer: [detached] });
  const memory = new WebAssembly.Memory({ initial: 1 });
  for (const bad of [memory.buffer, detached]) {
    t.throws(() => port1.postMessage('lost', [given.port1, good, bad]), { any: true, name: 'DataCloneError' });
  }
  t.false(given.port1.closed);
  t.is(good.byteLength, 8);
});

// In a program of its own: without its pool a process cannot even say what went wrong.
test("Node's Buffer pool must not be detached either, nor what was marked as untransferable", async (t) => {
  t.timeout(20_000);
  await prints(t, `
    const { markAsUntransferable } = require('node:worker_threads');
    const { port1, port2 } = new MessageChannelMain();
    const marked = new ArrayBuffer(8);
    markAsUntransferable(marked);
    for (const bad of [Buffer.from('pooled').buffer, marked]) {
      const good = new ArrayBuffer(8);
      try {
        port1.postMessage('lost', [good, bad]);
        console.log('no error');
      } catch (error) {
        console.log(error.name, good.byteLength, bad.byteLength > 0);
      }
    }
  `, ['DataCloneError 8 true', 'DataCloneError 8 true']);
});

test('after a failed post the port and everything in its list still work', async (t) => {
  const { port1, port2 } = channel(t);
  const given = channel(t);
  given.port2.postMessage('queued');
  t.throws(() => port1.postMessage(() => {}, [given.port1]), { any: true });
  t.throws(() => port1.postMessage(1, [given.port1, given.port1]), { any: true });
  port1.postMessage('at last', [given.port1]);
  const { data, ports } = await new Reader(port2).event();
  t.is(data, 'at last');
  t.is(await new Reader(ports[0]).next(), 'queued');
});

test('postMessage() delivers null, postMessage(undefined) undefined', async (t) => {
  const { port1, port2 } = channel(t);
  port1.postMessage();
  port1.postMessage(undefined);
  t.deepEqual(await new Reader(port2).take(2), [null, undefined]);
});

test('an event is { data, ports }, and ports is empty without a transfer', async (t) => {
  const { port1, port2 } = channel(t);
  port1.postMessage('hello');
  const event = await new Reader(port2).event();
  t.is(event.data, 'hello');
  t.deepEqual(event.ports, []);
});

test('ports cannot be made by hand, and are no EventTargets', (t) => {
  const { port1 } = channel(t);
  t.throws(() => new port1.constructor(), { instanceOf: TypeError });
  t.is(port1.addEventListener, undefined);
  t.is(port1.constructor.name, 'MessagePortMain');
});

test("a port given to Node's own structuredClone throws instead of becoming {}", (t) => {
  const { port1 } = channel(t);
  t.throws(() => structuredClone(port1), { any: true });
  t.throws(() => structuredClone({ deep: [port1] }), { any: true });
});
