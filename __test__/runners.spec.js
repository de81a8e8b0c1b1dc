// Jest and vitest run a suite that uses us, in each of their pools, and end by themselves.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify, stripVTControlCharacters } = require('node:util');
const test = require('ava');

const run = promisify(execFile);
const root = path.join(__dirname, '..');

/** How a runner is called, and whether its suites run in threads. */
const RUNNERS = {
  'Jest': ['jest/bin/jest.js', ['--rootDir', root, '--testRegex', 'runners/jest.suite.js$', '--watchman=false'], false],
  // The limit has it make workers for a single suite, too.
  'Jest with --workerThreads': ['jest/bin/jest.js', ['--rootDir', root, '--testRegex', 'runners/jest.suite.js$', '--watchman=false', '--workerThreads', '--workerIdleMemoryLimit=1GB', '--maxWorkers=2'], true],
  ...Object.fromEntries(['forks', 'threads', 'vmForks', 'vmThreads'].map((pool) => [
    `vitest in ${pool}`, ['vitest/vitest.mjs', ['run', '--root', path.join(__dirname, 'runners'), '--pool', pool], /threads/i.test(pool)],
  ])),
};

for (const [title, [file, args, inThreads]] of Object.entries(RUNNERS)) {
  test.serial(`${title} runs a suite that uses us, and ends`, async (t) => {
    const env = { ...process.env, SUITE_IN_THREADS: String(inThreads) };
    for (const name of ['NODE_ENV', 'FORCE_COLOR', 'AVA_PATH']) delete env[name];
    const program = path.join(root, 'node_modules', file);
    const { stdout, stderr } = await run(process.execPath, [program, ...args], { cwd: root, env, timeout: 40_000, killSignal: 'SIGKILL' });
    const said = stripVTControlCharacters(stdout + stderr); // in CI it is in colours
    t.regex(said, /Tests: +\d+ passed, \d+ total|Tests +\d+ passed \(\d+\)/);
    t.notRegex(said, /did not exit|open handle|close timed out|failed/i);
  });
}
