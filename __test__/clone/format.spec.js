// docs/wire-format.md says what the encoder writes: its example, and a decoder made from it that reads the battery.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const test = require('ava').default;
const { LISTED_TEXT, LOOKED_THROUGH } = require('../../lib/clone/limits.js');
const { battery } = require('./battery.js');
const { decodeByThePage } = require('./reference.js');
const { difference } = require('./same.js');
const { encode, decodeAlone } = require('./rig.js');

test('the example of the page', (t) => {
  const page = fs.readFileSync(path.join(__dirname, '../../docs/wire-format.md'), 'utf8');
  const block = /### Example\n([^#]*)/.exec(page)?.[1] ?? '';
  const hex = [...block.matchAll(/^ {4,}((?:[0-9a-f]{2} )+) /gm)].map(([, bytes]) => bytes).join('');
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const make = () => { const a = {}; return { id: 5, to: [a, a] }; };
  t.is(difference(decodeAlone(body), make()), undefined);
  encode(make());
  t.is(encode(make()).body.toString('hex'), body.toString('hex'));
});

test('a decoder made from the page reads the battery', (t) => {
  // It recurses, and walks over every hole.
  const simple = battery.filter(({ name }) => !/0000|4294967295|far|deep and everything|of 1000$|1000 nested|chain/.test(name));
  t.true(simple.length > 400);
  for (const { name, make, expect } of simple) {
    for (let i = 0; i < 3; i++) {
      const { body, memories } = encode(make());
      t.is(difference(decodeByThePage(body, memories), expect()), undefined, name);
    }
  }
});

test('a long wide string stands at an even offset, whatever is in front of it', (t) => {
  const text = '\u{1f600}\ud800'.repeat(LISTED_TEXT);
  for (const message of [text, [text], ['a', text], ['ab', text, text], { key: text, keys: [1000, text] }]) {
    const { body } = encode(message);
    const units = Buffer.from(text, 'utf16le');
    for (let at = body.indexOf(units); at >= 0; at = body.indexOf(units, at + units.length)) t.is(at % 2, 0);
    t.is(difference(decodeAlone(body), message), undefined);
    t.is(difference(decodeByThePage(body, []), message), undefined);
  }
});

test('a text of Latin-1 has a byte for each character, whatever its length and wherever it is not ASCII', (t) => {
  for (const length of [1, 20, 21, LOOKED_THROUGH - 1, LOOKED_THROUGH, LOOKED_THROUGH + 1, 1000, 5000]) {
    for (const text of ['\xe9'.repeat(length), `\xff${'a'.repeat(length - 1)}`, `${'a'.repeat(length - 1)}\x80`]) {
      for (let time = 0; time < 3; time++) {
        const { body } = encode([text]);
        t.true(body.length <= length + 6, `${body.length} bytes for ${length} characters`);
        t.deepEqual(decodeAlone(body), [text]);
      }
    }
  }
});
