// Scenarios: a test written once, as two halves joined by a channel, and played in every placement of the two.
//
//   scenario('numbers arrive in order', {
//     left({ port }) { … },                  // each half gets one end of a channel, `port`, and one of a
//     async right({ port }) { … },           // second, `road`, to agree with the other or to ship ports over
//     check(t, left, right) { … },           // optional: looks at what the halves returned
//   });
//
// A half runs where it is put, so it sees nothing of the test but what its file defines. It asserts with
// node:assert; the test ends when both halves have, and a place that does not then exit by itself fails it.
// With `dies: ['right', way]` that half calls `end(way)`, and is played only where it can end in this way;
// with `apart` the two are not played in one thread.
const { fileURLToPath } = require('node:url');
const { halves, isCollecting } = require('./halves.js');
const { test } = require('./test.js');

const play = test.macro({
  title: (_, title, [left, right]) => `${title} (${left} | ${right})`,
  async exec(t, title, [leftKind, rightKind]) {
    t.timeout(50_000); // to find what hangs; a machine with much else to do takes ten times as long as one without
    const { MessageChannelMain } = require('../../index.js');
    const { places } = require('./places.js');
    const { dies, check } = halves.get(title);
    const spec = fileURLToPath(test.meta.file);

    const left = places[leftKind]();
    const right = places[rightKind]();
    t.teardown(() => { left.kill(); right.kill(); });

    const data = new MessageChannelMain();
    const road = new MessageChannelMain();
    const [leftEnd, rightEnd] = await Promise.all([
      left.play({ spec, title, half: 'left', port: data.port1, road: road.port1 }),
      right.play({ spec, title, half: 'right', port: data.port2, road: road.port2 }),
    ]);
    t.is(Boolean(leftEnd.died), dies?.[0] === 'left', 'the left place dies when it should, and only then');
    t.is(Boolean(rightEnd.died), dies?.[0] === 'right', 'the right place dies when it should, and only then');
    check?.(t, leftEnd.value, rightEnd.value);

    left.dismiss();
    right.dismiss();
    const exits = await Promise.all([left.gone, right.gone]);
    if (!dies) t.deepEqual(exits.map(([code]) => code), [0, 0], 'both places exit by themselves');
  },
});

/**
 * @param {string} title
 * @param {{ left: Function, right: Function, check?: Function, dies?: ['left' | 'right', string], apart?: boolean }} parts
 */
function scenario(title, parts) {
  if (halves.has(title)) throw new Error(`Two scenarios are called '${title}'`);
  halves.set(title, parts);
  if (isCollecting()) return;
  const { placements } = require('./places.js');
  for (const placement of placements) {
    if (fits(placement, parts)) test.serial(play, title, placement);
  }
}

function fits([left, right], { dies, apart }) {
  if (apart && left === 'here' && right === 'here') return false;
  if (!dies) return true;
  const [half, way] = dies;
  return require('./ending.js').mortal[way].includes(half === 'left' ? left : right);
}

module.exports = { test, scenario };
