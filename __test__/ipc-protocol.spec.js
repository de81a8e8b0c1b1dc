// The protocol alone, over a transport that is a function call: frames that make no sense, and answers to nobody.
const test = require('ava');
const fc = require('fast-check');
const { IpcPeer, INVOKE, answerWith } = require('../lib/ipc-protocol.js');

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
    canPost: () => true,
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
