// Ports and buffers of the transfer list stand in the clone wherever they stood in the message.
'use strict';

const test = require('ava').default;
const { registerHost } = require('../../lib/clone/kind/host.js');
const { encode, decodeAlone } = require('./rig.js');

class Port extends EventTarget {}
registerHost({ isPort: (object) => object instanceof Port, needsTransfer: () => false });

/** @param {object[]} list */
function context(...list) {
  const ports = list.filter((item) => item instanceof Port);
  const buffers = list.filter((item) => item instanceof ArrayBuffer);
  return {
    ports: new Map(ports.map((port, i) => [port, i])),
    buffers: new Map(buffers.map((buffer, i) => [buffer, i])),
  };
}

/**
 * Encodes, and decodes with new ports and copies of the buffers.
 * @param {unknown} message
 * @param {object[]} list
 */
function send(message, ...list) {
  const given = context(...list);
  const { body, memories } = encode(message, given);
  const ports = [...given.ports.keys()].map(() => new Port());
  const moved = [...given.buffers.keys()].map((buffer) => buffer.slice(0, buffer.byteLength));
  return { data: /** @type {any} */ (decodeAlone(body, { ports, memories: [...moved, ...memories] })), ports, moved, body };
}

test('a port stands at any place, several times', (t) => {
  const a = new Port();
  const b = new Port();
  const message = { a, list: [b, a, { deep: [[b]] }], map: new Map([[a, b], [b, a]]), set: new Set([a, b, 1]) };
  const { data, ports: [x, y] } = send(message, a, b);
  t.is(data.a, x);
  t.is(data.list[0], y);
  t.is(data.list[1], x);
  t.is(data.list[2].deep[0][0], y);
  t.deepEqual([...data.map], [[x, y], [y, x]]);
  t.true(data.map.has(x) && data.set.has(x) && data.set.has(y));
});

test('a port is the whole message', (t) => {
  const port = new Port();
  const { data, ports } = send(port, port);
  t.is(data, ports[0]);
});

test('a port in the cause of an error and deeper than the stack', (t) => {
  const port = new Port();
  let deep = /** @type {any} */ (port);
  for (let i = 0; i < 10000; i++) deep = [deep];
  const { data: whole, ports } = send({ error: new Error('m', { cause: { port } }), deep }, port);
  t.is(whole.error.cause.port, ports[0]);
  let data = whole.deep;
  for (let i = 0; i < 10000; i++) data = data[0];
  t.is(data, ports[0]);
});

test('a port that is not in the list is missing, wherever it stands', (t) => {
  const port = new Port();
  const cause = new Error('m', { cause: port });
  for (const [message, path] of [
    [port, ''], [[port], '[0]'], [{ a: { port } }, '.a.port'], [new Map([[port, 1]]), '.keys()[0]'], [new Set([port]), '.values()[0]'], [cause, '.cause'],
  ]) {
    const text = `Object that needs transfer was found in message but not listed in transferList: #<Port> at message${path}`;
    const expected = { any: true, instanceOf: DOMException, name: 'DataCloneError', message: text };
    t.throws(() => encode(message), expected);
    t.throws(() => encode(message, context(new Port())), expected);
  }
});

test('a thousand ports', (t) => {
  const all = Array.from({ length: 1000 }, () => new Port());
  const { data, ports } = send({ all, last: all[999] }, ...all);
  t.true(data.all.every((/** @type {Port} */ port, /** @type {number} */ i) => port === ports[i]));
  t.is(data.last, ports[999]);
});

test('a transferred buffer is not copied, and its views share it', (t) => {
  const buffer = Uint8Array.from({ length: 100 }, (_, i) => i).buffer;
  const message = { u: new Uint8Array(buffer, 10, 5), w: new Uint16Array(buffer, 20, 4), buffer, d: new DataView(buffer), pooled: Buffer.from(buffer, 2, 3) };
  const { data, moved: [memory], body } = send(message, buffer);
  t.true(body.length < 150);
  t.is(data.buffer, memory);
  for (const name of ['u', 'w', 'd', 'pooled']) t.is(data[name].buffer, memory, name);
  t.deepEqual([data.u.byteOffset, data.u.length, data.w.byteOffset, data.w.length, data.pooled.byteOffset], [10, 5, 20, 4, 2]);
  t.deepEqual([...data.u], [10, 11, 12, 13, 14]);
});

