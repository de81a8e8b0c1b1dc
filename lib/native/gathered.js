// The modules of this package as scripts/gather.js puts them into one file for each way to begin: whether those are still what
// they were made of, and a program's way in. One file is read then, with its compiled form, in place of a hundred.
'use strict';

const { readFileSync, realpathSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { FOREIGN } = require('./runtime.js');

/** This file, where it is one. */
const HERE = path.join('lib', 'native', 'gathered.js');

/** Where the package is; the real path, which is what files of it see as their `__filename`. Empty in a bundle, which has no files of ours. */
const ROOT = typeof __filename === 'undefined' || !__filename.endsWith(HERE) ? '' : realpathSync(__filename.slice(0, -HERE.length));

/** The folder in it. */
const GATHERED = 'gathered';

/** @param {string} name */
const inGathered = (name) => path.join(ROOT, GATHERED, name);

/** What is in there besides: of which files it was made, with a digest of what stood in them; and what was known of these when they were last read. */
const MADE_OF = 'made-of.json';
const SEEN = 'seen.json';

/** What each entry brings that a child may not have loaded at its start. @type {Record<string, string>} */
const ENTRIES = { 'index.js': 'lib/ipc/index.js', 'worker_threads.js': 'lib/workers/index.js' };

/** @param {string[]} files */
function digestOf(files) {
  const digest = require('node:crypto').createHash('sha256');
  for (const file of files) digest.update(`${file}\0`).update(readFileSync(path.join(ROOT, file)));
  return digest.digest('hex');
}

/**
 * Size and time of each file. An installer writes them in any order, and gives them the time of that or of none: so they are compared
 * with what they were when their content was, and not with the time of what was made of them.
 * @param {string[]} files
 */
const looksOf = (files) => JSON.stringify(files.map((file) => {
  const { size, mtimeMs } = statSync(`${ROOT}/${file}`);
  return [size, mtimeMs];
}));

/** What the files looked like whose content was known; undefined if nobody has noted that. */
function lastSeen() {
  try {
    return readFileSync(inGathered(SEEN), 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} looks  for those who ask later; where that cannot be noted, everybody reads the files */
function note(looks) {
  try {
    writeFileSync(inGathered(SEEN), looks);
  } catch {
    // It is not ours to write, and nothing is lost.
  }
}

function compare() {
  try {
    const { files, digest } = JSON.parse(readFileSync(inGathered(MADE_OF), 'utf8'));
    const looks = looksOf(files);
    if (lastSeen() === looks) return true;
    if (digestOf(files) !== digest) return false;
    note(looks);
    return true;
  } catch {
    return false; // there is none, or this program may not look
  }
}

/**
 * Whether this very module came out of a gathered file, whose `require` has no more than modules of ours use. An entry loads it as
 * a file; so this is a child that has begun by one, and its parent has compared.
 */
const isBegun = () => require.cache === undefined;

/** @type {boolean | undefined} */
let upToDate;

/** Whether no file has changed since they were gathered. Their compiled form is Node's, and their names are those of a file system with slashes. */
const isUpToDate = () => (upToDate ??= !FOREIGN && ROOT !== '' && path.sep === '/' && (isBegun() || compare()));

/**
 * Loads what an entry of this package is about to ask for, unless it is there already, as in a child that has begun with it. A module
 * that Node's own `require` does not know belongs to a bundle or to a test runner, and one that it knows by another name to
 * --preserve-symlinks: what these ask for is another module.
 * @param {any} module  the entry
 * @param {string} name  its own, or of the one that brings the same
 */
function enter(module, name) {
  const Module = module?.constructor;
  const cache = Module?._cache;
  if (cache?.[module.filename] !== module || path.dirname(module.filename) !== ROOT) return;
  if (cache[path.join(ROOT, ENTRIES[name])] === undefined && isUpToDate()) Module._load(inGathered(name), module);
}

module.exports = { ROOT, GATHERED, MADE_OF, SEEN, ENTRIES, digestOf, looksOf, isUpToDate, enter };
