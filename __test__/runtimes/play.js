// Plays one spec file in whatever runtime runs this, and prints a line of JSON for each test: its title, and why it failed.
const path = require('node:path');
const { collect } = require('./ava.js');

const { placements = [], missing = [] } = JSON.parse(process.env.PLAY ?? '{}');
delete process.env.PLAY; // no child of the tests is to know
const file = path.resolve(process.argv[2]);
const { test, play } = collect(file);

const id = require.resolve('ava');
require.cache[id] = /** @type {any} */ ({ id, filename: id, loaded: true, exports: test, children: [], paths: [] });

/** A scenario is played in the placements that are named, or in all. @param {string} title */
function isChosen(title) {
  const [, placement] = /\((\w[\w ]* \| \w[\w ]*)\)$/.exec(title) ?? [];
  if (missing.some((/** @type {string} */ begin) => title.startsWith(begin))) return false;
  return placements.length === 0 || placement === undefined || placements.includes(placement);
}

const tell = (/** @type {object} */ line) => process.stdout.write(`\n@@${JSON.stringify(line)}\n`);

process.on('uncaughtException', (error) => tell({ title: 'nothing is thrown beside', error: String(error?.stack ?? error) }));
process.on('unhandledRejection', (error) => tell({ title: 'nothing is rejected beside', error: String(/** @type {any} */ (error)?.stack ?? error) }));

// Now it has what it tells with, and no test is said to have left that behind.
process.stderr.write('\n');
tell({ title: 'it begins' });

require(file);
play(({ title, error }) => tell({ title, error: error && String(error.stack ?? error) }), isChosen)
  .then(() => tell({ title: 'all were played' }))
  .finally(() => process.exit());
