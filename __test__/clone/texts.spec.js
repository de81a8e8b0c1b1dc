// Long texts within a process travel beside the body; those that had to leave it after all arrive as bytes.
'use strict';

const { isDeepStrictEqual } = require('node:util');
const test = require('ava').default;
const { TEXT_BESIDE, TEXTS_BESIDE } = require('../../lib/clone/limits.js');
const { VALUE } = require('../../lib/clone/tags.js');
const { difference } = require('./same.js');
const { decodeAlone, encode } = require('./rig.js');

const near = (/** @type {ArrayBuffer[]} */ ...moved) => ({ ports: new Map(), buffers: new Map(moved.map((buffer, i) => [buffer, i])), near: true });
const long = (/** @type {string} */ of, more = 0) => of.repeat(Math.ceil((TEXT_BESIDE + more) / of.length));

/** As ports bring it from another process. @param {string} text */
function bytesOf(text) {
  const bytes = Buffer.from(text, /[^\0-\xff]/.test(text) ? 'utf16le' : 'latin1');
  return new Uint8Array(bytes).buffer;
}

/** @type {Record<string, () => unknown>} */
const messages = {
  'a text': () => long('abc'),
  'one of Latin-1': () => long('grüß'),
  'a wide one': () => long('文字'),
  'one with half a pair': () => `${long('x')}\ud800`,
  'in an object': () => ({ text: long('abc'), other: 1 }),
  'two of them': () => [long('abc'), long('def', 100)],
  'as a key': () => ({ [long('key')]: 1, b: { [long('文')]: 2 } }),
  'in a Map and a Set': () => [new Map([[long('k'), long('v')]]), new Set([long('m')])],
  'in an error': () => new Error(long('message')),
  'a boxed one': () => new String(long('boxed')),
  'beside memory': () => ({ a: new Uint8Array(100_000).fill(1), text: long('abc'), b: new Uint8Array(70_000).fill(2) }),
};

for (const [name, make] of Object.entries(messages)) {
  test(`${name}: beside, there and back`, (t) => {
    const message = make();
    const { body, memories } = encode(message, near());
    t.true(memories.some((memory) => typeof memory === 'string'));
    t.true(body.length < TEXT_BESIDE);
    t.is(difference(decodeAlone(body, { memories: [...memories] }), structuredClone(message)), undefined);
    const left = memories.map((memory) => (typeof memory === 'string' ? bytesOf(memory) : memory));
    t.is(difference(decodeAlone(body, { memories: left }), structuredClone(message)), undefined);
  });
}

test('behind what is transferred', (t) => {
  const moved = new Uint8Array(10).fill(7).buffer;
  const { body, memories } = encode({ moved, text: long('abc') }, near(moved));
  t.true(isDeepStrictEqual(memories, [long('abc')]));
  t.true(isDeepStrictEqual(decodeAlone(body, { memories: [moved, ...memories] }), { moved, text: long('abc') }));
});

test('so many that they would be too many parts: the others stand in the body', (t) => {
  const texts = Array.from({ length: TEXTS_BESIDE + 10 }, (_, i) => long(`${i} `));
  const { body, memories } = encode(texts, near());
  t.is(memories.length, TEXTS_BESIDE);
  t.true(body.length > 10 * TEXT_BESIDE);
  t.true(isDeepStrictEqual(decodeAlone(body, { memories }), texts));
});

test('shorter ones, and any to another process, stand in the body', (t) => {
  const short = 'x'.repeat(TEXT_BESIDE - 1);
  t.deepEqual(encode(short, near()).memories, []);
  t.deepEqual(encode({ text: long('abc') }).memories, []);
  t.deepEqual(encode(long('abc'), { ...near(), near: false }).memories, []);
  t.true(decodeAlone(encode(short, near()).body) === short);
});

const text = (/** @type {number[]} */ ...bytes) => Buffer.from([1, VALUE.TEXT, ...bytes]);
const bytes = (/** @type {number} */ length) => new ArrayBuffer(length);

/** @type {Record<string, [Buffer, { memories?: any[] }]>} */
const malformed = {
  'that is not there': [text(0, 3), {}],
  'of another length': [text(0, 3), { memories: [bytes(4)] }],
  'with half a character': [text(0, 3), { memories: [bytes(5)] }],
  'that is used twice': [Buffer.from([1, 0x04, 2, VALUE.TEXT, 0, 3, VALUE.TEXT, 0, 3]), { memories: [bytes(3)] }],
  'that ends early': [text(0), { memories: [bytes(3)] }],
};

for (const [name, [body, parts]] of Object.entries(malformed)) {
  test(`a text ${name} is malformed`, (t) => {
    t.throws(() => decodeAlone(body, parts), { code: 'ERR_MESSAGE_MALFORMED' });
  });
}

test('a text and memory of the same part is malformed, whichever comes first', (t) => {
  const { body, memories } = encode([new Uint8Array(100_000), long('abc')], near());
  const [memory] = memories.filter((each) => typeof each !== 'string');
  for (const order of [memories, [...memories].reverse()]) {
    t.throws(() => decodeAlone(body, { memories: order.map(() => memory) }), { code: 'ERR_MESSAGE_MALFORMED' });
  }
});

test('where the stack ends a text arrives, or nothing is said of the message', (t) => {
  let deep = /** @type {unknown[]} */ ([]);
  for (let i = 0; i < 140; i++) deep = [deep];
  const { body, memories } = encode([long('abc'), deep], near());
  const left = memories.map(bytesOf);
  /** @type {(levels: number) => any} */
  const under = (levels) => (levels === 0 ? decodeAlone(body, { memories: left }) : under(levels - 1));
  let most = 0;
  const measure = () => { most++; measure(); };
  t.throws(measure, { instanceOf: RangeError });
  let arrived = 0;
  for (let levels = most; levels > 0; levels -= 25) {
    try {
      arrived += Number(under(levels)[0] === long('abc'));
    } catch (error) {
      t.false('code' in /** @type {Error} */ (error), `${error}`);
    }
  }
  t.true(arrived > 0);
});

test('a text in the place of memory is malformed', (t) => {
  const { body } = encode(new Uint8Array(100_000));
  t.throws(() => decodeAlone(body, { memories: [long('abc')] }), { code: 'ERR_MESSAGE_MALFORMED' });
});
