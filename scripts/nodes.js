// Brings the other supported majors of Node.js and runs the JavaScript tests on each: `npm run test:nodes [-- files]`.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');

/** One of each major, pinned: a release of theirs must not break a commit of ours. */
const VERSIONS = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];

/** @param {string} version */
const majorOf = (version) => Number(version.split('.')[0]);

/** What the npm package `node` brings by a script of its own, without that script. */
const packageName = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

/**
 * @param {string} version
 * @returns {string} the path of the executable
 */
function bring(version) {
  const folder = path.join(root, '.tmp', 'nodes', version);
  const node = path.join(folder, 'node_modules', packageName, 'bin', 'node');
  if (fs.existsSync(node)) return node;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{}');
  const install = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', `${packageName}@${version}`];
  const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm could not install ${packageName}@${version}`);
  return node;
}

/** @param {string} node @param {string[]} files */
function test(node, files) {
  const start = Date.now();
  const script = path.join(root, 'scripts', 'test-js.js');
  const { status } = spawnSync(node, [script, ...files], { cwd: root, stdio: 'inherit' });
  console.log(`${node.match(/[\d.]+(?=\/node_modules)/)}: ${((Date.now() - start) / 60_000).toFixed(1)} minutes`);
  return status === 0;
}

const others = VERSIONS.filter((version) => majorOf(version) !== majorOf(process.versions.node)).map(bring);

if (process.argv[2] === '--list') console.log(others.join(':'));
else if (!others.map((node) => test(node, process.argv.slice(2))).every(Boolean)) process.exitCode = 1;
