// Plays the placements within one process on the addon that other systems than Linux have: here it is built as if this were one.
// `npm run test:threads`
'use strict';

const { buildAddon, play } = require('./special-addon.js');

/** What is about ports, and not about processes or descriptors; of those, what needs no child. */
const SPECS = [
  'native/threads-only', 'port/battery', 'port/close', 'port/delivery', 'port/order', 'port/receive', 'port/transfer', 'transfer/signal', 'transfer/tour',
];
const WITHOUT_CHILDREN = ['--match=!*child*', '--match=!*process*', '--match=!*every kind of place*', '--match=!a long tour*'];

/** Not where the addon is that of the platform already. */
const file = process.platform === 'linux' ? buildAddon('stub', '--cfg unsupported_platform -D warnings') : undefined;
play(file, { TEST_PLACES: 'threads' }, SPECS, WITHOUT_CHILDREN);
