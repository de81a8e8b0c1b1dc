// Brings the other supported majors of Node.js and runs the JavaScript tests on each: `npm run test:nodes [-- files]`.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');
const { stripVTControlCharacters } = require('node:util');
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

/**
 * Runs the tests on a Node.js. Of a run that fails this is ava's report of its failures, which it prints last.
 * @param {string} node @param {string[]} files @returns {Promise<string[]>}
 */
async function test(node, files) {
  const start = Date.now();
  const script = path.join(root, 'scripts', 'test-js.js');
  const child = spawn(node, [script, ...files], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  /** @type {string[]} */
  const report = [];
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (report.length > 0 || stripVTControlCharacters(line) === '  ─') report.push(line);
    console.log(line);
  }
  const [code] = await closed;
  const ran = `${node.match(/[\d.]+(?=\/node_modules)/)}: ${((Date.now() - start) / 60_000).toFixed(1)} minutes`;
  console.log(ran);
  return code === 0 ? [] : [ran, ...report];
}

/** One Node.js after the other; where one has failed its report is the end of all output, which is what people see of it first. */
async function testAll() {
  const reports = [];
  for (const node of others) reports.push(...(await test(node, files.length > 0 ? files : OF_NODE)));
  for (const line of reports) console.log(line);
  if (reports.length > 0) process.exitCode = 1;
}

const others = VERSIONS.filter((version) => majorOf(version) !== majorOf(process.versions.node)).map((version) => bring('nodes', packageName, version, 'bin/node'));

const files = process.argv.slice(2);

if (files[0] === '--list') console.log(others.join(':'));
else void testAll();
