// Jest's part: the suite, and the same after its modules were reset.
/* global jest, test, expect */
const { SUITE } = require('./ports.js');

const load = () => require('../..');
const before = load();

for (const [title, holds] of Object.entries(SUITE)) {
  test(title, async () => expect(await holds(load)).toBe(true));
  test(`${title}, after resetModules`, async () => {
    jest.resetModules();
    expect(load().MessagePortMain).toBe(before.MessagePortMain);
    expect(await holds(load)).toBe(true);
  });
}
