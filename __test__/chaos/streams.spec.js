// Two rounds of the chaos of streams; `node __test__/chaos/streams.js` plays fifty.
const test = require('ava');
const { streams } = require('./streams.js');

test('whoever is killed while streams are passed on and on, each that is left has both of its ends', async (t) => {
  t.timeout(120_000);
  t.true(await streams(2, 1) > 0);
});
