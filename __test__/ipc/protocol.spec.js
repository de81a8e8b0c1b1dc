// The protocol alone, over a transport that is a function call: frames that make no sense, and answers to nobody.
const vm = require('node:vm');
const test = require('ava');
const fc = require('fast-check');
const { INVOKE } = require('../../lib/ipc/frame.js');
const { IpcPeer } = require('../../lib/ipc/peer.js');
const { answerWith } = require('../../lib/ipc/reply.js');

/** A peer whose frames go to `sent`; what it is asked goes to `asked`. */
function lonePeer() {
  const sent = [];
  const asked = [];
  const dismissed = [];
  const transport = {
    closed: false,
    open() {},
    post: (frame) => sent.push(structuredClone(frame)),
    canPost: () => true,
    reference: (on) => { transport.held = on; },
    receiveWithin: () => null,
    dismiss: (ports) => dismissed.push(...ports),
    fail() { transport.failed = true; },
    finish: (callback) => callback(),
    run: (callback, argument) => callback(argument),
  };
  const peer = new IpcPeer(() => transport, (request) => asked.push(request), () => {});
  return { peer, transport, sent, asked, dismissed };
}

/** Two peers that hear each other; the second one answers with `handler`. */
function pair(handler) {
  const peers = [];
  const transportTo = (other) => ({
    closed: false,
    open() {},
    post: (frame) => {
      const copy = structuredClone(frame);
      queueMicrotask(() => peers[other].receive(copy, []));
    },
    canPost(value) {
      try {
        structuredClone(value);
        return true;
      } catch {
        return false;
      }
    },
    reference() {},
    dismiss() {},
    run: (callback, argument) => callback(argument),
  });
  peers[0] = new IpcPeer(() => transportTo(1), () => {}, () => {});
  peers[1] = new IpcPeer(() => transportTo(0), ({ args, reply }) => answerWith(handler, {}, args, reply), () => {});
  return peers[0];
}

test('a frame that makes no sense is dropped, and its ports close', (t) => {
  const { peer, sent, asked, dismissed } = lonePeer();
  const nonsense = [
    null, undefined, 1, 'frame', {}, [], [0], [0, 'x'], [0, 1, []], [0, 'x', 'no list'], [2, 'x', []], [2, 'x', [], '1'],
    [3, 'x', []], [99, 'x', [], 1], [null, null, null, null],
  ];
  nonsense.forEach((frame) => peer.receive(frame, [frame]));
  t.deepEqual(asked, []);
  t.deepEqual(sent, []);
  t.deepEqual(dismissed, nonsense);
});

test('more arguments than anybody may send are a fault of the link; holes cost nothing', (t) => {
  for (const length of [1001, 60_000, 4e9]) {
    for (const frame of [[0, 'c', new Array(length)], [2, 'c', new Array(length), 1], [3, 'c', new Array(length), 1]]) {
      const { peer, transport, asked, dismissed } = lonePeer();
      const start = performance.now();
      peer.receive(frame, ['a port']);
      t.true(transport.failed);
      t.true(performance.now() - start < 1000, 'nothing was walked through');
      t.deepEqual([asked, dismissed], [[], ['a port']]);
    }
  }
  const { peer, transport, asked } = lonePeer();
  peer.receive([0, 'c', new Array(1000)], []);
  t.is(asked[0].args.length, 1000);
  t.is(transport.failed, undefined);
});

test('no more than 1 000 arguments can be sent', async (t) => {
  const { peer, sent } = lonePeer();
  const refused = { instanceOf: RangeError, code: 'ERR_MESSAGE_TOO_LARGE' };
  t.throws(() => peer.send('c', new Array(1001).fill(0)), refused);
  t.throws(() => peer.callSync('c', new Array(1001).fill(0), 100), refused);
  await t.throwsAsync(peer.invoke('c', new Array(1001).fill(0)), refused);
  t.deepEqual(sent, []);
  peer.send('c', new Array(1000).fill(0));
  t.is(sent.length, 1);
});

