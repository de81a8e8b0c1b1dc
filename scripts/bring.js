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
  fs.mkdirSync(prefix, { recursive: true });
  fs.writeFileSync(path.join(prefix, 'package.json'), '{}');
  const install = ['install', '--prefix', prefix, '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
  const { status } = spawnSync('npm', install, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm could not install ${name}@${version}`);
  return executable;
}

module.exports = { bring };
