// Brings the other supported majors of Node.js and runs the JavaScript tests on each: `npm run test:nodes [-- files]`.
'use strict';

const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { bring } = require('./bring.js');

const root = path.join(__dirname, '..');

/** One of each major. */
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

/** @param {string} version */
const majorOf = (version) => Number(version.split('.')[0]);

/** What the npm package `node` brings by a script of its own, without that script. */
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/** What does not play in the Node that runs it, but in Bun and Deno, or in TypeScript's compilers: once is enough. */
const NOT_OF_NODE = ['__test__/runtimes.spec.js', '__test__/types/versions.spec.js'];

/** All tests, as ava is told. */
const OF_NODE = ['__test__/**/*.spec.js', ...NOT_OF_NODE.map((file) => `!${file}`)];

/** @param {string} node @param {string[]} files */
function test(node, files) {
  const start = Date.now();
  const script = path.join(root, 'scripts', 'test-js.js');
  const { status } = spawnSync(node, [script, ...files], { cwd: root, stdio: 'inherit' });
  console.log(`${node.match(/[\d.]+(?=\/node_modules)/)}: ${((Date.now() - start) / 60_000).toFixed(1)} minutes`);
  return status === 0;
}

const others = VERSIONS.filter((version) => majorOf(version) !== majorOf(process.versions.node)).map((version) => bring('nodes', packageName, version, 'bin/node'));

const files = process.argv.slice(2);

if (files[0] === '--list') console.log(others.join(':'));
else if (!others.map((node) => test(node, files.length > 0 ? files : OF_NODE)).every(Boolean)) process.exitCode = 1;
