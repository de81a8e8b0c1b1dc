// What a worker or child finds of us when it starts, until it has taken it.
'use strict';

const { readFileSync, readdirSync, realpathSync, statSync } = require('node:fs');
const path = require('node:path');
const { FOREIGN } = require('../native');

const { process } = globalThis;

/** Under this name the environment data of a worker hold its end of the link; see worker-link.js. */
const OFFER = 'message-channel-main';

/** Names the descriptors of the links in the environment of a child. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/** This file, where it is one. */
const HERE = path.join('lib', 'family', 'traces.js');

/** Where the package is; the real path, which is what files of it see as their `__filename`. Empty in a bundle, which has no files of ours. */
const ROOT = typeof __filename === 'undefined' || !__filename.endsWith(HERE) ? '' : realpathSync(__filename.slice(0, -HERE.length));

/**
 * A file of this package, for another thread or process to load.
 * @param {string} name
 */
const fileOf = (name) => (ROOT === '' ? null : path.join(ROOT, name));

/** What a child's preload and all that it loads stand in, one behind the other: see scripts/gather.js. */
const GATHERED = 'gathered';

/** What is noted there: how many bytes it was made of. */
const NOTE = 'made-of.json';

/** @param {{ size: number }[]} files */
const sizeOf = (files) => files.reduce((sum, { size }) => sum + size, 0);

/** Whether no file has changed since they were gathered. The times are all the same where a package was installed. */
function isUpToDate() {
  try {
    const note = path.join(ROOT, GATHERED, NOTE);
    const { bytes } = JSON.parse(readFileSync(note, 'utf8'));
    const made = statSync(note).mtimeMs;
    const lib = path.join(ROOT, 'lib');
    const files = readdirSync(lib, { recursive: true }).map((name) => statSync(path.join(lib, String(name)))).filter((stat) => stat.isFile());
    return sizeOf(files) === bytes && files.every(({ mtimeMs }) => mtimeMs <= made);
  } catch {
    return false; // there is none, or this program may not look
  }
}

/** @type {boolean | undefined} */
let upToDate;

/**
 * The file by which a child of ours begins: a bundle has none, and finds its parent when it loads us.
 * @param {string} name  of a file in lib
 */
function preloadOf(name) {
  if (ROOT === '') return null;
  upToDate ??= !FOREIGN && isUpToDate(); // its compiled form is Node's
  return fileOf(path.join(upToDate ? GATHERED : 'lib', name));
}

/**
 * A thread of a child inherits the preload.
 * @param {string} name  of a file in lib
 */
function hidePreload(name) {
  const at = process.execArgv.findIndex((argument) => argument.endsWith(name) && [GATHERED, 'lib'].some((folder) => argument === path.join(ROOT, folder, name)));
  if (at > 0) process.execArgv.splice(at - 1, 2);
}

module.exports = { OFFER, LINK_VARIABLE, fileOf, preloadOf, hidePreload };
