// Runs ava and closes with the one line 'N passed, N failed'. (Its TAP reporter would count by itself, and dies of a
// test that times out.)
'use strict';

const { spawn } = require('node:child_process');
const path = require('node:path');
const readline = require('node:readline');
const { stripVTControlCharacters } = require('node:util');

const root = path.join(__dirname, '..');
const ava = path.join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');

let passed = 0;
let failed = 0;
let summary = 0;

/**
 * Counts what ava says of each test, and what its closing summary adds: trouble that belongs to no finished test, and,
 * only when all have passed, how many they were.
 * @param {string} line
 */
function count(line) {
  if (/^ {2}[✔√] /.test(line)) passed += 1;
  if (/^ {2}[✘×] \[(fail|unexpected pass)\]/.test(line)) failed += 1;
  failed += Number(/^ {2}(\d+) (?:tests? remained pending|uncaught exception|unhandled rejection)/.exec(line)?.[1] ?? 0);
  summary = Number(/^ {2}(\d+) tests? passed$/.exec(line)?.[1] ?? summary);
}

const child = spawn(process.execPath, [ava, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
readline.createInterface({ input: child.stdout }).on('line', (line) => {
  count(stripVTControlCharacters(line));
  console.log(line);
});

child.on('close', (code) => {
  if (code === 0 && summary !== passed) {
    console.error(`ava speaks of ${summary} tests and ${passed} were counted`);
    code = 1;
  }
  // A process that crashes fails the run without a test of its own.
  if (code !== 0 && failed === 0) failed = 1;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
