// Two rounds of the kill matrix; `npm run test:kill` plays two hundred.
const test = require('ava');
const { matrix } = require('./kill.js');

for (const kind of ['child', 'worker']) {
  test.serial(`whatever becomes of a ${kind}, its peers get what was sent whole, then one 'close'`, async (t) => {
    t.timeout(120_000);
    const lines = await matrix(2, (name) => name.startsWith(kind));
    t.true(lines.length > 20);
  });
}
