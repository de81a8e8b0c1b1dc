// Runs ava and closes with the one line 'N passed, N failed', come what may. (Its TAP reporter would count by itself, and dies
// of a test that times out.)
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { stripVTControlCharacters } = require('node:util');

const root = path.join(__dirname, '..');
const ava = path.join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');

/** Nothing is silent for so long: no test may take longer. ava's own limit is lost where it falls due while a test has asked for more. */
const SILENCE_MS = 300_000;

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

/** What is in a file of /proc, or nothing: the process may be gone. @param {string} name */
function told(name) {
  try {
    return fs.readFileSync(path.join('/proc', name), 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** @param {number} pid  of a process that may be gone */
function threadsOf(pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** The processes that a process has started, and where each of their threads is. @param {number} pid @returns {number[]} */
function tell(pid) {
  const children = told(`${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  for (const child of children) {
    console.error(`${child}, by ${pid}: ${told(`${child}/cmdline`)}`);
    for (const thread of threadsOf(child)) {
      const [name, wait, call] = ['comm', 'wchan', 'syscall'].map((file) => told(`${child}/task/${thread}/${file}`));
      console.error(`  ${thread} ${name}: ${wait}, ${call}`);
    }
    tell(child);
  }
  return children;
}

/** Ends what hangs, so that the run ends: first the spec files' processes, then ava. */
function endSilence() {
  failed += 1;
  console.error(`no test has ended for ${SILENCE_MS / 1000} s; these processes are left:`);
  const left = tell(child.pid ?? 0);
  if (left.length === 0) child.kill('SIGKILL');
  for (const pid of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  silence.refresh();
}

const child = spawn(process.execPath, [ava, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
readline.createInterface({ input: child.stdout }).on('line', (line) => {
  silence.refresh();
  count(stripVTControlCharacters(line));
  console.log(line);
});

const silence = setTimeout(endSilence, SILENCE_MS);

child.on('close', (code) => {
  clearTimeout(silence);
  if (code === 0 && summary !== passed) {
    console.error(`ava speaks of ${summary} tests and ${passed} were counted`);
    code = 1;
  }
  // A process that crashes fails the run without a test of its own.
  if (code !== 0 && failed === 0) failed = 1;
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
});
