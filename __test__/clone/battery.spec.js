// Every value of the battery arrives as it was; Node's own structuredClone agrees, or the difference is listed.
'use strict';

const test = require('ava').default;
const { battery, refused } = require('./battery.js');
const { difference } = require('./same.js');
const { roundTrip } = require('./rig.js');

test('the battery is large enough and has no two entries of one name', (t) => {
  t.true(battery.length >= 250);
  t.is(new Set([...battery, ...refused].map(({ name }) => name)).size, battery.length + refused.length);
});

for (const { name, make, expect, node } of battery) {
  test(`carries: ${name}`, (t) => {
    // More than once: shapes are defined, remembered and compiled at different times.
    for (let i = 0; i < (name.includes('0000') ? 2 : 12); i++) t.is(difference(roundTrip(make()), expect()), undefined);
  });

  test(`structuredClone ${node === undefined ? 'agrees' : `differs (${node})`}: ${name}`, (t) => {
    t.is(outcomeOfNode(make, expect) === undefined, node === undefined, outcomeOfNode(make, expect));
  });
}

/**
 * @param {() => unknown} make
 * @param {() => unknown} expect
 */
function outcomeOfNode(make, expect) {
  try {
    return difference(structuredClone(make()), expect());
  } catch (error) {
    return String(error);
  }
}

for (const { name, make, culprit, node } of refused) {
  test(`refuses: ${name}`, (t) => {
    for (const [wrap, path] of /** @type {[(value: any) => any, string][]} */ ([
      [(value) => value, 'message'],
      [(value) => ({ a: [1, { value }] }), 'message.a[1].value'],
      [(value) => new Map([['k', [value]]]), 'message.get("k")[0]'],
    ])) {
      const error = t.throws(() => roundTrip(wrap(make())), { any: true, instanceOf: DOMException, name: 'DataCloneError', code: 25 });
      t.true(error.message.startsWith('An object could not be cloned: '), error.message);
      t.true(error.message.startsWith(`An object could not be cloned: ${culprit} at ${path}`), error.message);
    }
  });

  test(`structuredClone ${node === undefined ? 'refuses too' : `accepts (${node})`}: ${name}`, (t) => {
    if (node === undefined) t.throws(() => structuredClone(make()), { any: true });
    else t.notThrows(() => structuredClone(make()));
  });
}
