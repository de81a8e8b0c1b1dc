// Another build of this package: of any commit, in a folder of its own below the system's for temporary files.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { UsageError } = require('./options.js');

const root = path.join(__dirname, '..', '..');

/** @param {string[]} args */
function git(...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return { fine: status === 0, text: (status === 0 ? stdout : stderr ?? '').trim() };
}

/** A folder that only we write to, as what is in it will be run. */
function ownFolder() {
  const folder = path.join(os.tmpdir(), `message-channel-main-bench-${os.userInfo().uid}`);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = fs.lstatSync(folder);
  if (uid !== os.userInfo().uid || (mode & 0o022) !== 0) throw new UsageError(`${folder} can be written to by others: remove it`);
  return folder;
}

/** Where the package is, built as of that commit; the second time there is little to do. @param {string} ref */
function buildOf(ref) {
  const { fine, text: commit } = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  if (!fine) throw new UsageError(`There is no commit '${ref}' here`);
  const own = ownFolder();
  const folder = path.join(own, commit);
  if (!fs.existsSync(folder)) {
    git('worktree', 'prune');
    const added = git('worktree', 'add', '--detach', folder, commit);
    if (!added.fine) throw new Error(`git cannot check out ${ref}: ${added.text}`);
  }
  if (!fs.readdirSync(folder).some((name) => name.endsWith('.node'))) {
    const env = { ...process.env, CARGO_TARGET_DIR: path.join(own, 'target') };
    const { status } = spawnSync(process.execPath, ['scripts/build.js'], { cwd: folder, env, stdio: 'inherit' });
    if (status !== 0) throw new Error(`${ref} cannot be built`);
  }
  return folder;
}

module.exports = { buildOf };