test('what EventEmitter emits by itself is no channel', (t) => {
  const { peer, sent, asked } = lonePeer();
  for (const channel of ['newListener', 'removeListener']) {
    for (const frame of [[0, channel, ['x']], [1, channel, 'x'], [3, channel, ['x'], 1]]) peer.receive(frame, []);
    peer.receive([2, channel, ['x'], 2], []);
  }
  t.deepEqual(asked.map(({ kind }) => kind), [INVOKE, INVOKE], 'handlers are in a place of their own');
  t.is(sent.length, 2, 'who waits for an answer is told that nobody listens');
});

test('a failure that goes on for ever is read in no time', async (t) => {
  const holes = new Array(4e9);
  const node = { type: 'Error', name: 'Error', message: 'm', stack: 's', properties: [] };
  for (const payload of [
    { error: new Array(1e8) }, { error: holes }, { error: [{ ...node, properties: holes }] }, { error: [] },
    { error: [{ ...node, properties: [{ key: 'k', enumerable: true, value: [], errors: holes }] }] },
    { error: [{ ...node, properties: [{ key: 'k', enumerable: true, value: holes, errors: [[4e9 - 2, 0]] }] }] },
    { error: [{ ...node, properties: [{ key: 'k', enumerable: true, value: {}, errors: [['__proto__', 0]] }] }] },
    { error: [{ ...node, properties: [{ key: 'k', enumerable: true, value: [], errors: [[0, 7]] }] }] },
    { value: 'no error' }, 'text', null, undefined,
  ]) {
    const { peer } = lonePeer();
    const call = peer.invoke('x', []);
    const start = performance.now();
    peer.receive([5, '', payload, 1], []);
    const error = await call.catch((thrown) => thrown);
    t.true(error instanceof Error);
    t.is(error.code, 'ERR_MESSAGE_MALFORMED');
    t.true(performance.now() - start < 1000);
  }
});

test('whatever a handler throws, the caller gets an Error with what can be told', async (t) => {
  const thrower = { get bad() { throw new Error('from a getter'); } };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const make = (change) => { const error = Object.assign(new TypeError('the message'), { kept: 1 }); change(error); return error; };
  const define = (name, descriptor) => (error) => Object.defineProperty(error, name, { configurable: true, enumerable: true, ...descriptor });
  for (const [title, change] of [
    ['a getter', define('g', { get() { throw new Error('from a getter'); } })],
    ['a revoked proxy', define('p', { value: proxy })],
    ['a getter inside', define('inside', { value: { deep: [thrower] } })],
    ['a stack that throws', define('stack', { get() { throw new Error('no stack'); } })],
    ['a name that throws', define('name', { get() { throw new Error('no name'); } })],
    ['a name that is no text', define('name', { value: Object.create(null) })],
    ['a function', define('f', { value() {} })],
    ['a list without end', define('list', { value: new Array(4e9) })],
    ['a list with errors and a getter', define('list', { value: Object.defineProperty([new Error('inner'), 0], 1, { get() { throw new Error('x'); } }) })],
    ['itself', (error) => { error.self = error; error.list = [error, () => {}]; }],
    ['2 000 causes', (error) => { for (let i = 0, at = error; i < 2000; i++) at = at.cause = new Error(`cause ${i}`); }],
    ['a frozen one', (error) => Object.freeze(error)],
  ]) {
    const error = await pair(() => { throw make(change); }).invoke('x', []).catch((reason) => reason);
    t.true(error instanceof TypeError, `${title}: ${error}`);
    t.is(error.message, 'the message', title);
    t.is(error.kept, 1, title);
  }
  const nameless = await pair(() => { throw make(define('message', { value: Object.create(null) })); }).invoke('x', []).catch((reason) => reason);
  t.is(nameless.message, '');
});

test('what is thrown and no error arrives as one', async (t) => {
  const { proxy, revoke } = Proxy.revocable(new Error('behind a proxy'), {});
  revoke();
  for (const [thrown, message, cause] of [
    ['text', 'text', 'text'], [undefined, 'undefined', undefined], [{ a: 1 }, '[object Object]', { a: 1 }], [7n, '7', 7n],
    [Object.create(null), 'something that is no error was thrown', {}], [Symbol('s'), 'Symbol(s)'], [() => {}, '() => {}'],
    [proxy, 'something that is no error was thrown'], [{ toString() { throw new Error('no text'); } }, 'something that is no error was thrown'],
  ]) {
    const error = await pair(() => { throw thrown; }).invoke('x', []).catch((reason) => reason);
    t.true(error instanceof Error);
    t.deepEqual([error.message, error.code], [message, 'ERR_HANDLER_FAILED']);
    t.deepEqual(error.cause, cause);
  }
});

