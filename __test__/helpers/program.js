// Runs a small program of its own, given as text, the way a user would run it, and returns how it ended.
const { execFile } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '..', '..');

/**
 * @param {string} source has the package's names in scope
 * @param {{ node?: string[], env?: NodeJS.ProcessEnv, timeout?: number }} [options] node: Node's own arguments; env: added to ours
 * @returns {Promise<{ code: number | null, signal: string | null, stdout: string, stderr: string }>}
 */
function program(source, { node = [], env = {}, timeout = 15_000 } = {}) {
  const names = 'MessageChannelMain, Worker, parentPort, workerData, utilityProcess';
  const script = `const { ${names} } = require('./index.js');\n${source}`;
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...env }, timeout, killSignal: /** @type {const} */ ('SIGKILL') };
    const child = execFile(process.execPath, [...node, '-e', script], options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
    });
  });
}

/** Asserts that a program printed just these lines and ended well, or, with `killed`, by SIGKILL as it meant to. */
async function prints(t, source, lines, { killed = false, ...options } = {}) {
  const { code, signal, stdout, stderr } = await program(source, options);
  const end = killed ? { code: null, signal: 'SIGKILL' } : { code: 0, signal: null };
  t.deepEqual({ code, signal, stderr, lines: stdout.split('\n').slice(0, -1) }, { ...end, stderr: '', lines });
}

module.exports = { program, prints };
