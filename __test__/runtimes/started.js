// Starts the other runtimes: their executables, and one of them with a spec file.
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { bring } = require('../../scripts/bring.js');

const root = path.join(__dirname, '..', '..');

/** The executable, brought by npm. */
function executableOf({ folder, name, version, file }) {
  const executable = bring(folder, name(process.arch), version, file);
  fs.chmodSync(executable, 0o755); // which the package leaves to its script
  return executable;
}

/** Runs a program, with so many descriptors at most, and answers with how it ended. */
function run(runtime, args, { env = {}, cwd = root, descriptors = 0 } = {}) {
  const command = [executableOf(runtime), ...runtime.args, ...args];
  if (descriptors > 0) command.unshift('sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`);
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, timeout: 240_000, killSignal: /** @type {const} */ ('SIGKILL'), maxBuffer: 1 << 24 };
    const child = execFile(command[0], command.slice(1), options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

/**
 * Plays a spec file.
 * @param {string[]} placements  none: all
 * @returns {Promise<{ code: number | null, signal: string | null, stderr: string, told: { title: string, error?: string }[] }>}
 */
async function play(runtime, spec, placements) {
  const missing = [...runtime.specs[spec], ...(runtime.everywhere ?? [])];
  const { stdout, ...ended } = await run(runtime, [path.join(__dirname, 'play.js'), path.join(root, '__test__', `${spec}.spec.js`)], {
    env: { PLAY: JSON.stringify({ placements, missing }) },
  });
  const told = stdout.split('\n').filter((line) => line.startsWith('@@')).map((line) => JSON.parse(line.slice(2)));
  return { ...ended, told };
}

module.exports = { play, run };
