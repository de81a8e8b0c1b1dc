// Brings an executable that an npm package holds, into .tmp/, without any script of that package's.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} folder  below .tmp/
 * @param {string} name  of the package
 * @param {string} version  pinned: a release of theirs must not break a commit of ours
 * @param {string} file  the executable in it
 * @returns {string} its path
 */
function bring(folder, name, version, file) {
  const prefix = path.join(__dirname, '..', '.tmp', folder, version);
  const executable = path.join(prefix, 'node_modules', name, file);
  if (fs.existsSync(executable)) return executable;
  // All of it is there at once, or nothing: somebody else may be bringing the same, and who is interrupted leaves half of it.
  fs.mkdirSync(path.dirname(prefix), { recursive: true });
  const fresh = fs.mkdtempSync(`${prefix}-`);
  try {
    fs.writeFileSync(path.join(fresh, 'package.json'), '{}');
    const install = ['install', '--prefix', fresh, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
    const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`npm could not install ${name}@${version}`);
    fs.chmodSync(fresh, 0o755); // mkdtemp makes it ours alone, and tests run it as somebody else too
    put(fresh, prefix, executable);
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
  }
  return executable;
}

/** @param {string} fresh @param {string} prefix @param {string} executable */
function put(fresh, prefix, executable) {
  try {
    fs.renameSync(fresh, prefix);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOTEMPTY') throw error;
    if (fs.existsSync(executable)) return; // somebody else was first
    fs.rmSync(prefix, { recursive: true });
    fs.renameSync(fresh, prefix);
  }
}

module.exports = { bring };
