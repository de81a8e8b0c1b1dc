// Short texts that stand together at the end of a body: every one arrives as it was and where it was, and keeps nothing but itself.
'use strict';

const { promisify } = require('node:util');
const test = require('ava').default;
const fc = require('fast-check');
const { COPIED_TEXT, CUT_TEXTS, INLINE_TEXT, LISTED_TEXT, MANY_ALIKE, MAX_RECURSION, TEXTS_AT_ONCE, TEXTS_FROM } = require('../../lib/clone/limits.js');
const { EARLY, OBJECT, VALUE, VERSION, WITH_TEXTS } = require('../../lib/clone/tags.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone, roundTrip } = require('./rig.js');

const execFile = promisify(require('node:child_process').execFile);

/** Lengths at which another way begins, and some around them. */
const LENGTHS = [0, 1, 2, INLINE_TEXT, INLINE_TEXT + 1, COPIED_TEXT, COPIED_TEXT + 1, 20, 21, 24, 25, 31, 32, 63, 126, 127, 128, 255, 256, LISTED_TEXT, LISTED_TEXT + 1];

/** What characters there are: in any place, in the first or in the last. @type {Record<string, (length: number, i: number) => string>} */
const KINDS = {
  'ASCII': (length, i) => `${i} abcdefghij`.repeat(100).slice(0, length),
  'Latin-1': (length, i) => `\xe9${i}\xff\x80`.repeat(300).slice(0, length),
  'wide': (length, i) => `\u0436${i}\u{1f600}`.repeat(300).slice(0, length),
  'wide at its end': (length, i) => (length === 0 ? '' : `${`${i} abc\xe9`.repeat(200).slice(0, length - 1)}\u0100`),
  'half a pair': (length, i) => (length === 0 ? '' : `${String(i % 10).repeat(length - 1)}\ud83d`),
  // The engine keeps it with two bytes a character.
  'narrow, of something wide': (length, i) => `\u0436${`${i}abc`.repeat(300)}`.slice(1, 1 + length),
};

/** @param {import('ava').ExecutionContext} t @param {unknown} message */
function arrives(t, message) {
  const { body, memories } = encode(message);
  t.is(difference(decodeAlone(body, { memories }), message), undefined);
  t.is(difference(decodeByThePage(body, memories), message), undefined);
  return body;
}

for (const [kind, make] of Object.entries(KINDS)) {
  test(`texts of every length: ${kind}`, (t) => {
    for (const length of LENGTHS) {
      for (const count of [1, 2, MANY_ALIKE - 1, MANY_ALIKE, 40, 300]) {
        const texts = Array.from({ length: count }, (_, i) => make(length, i));
        arrives(t, texts);
        arrives(t, texts.map((text, i) => ({ i, text, inside: [text, i] })));
        arrives(t, { texts, again: texts, first: texts[0] });
      }
    }
  });
}

test('texts of all lengths and kinds in one message, wherever they stand', (t) => {
  const some = Object.values(KINDS).flatMap((make, i) => LENGTHS.map((length) => make(length, i)));
  const places = [
    some, some.map((text) => ({ text })), Object.fromEntries(some.map((text, i) => [`key ${i}`, text])), new Map(some.map((text) => [text, text])),
    new Set(some), new Map(some.map((text, i) => [i, text])), Object.assign([...some], { name: some[20] }), Object.assign(new Array(1).concat(some), { name: some[20] }),
    some.map((text) => new String(text)), some.map((text) => [text, [text]]), some.map((text) => new Error(text, { cause: text })), Object.fromEntries(some.map((text) => [text, 1])),
  ];
  for (const place of places) arrives(t, place);
  arrives(t, places);
  arrives(t, [places, new Uint8Array(100).fill(7), places[1], new Uint8Array(70_000).fill(8), places[0]]);
});

test('a list stands where it is, and others behind the table of memory', (t) => {
  const texts = Array.from({ length: 100 }, (_, i) => `text number ${100 + i}`);
  const body = arrives(t, texts);
  t.deepEqual([body[0], body[1], body[2]], [VERSION, OBJECT.TEXTS, 100]);
  t.is(body.length, 3 + 100 * (1 + 15));
  const rows = texts.map((text) => ({ text }));
  const withMemory = arrives(t, [new Uint8Array([1, 2, 3]), texts, rows, new Uint16Array([4, 5])]);
  t.is(withMemory[0], WITH_TEXTS);
  t.true(withMemory.readUInt32LE(withMemory.length - 4) > withMemory.indexOf(Buffer.of(1, 2, 3)));
});

test('few texts stand where they are', (t) => {
  const text = 'x'.repeat(20);
  const rows = (/** @type {number} */ count) => Array.from({ length: count }, () => ({ text }));
  for (const message of [text, [text], { text, other: text }, Array(MANY_ALIKE - 1).fill(text), rows(TEXTS_FROM / 20), ['x'.repeat(1000)]]) {
    t.is(arrives(t, message)[0], VERSION);
  }
  const body = arrives(t, rows(TEXTS_FROM / 20 + 1));
  t.is(body[0], WITH_TEXTS);
  t.is(body.filter((byte) => byte === VALUE.NEXT_TEXT).length, 1);
  for (let i = 0; i < 100; i++) t.is(encode(text).body[0], VERSION, 'one message does not count for the next');
});

test('a list of which one is no text, or one too long for it', (t) => {
  const texts = Array.from({ length: 2 * TEXTS_AT_ONCE }, (_, i) => `text number ${i}`);
  for (const other of [1, null, undefined, {}, [], new Date(5), 'x'.repeat(LISTED_TEXT + 1), '\u0436'.repeat(LISTED_TEXT + 1), 5n, new String('text')]) {
    for (const place of [1, TEXTS_AT_ONCE - 1, TEXTS_AT_ONCE, texts.length - 1]) {
      const list = /** @type {unknown[]} */ ([...texts]);
      list[place] = other;
      t.is(arrives(t, [list, list, texts])[3], OBJECT.ARRAY | EARLY);
    }
  }
});

test('more than are written at once, narrow ones and wide ones', (t) => {
  const count = 3 * TEXTS_AT_ONCE;
  for (const wide of [[], [0], [count - 1], [5, count >> 1], Array.from({ length: count }, (_, i) => i)]) {
    for (const rest of [0, 1, TEXTS_AT_ONCE - 1]) {
      const texts = Array.from({ length: count + rest }, (_, i) => `number ${String(i).padStart(12, '0')}`);
      for (const i of wide) texts[i] += '\u0436';
      arrives(t, texts);
      arrives(t, texts.map((text) => ({ text })));
    }
  }
});

test('texts that are kept in any of the ways that engines know', (t) => {
  const parts = Array.from({ length: 40 }, (_, i) => `a part of a text of number ${i}`);
  const known = Object.fromEntries(parts.map((text) => [text, 1]));
  const ways = [
    parts, Object.keys(known), parts.map((text) => text.slice(1)), parts.map((text) => text.slice(3, 20)), parts.map((text, i) => text + parts[i + 1]),
    parts.map((text, i) => `${text}${i}`.slice(1)), parts.map((text, i) => text + (i % 3 === 0 ? '\u0436' : '') + text), parts.map((text, i) => `\u0436${text}${i}`.slice(1)),
    parts.map((text) => Buffer.from(text).latin1Slice(0)), parts.map((text) => Buffer.from(text, 'utf16le').ucs2Slice(0)), parts.map((text) => text.toUpperCase()),
    parts.map((text) => { const it = `${text}, once more`.slice(2); void ({})[it]; return it; }), parts.map((text) => Symbol.for(text).description ?? ''),
    parts.map((text) => JSON.parse(JSON.stringify(text))), parts.map((text) => `${text}\u00ff`), parts.map((_, i) => String.fromCharCode(i)), parts.map(() => ''),
  ];
  for (const texts of ways) arrives(t, texts);
  arrives(t, ways);
});

test('deeper than the codec recurses, and in arrays with holes and names', (t) => {
  const texts = Array.from({ length: 20 }, (_, i) => `text number ${i}`);
  /** @type {any} */
  let deep = texts;
  for (let i = 0; i < 2 * MAX_RECURSION; i++) deep = i % 2 === 0 ? [texts[i % 20], deep] : { text: texts[i % 20], deep, more: texts[i % 7] };
  arrives(t, deep);
  const uneven = /** @type {any} */ ([...texts]);
  delete uneven[3];
  uneven.name = texts[5];
  arrives(t, [uneven, texts]);
});

test('a list that is referred to again is one list', (t) => {
  const texts = Array.from({ length: 20 }, (_, i) => `text number ${i}`);
  const arrived = /** @type {any} */ (roundTrip({ a: texts, b: [texts], c: { texts } }));
  t.deepEqual(arrived.a, texts);
  t.is(arrived.a, arrived.b[0]);
  t.is(arrived.a, arrived.c.texts);
  const alone = /** @type {any} */ (roundTrip(Object.assign([texts], { own: texts })));
  t.is(alone[0], alone.own);
  // What arrived is the receiver's: nothing else has it.
  const two = /** @type {any} */ (roundTrip([texts, texts.slice()]));
  two[0].push('more');
  t.is(two[1].length, 20);
});

test('what a getter does to a list that has been told of', (t) => {
  const texts = Array.from({ length: 20 }, (_, i) => `text number ${i}`);
  const message = { texts, get later() { texts[0] = 'changed'; texts.length = 2; return texts; }, end: 'the end of it' };
  const arrived = /** @type {any} */ (roundTrip(message));
  t.is(arrived.texts.length, 20);
  t.is(arrived.texts[0], 'text number 0');
  t.is(arrived.later, arrived.texts);
  t.is(arrived.end, 'the end of it');
});

test('one message within another, and one behind another that failed', (t) => {
  const texts = Array.from({ length: 20 }, (_, i) => `text number ${i}`);
  /** @type {unknown} */
  let inner;
  const outer = roundTrip({ before: texts, get now() { inner = roundTrip(texts.map((text) => ({ text }))); return 1; }, after: texts.map((text) => [text]) });
  t.deepEqual(inner, texts.map((text) => ({ text })));
  t.deepEqual(outer, { before: texts, now: 1, after: texts.map((text) => [text]) });
  t.throws(() => encode([...texts, () => {}]), { name: 'DataCloneError', any: true });
  t.deepEqual(roundTrip([texts[0], { a: texts[1] }]), [texts[0], { a: texts[1] }]);
  t.is(encode([texts[0]]).body[0], VERSION);
});

test('near the end of the stack they arrive, or the engine says why not', (t) => {
  const texts = Array.from({ length: 40 }, (_, i) => `text number ${i}`);
  const { body } = encode({ texts, rows: texts.map((text) => ({ text })) });
  let arrived = 0;
  let refused = 0;
  /** @returns {void} */
  const down = () => {
    try {
      down();
    } catch {
      // Each level on the way back has a little more room.
    }
    if (arrived > 3) return;
    try {
      t.deepEqual(/** @type {any} */ (decodeAlone(body)).texts, texts);
      arrived++;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused++;
    }
  };
  down();
  t.true(arrived > 3);
  t.true(refused > 0);
});

test('lists of none are lists of their own', (t) => {
  const of = (/** @type {number[]} */ ...bytes) => /** @type {any} */ (decodeAlone(Uint8Array.from(bytes)));
  of(VERSION, OBJECT.TEXTS, 0).push('mine');
  t.deepEqual(of(VERSION, OBJECT.TEXTS, 0), []);
  const [one, other] = of(WITH_TEXTS, OBJECT.ARRAY, 2, OBJECT.TEXTS, 0, OBJECT.TEXTS, 0, 0, 7, 0, 0, 0);
  one.push('mine');
  t.deepEqual(other, []);
});

test('more short texts than are cut out of one', (t) => {
  const size = 1 + COPIED_TEXT;
  for (const more of [-size, -1, 0, 1, size, CUT_TEXTS]) {
    const texts = Array.from({ length: Math.ceil((CUT_TEXTS + more) / size) }, (_, i) => String(i).padStart(COPIED_TEXT, 'x'));
    const arrived = /** @type {any} */ (roundTrip(texts));
    t.is(arrived.length, texts.length);
    t.true(texts.every((text, i) => arrived[i] === text));
  }
});

test('a function that gets the texts and gives the memory away finds no more of them', async (t) => {
  const { stdout } = await execFile(process.execPath, ['-e', `
    const { native } = require('../../lib/native');
    const buffer = new ArrayBuffer(2 ** 20, { maxByteLength: 2 ** 26 });
    buffer.resize(2 ** 26);
    const bytes = new Uint8Array(buffer).fill(126, 0, 400_000);
    let calls = 0;
    console.log(native.textsIn(bytes, 0, 2 ** 26, 400_000, () => { if (++calls === 1) buffer.resize(0); }), calls);
  `], { cwd: __dirname });
  t.is(stdout, 'undefined 1\n');
});

test('any texts at any places', (t) => {
  const text = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'binary', maxLength: 150 }), fc.string({ minLength: 9, maxLength: 12, unit: 'grapheme-ascii' }));
  const message = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, text, fc.array(text, { maxLength: 40 }), fc.array(tie('value'), { maxLength: 12 }), fc.dictionary(text, tie('value'), { maxKeys: 12, noNullPrototype: true }), fc.integer())
  })).value;
  fc.assert(fc.property(message, (value) => {
    arrives(t, value);
  }), { numRuns: 400 });
});

test('one text of many that is kept keeps none of the others', async (t) => {
  for (const length of [COPIED_TEXT, COPIED_TEXT + 1, 40]) {
    const { stdout } = await execFile(process.execPath, ['--expose-gc', '-e', `
      const { encode, decodeAlone } = require('./rig.js');
      const { body } = encode(Array.from({ length: 2000 }, (_, i) => String(i).padStart(${length}, 'x')));
      const kept = [];
      const keep = (i) => { kept[i] = decodeAlone(body)[i % 2000]; };
      keep(0);
      gc();
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < 3000; i++) keep(i);
      gc();
      console.log((process.memoryUsage().heapUsed - before) / kept.length);
    `], { cwd: __dirname });
    t.true(Number(stdout) < 500, `${stdout.trim()} bytes for each of ${length} characters, of 2000 that came with it`);
  }
});
