// What the encoder remembers of key lists: those that come again, and none of the others.
'use strict';

const test = require('ava').default;
const { ShapeTree } = require('../../lib/clone/encode/shapes.js');
const { RecentKeys } = require('../../lib/clone/recent-keys.js');
const { MANY_BRANCHES, RARE_SHAPE, RECENT_KEYS } = require('../../lib/clone/limits.js');
const { OBJECT } = require('../../lib/clone/tags.js');
const { difference } = require('./same.js');
const { encode, roundTrip } = require('./rig.js');

/** @param {ShapeTree} tree @param {string[]} keys */
function walk(tree, keys) {
  let shape = /** @type {import('../../lib/clone/encode/shapes.js').Shape | null} */ (tree.root);
  for (const key of keys) if (shape !== null) shape = tree.step(shape, key);
  return shape;
}

let unique = 0;
const unlike = () => `unlike ${unique++}`;

/** Behind the version of the format. @param {object} object */
const tagOf = (object) => encode(object).body[1];

test('of unlike keys many are remembered, not all', (t) => {
  const tree = new ShapeTree();
  for (let i = 0; i < 100 * MANY_BRANCHES; i++) walk(tree, [unlike()]);
  t.true(tree.size <= 2 * MANY_BRANCHES, `${tree.size}`);
});

test('the same where they follow a key that all have', (t) => {
  const tree = new ShapeTree();
  for (let i = 0; i < 100 * MANY_BRANCHES; i++) walk(tree, ['type', unlike()]);
  t.true(tree.size <= 2 * MANY_BRANCHES, `${tree.size}`);
});

test('a list that comes again is known, whatever comes in between', (t) => {
  const tree = new ShapeTree();
  for (let i = 0; i < 10 * MANY_BRANCHES; i++) walk(tree, [unlike(), 'more']);
  const lists = Array.from({ length: 100 }, () => [unlike(), unlike(), unlike()]);
  const known = () => lists.map((list) => {
    walk(tree, [unlike()]);
    return walk(tree, list);
  });
  known();
  const shapes = known();
  const times = lists.filter((_, i) => shapes[i] !== null && walk(tree, lists[i]) === shapes[i]).length;
  t.true(times > 90, `${times}`); // two of one hash may take turns in one place
});

test('what comes again is a record, what does not is a dictionary', (t) => {
  for (let i = 0; i < 10 * MANY_BRANCHES; i++) encode({ [unlike()]: i });
  const key = unlike();
  const tags = Array.from({ length: 4 }, (_, i) => {
    for (let other = 0; other < RARE_SHAPE / 2; other++) t.is(tagOf({ [unlike()]: other }), OBJECT.DICTIONARY);
    return tagOf({ [key]: i, [`${key}!`]: i });
  });
  t.deepEqual(tags, [OBJECT.DICTIONARY, OBJECT.DICTIONARY, OBJECT.RECORD_NEW, OBJECT.RECORD_NEW]);
});

test('a getter that deletes what follows, in an object of keys that are not known', (t) => {
  for (let i = 0; i < 10 * MANY_BRANCHES; i++) encode({ [unlike()]: i });
  for (const prototype of [Object.prototype, class {}.prototype]) {
    const [first, second, third] = [unlike(), unlike(), unlike()];
    const make = () => Object.create(prototype, {
      [first]: { get() { delete this[second]; return 1; }, enumerable: true },
      [second]: { value: 2, enumerable: true, configurable: true },
      [third]: { value: 3, enumerable: true },
    });
    t.is(difference(roundTrip(make()), structuredClone(make())), undefined);
  }
});

test('keys of one hash are taken for each other, and forgotten as others are', (t) => {
  const keys = new RecentKeys();
  const end = 'the end of a key, which is long enough';
  t.deepEqual([keys.isNew(`a${end}`), keys.isNew(`b${end}`), keys.isNew('')], [true, false, true]);
  t.deepEqual([keys.isNew(''), keys.isNew(`a${end}`)], [false, false]);
  for (let i = 0; i < 20 * RECENT_KEYS; i++) keys.isNew(unlike());
  t.deepEqual([keys.isNew(''), keys.isNew(`a${end}`)], [true, true]);
});