test('a view of a transferred buffer, and nothing else of it', (t) => {
  const buffer = new ArrayBuffer(64);
  const { data, moved } = send([new Float64Array(buffer, 8, 2)], buffer);
  t.is(data[0].buffer, moved[0]);
  t.is(data[0].byteOffset, 8);
});

test('a transferred buffer that the message does not mention', (t) => {
  t.is(send('nothing', new ArrayBuffer(8)).data, 'nothing');
});

test('resizable buffers stay resizable, and their views keep tracking', (t) => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 64 });
  new Uint8Array(buffer)[7] = 7;
  const { data } = send({ buffer, tracking: new Uint8Array(buffer), fixed: new Uint8Array(buffer, 0, 8) }, buffer);
  t.true(data.buffer.resizable);
  t.is(data.buffer.maxByteLength, 64);
  t.is(data.tracking[7], 7);
  data.buffer.resize(32);
  t.is(data.tracking.length, 32);
  t.is(data.fixed.length, 8);
});

test('large ranges travel beside the body, after the transferred buffers', (t) => {
  const moved = new ArrayBuffer(8);
  const large = new Uint8Array(70000).fill(5);
  const shared = new Uint8Array(200000).fill(6);
  const { body, memories } = encode({ large, moved, a: shared.subarray(1, 3), b: shared.subarray(10), small: new Uint8Array(10) }, context(moved));
  t.true(body.length < 200);
  t.deepEqual(memories.map((memory) => memory.byteLength), [70000, 200000]);
  const data = /** @type {any} */ (decodeAlone(body, { memories: [moved, ...memories] }));
  t.is(data.large.buffer, memories[0]);
  t.is(data.moved, moved);
  t.is(data.a.buffer, memories[1]);
  t.is(data.b.buffer, memories[1]);
  t.is(data.b[0], 6);
});

test('within a process smaller ranges travel beside the body', (t) => {
  const message = { some: new Uint8Array(16384).fill(5), few: new Uint8Array(16383) };
  const near = encode(message, { ...context(), near: true });
  t.deepEqual(near.memories.map((memory) => memory.byteLength), [16384]);
  const far = encode(message, { ...context(), near: false });
  t.is(far.memories.length, 0);
  for (const { body, memories } of [near, far]) t.deepEqual(decodeAlone(body, { memories }), message);
});

test('a detached buffer is named', (t) => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  t.throws(() => encode({ list: [buffer] }), { any: true, message: 'An object could not be cloned: #<ArrayBuffer> at message.list[0] (it is detached)' });
});

test('a getter that detaches what was met already', (t) => {
  const view = new Uint8Array(10);
  const message = { view, get late() { structuredClone(view.buffer, { transfer: [view.buffer] }); return 1; } };
  t.throws(() => encode(message), { any: true, name: 'DataCloneError', message: /a getter resized or detached it/ });
});

test('shared memory and modules go through the share hook, and only through it', (t) => {
  const memory = new SharedArrayBuffer(16);
  const module = new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
  /** @type {object[]} */
  const shared = [];
  const share = (/** @type {object} */ value) => (shared.includes(value) ? shared.indexOf(value) : shared.push(value) - 1);
  const message = { memory, view: new Int32Array(memory, 4, 2), module, again: [module, memory] };
  const { body } = encode(message, { ...context(), shared: share });
  const data = /** @type {any} */ (decodeAlone(body, { shared }));
  t.is(data.memory, memory);
  t.is(data.view.buffer, memory);
  t.is(data.view.byteOffset, 4);
  t.is(data.module, module);
  t.is(data.again[0], module);
  t.is(data.again[1], memory);
  t.throws(() => encode(message), { any: true, message: 'An object could not be cloned: #<SharedArrayBuffer> at message.memory (it can be shared between threads only; sharedMemory.create() makes one for processes)' });
  t.throws(() => decodeAlone(body), { code: 'ERR_MESSAGE_MALFORMED' });
});
