// What the codec compiles is bounded: where lists of keys change all the time, ever fewer of them get a function. The engine may keep each for long.
'use strict';

const test = require('ava').default;

/** Texts of functions that were compiled since. */
let compiled = 0;

const { Function } = globalThis;
globalThis.Function = new Proxy(Function, {
  construct(target, given) {
    compiled += 1;
    return Reflect.construct(target, given);
  },
});
const { LITERAL_AFTER, LITERALS, TABLE_KEYS } = require('../../lib/clone/limits.js');
const { encode, decodeAlone } = require('./rig.js');
globalThis.Function = Function;

/** @param {string} name */
const table = (name) => Object.fromEntries(Array.from({ length: TABLE_KEYS + 1 }, (_, i) => [`${name} ${i}`, i]));

/** @param {string} name @param {number} times  that a table of this list comes again */
function read(name, times) {
  const { body } = encode(table(name));
  compiled = 0;
  for (let i = 0; i <= times; i++) decodeAlone(body);
  return compiled;
}

test('a list of many keys gets a literal, the later the more have had one', (t) => {
  read('warm', 2 * LITERAL_AFTER); // what reads texts and numbers is compiled, too
  let literals = 1;
  for (let list = 0; list < 3 * LITERALS; list++) literals += read(`list ${list}`, LITERAL_AFTER);
  t.is(literals, LITERALS);
  t.is(read('one more', 2 * LITERAL_AFTER - 1), 0);
  t.is(read('often', 2 * LITERAL_AFTER + 10), 1);
  for (let list = 0; list < 3 * LITERALS; list++) literals += read(`next ${list}`, 2 * LITERAL_AFTER);
  t.is(literals + 1, 2 * LITERALS);
  t.is(read('for long', 4 * LITERAL_AFTER), 1);
});