test('an error of another realm is one', async (t) => {
  const foreign = vm.runInNewContext('Object.assign(new RangeError("foreign"), { n: 1, f() {} })');
  const error = await pair(() => { throw foreign; }).invoke('x', []).catch((reason) => reason);
  t.true(error instanceof RangeError);
  t.deepEqual([error.message, error.n, 'f' in error], ['foreign', 1, false]);
});

test('a result that cannot be read rejects', async (t) => {
  for (const result of [{ get x() { throw new TypeError('from a getter'); } }, { get x() { throw 'text'; } }]) { // eslint-disable-line no-throw-literal
    t.true(await pair(() => result).invoke('x', []).catch((reason) => reason) instanceof Error);
  }
});

test('answers that nobody waits for change nothing', (t) => {
  const { peer, asked } = lonePeer();
  for (const id of [1, -1, NaN, '1', undefined, {}]) {
    peer.receive([4, '', 'result', id], []);
    peer.receive([5, '', { value: 1 }, id], []);
  }
  t.deepEqual(asked, []);
});

test('whatever comes in the place of an error, the call rejects', async (t) => {
  await fc.assert(fc.asyncProperty(fc.anything(), async (payload) => {
    const { peer } = lonePeer();
    const call = peer.invoke('x', []).then(() => 'resolved', () => 'rejected');
    peer.receive([5, '', payload, 1], []);
    return (await call) === 'rejected';
  }));
  await fc.assert(fc.asyncProperty(fc.array(fc.record({
    type: fc.anything(), name: fc.anything(), message: fc.anything(), stack: fc.anything(), properties: fc.anything(),
  })), async (error) => {
    const { peer } = lonePeer();
    const call = peer.invoke('x', []).then(() => 'resolved', () => 'rejected');
    peer.receive([5, '', { error }, 1], []);
    return (await call) === 'rejected';
  }));
  t.pass();
});

test('no frame at all makes it throw', (t) => {
  const frame = fc.oneof(fc.anything(), fc.array(fc.oneof(fc.nat(6), fc.string(), fc.anything()), { maxLength: 5 }));
  t.notThrows(() => fc.assert(fc.property(frame, (value) => { lonePeer().peer.receive(value, []); })));
});

test('any result comes back, and any text of an error', async (t) => {
  const value = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
  await fc.assert(fc.asyncProperty(value, async (result) => {
    let cloned;
    try {
      cloned = structuredClone(result);
    } catch {
      return;
    }
    t.deepEqual(await pair(() => result).invoke('x', []), cloned);
  }));
  await fc.assert(fc.asyncProperty(fc.string(), fc.dictionary(fc.string(), fc.jsonValue()), async (text, properties) => {
    for (const basic of ['name', 'message', 'stack']) delete properties[basic];
    const error = new RangeError(text);
    for (const [key, value] of Object.entries(properties)) {
      Object.defineProperty(error, key, { value, enumerable: true, configurable: true, writable: true });
    }
    const thrown = await pair(() => { throw error; }).invoke('x', []).catch((reason) => reason);
    t.is(thrown.message, text);
    t.deepEqual({ ...thrown }, structuredClone({ ...error }));
  }));
});

test('a pending call holds the event loop, its answer or the end lets it go', async (t) => {
  const { peer, transport, sent } = lonePeer();
  const [first, second] = [peer.invoke('x', []), peer.invoke('x', [])];
  t.true(transport.held);
  t.deepEqual(sent.map(([kind]) => kind), [INVOKE, INVOKE]);
  peer.receive([4, '', 'one', 1], []);
  t.is(await first, 'one');
  t.true(transport.held);
  peer.ended();
  await t.throwsAsync(second, { code: 'ERR_IPC_CHANNEL_CLOSED' });
  t.false(transport.held);
});
