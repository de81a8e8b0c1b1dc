// Who is compared: by name, between what, what it takes, and how much slower it may be.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const folder = path.join(__dirname, '..', '..');

/**
 * @typedef {object} Entry
 * @property {import('../talk.js').Between[]} between
 * @property {string} file  beside this one
 * @property {string} about
 * @property {string} [needs]  a package of benchmark/package.json
 * @property {string} [runtime]  the command of a package, in place of Node
 * @property {string[]} [options]  of the runtime
 * @property {Record<string, string>} [env]
 * @property {string[]} [works]  the workloads that it takes part in; without it in all
 * @property {number} [slow]  is given that many times fewer messages
 */

/** @type {Record<string, Entry>} */
const entries = {
  ours: { between: ['threads', 'processes'], file: 'ours', about: 'this package: `Worker` between threads, `utilityProcess` between processes' },
  'node-port': { between: ['threads'], file: 'node-port', about: "Node's own `MessagePort` to a worker thread" },
  bun: { between: ['threads'], file: 'web-port', needs: 'bun', runtime: 'bun', about: "Bun's `Worker` and `MessageChannel`" },
  deno: { between: ['threads'], file: 'web-port', needs: 'deno', runtime: 'deno', options: ['run', '-A', '--v8-flags=--expose-gc'], about: "Deno's `Worker` and `MessageChannel`" },
  'fork-json': { between: ['processes'], file: 'fork', slow: 4, about: "`child_process.fork`, its default; bytes as base64, and dates arrive as texts" },
  'fork-advanced': { between: ['processes'], file: 'fork', slow: 4, about: "`child_process.fork` with `serialization: 'advanced'`" },
  socket: { between: ['processes'], file: 'socket', about: 'a unix socket of `node:net` with `node:v8` and length prefixes, one `writev` a tick' },
  zeromq: { between: ['processes'], file: 'zeromq', needs: 'zeromq', slow: 4, about: 'a pair of `zeromq` over `ipc://`, with `node:v8`' },
  'node-ipc': { between: ['processes'], file: 'node-ipc', needs: 'node-ipc', slow: 20, about: '`node-ipc` 9.2.1 over a unix socket: JSON; bytes as base64, and dates arrive as texts' },
  'ours-low-latency': { between: ['threads', 'processes'], file: 'ours', env: { MESSAGE_PORTS_LOW_LATENCY: '1' }, works: ['W2'], about: 'the same in low-latency mode, in W2 only' },
};

/** The code of a contender. @param {string} name @returns {import('../talk.js').Contender} */
function contender(name) {
  return require(`./${entries[name].file}.js`);
}

/** Where a package of benchmark/package.json is. @param {string} name */
const packageFolder = (name) => path.join(folder, 'node_modules', name);

/** A package of benchmark/package.json; not typed, as it may not be there. @param {string} name @returns {any} */
const load = (name) => require(packageFolder(name));

/** Why a contender cannot take part here, if so. @param {Entry} entry */
function missing({ needs, runtime }) {
  if (needs === undefined) return null;
  const file = runtime === undefined ? packageFolder(needs) : command(runtime);
  return fs.existsSync(file) ? null : `'${needs}' is not installed (npm install --prefix benchmark)`;
}

/** Of the package that a contender needs, if it is there. @param {Entry} entry @returns {string | undefined} */
function version(entry) {
  return entry.needs === undefined || missing(entry) !== null ? undefined : load(`${entry.needs}/package.json`).version;
}

/** @param {string} runtime */
const command = (runtime) => path.join(folder, 'node_modules', '.bin', runtime);

/** How a script is run for a contender: the command and its first arguments. @param {Entry} entry @returns {string[]} */
function launch({ runtime, options = [] }) {
  return [runtime === undefined ? process.execPath : command(runtime), ...options];
}

module.exports = { contender, entries, launch, load, missing, version };
