// What a worker or child finds of us when it starts, until it has taken it.
'use strict';

const path = require('node:path');
const { ROOT, GATHERED, isUpToDate } = require('../native');

const { process } = globalThis;

/** Under this name the environment data of a worker hold its end of the link; see worker-link.js. */
const OFFER = 'message-channel-main';

/** Names the descriptors of the links in the environment of a child. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/**
 * A file of this package, for another thread or process to load.
 * @param {string} name
 */
const fileOf = (name) => (ROOT === '' ? null : path.join(ROOT, name));

/**
 * Where packages are found by Yarn's Plug'n'Play, and not in folders, what finds them comes before what is ours: that may stand in
 * an archive, and its addon in another package.
 */
function plugAndPlay() {
  if (process.versions.pnp === undefined || ROOT === '') return [];
  try {
    const { createRequire } = require('node:module'); // which takes a while to load
    return ['--require', createRequire(path.join(ROOT, 'index.js')).resolve('pnpapi')];
  } catch {
    return []; // it does not know of us
  }
}

const BEFORE = plugAndPlay();

/**
 * The arguments by which a child of ours begins: a bundle has no file for them, and finds its parent when it loads us.
 * @param {string} name  of a file in lib
 * @returns {string[]}
 */
function preloadOf(name) {
  const file = fileOf(path.join(isUpToDate() ? GATHERED : 'lib', name));
  return file === null ? [] : [...BEFORE, '--require', file];
}

/** As Node reads NODE_OPTIONS. @param {string} argument */
const quoted = (argument) => `"${argument.replace(/["\\]/g, '\\$&')}"`;

/**
 * Takes our preload out of the lists that a program may read: process.execArgv, which its threads inherit, and
 * process._preload_modules. Of the latter a copy is made: Node is just walking through the original.
 * @param {string} name  of a file in lib
 */
function hidePreload(name) {
  const isIt = (/** @type {string} */ argument) => argument.endsWith(name) && [GATHERED, 'lib'].some((folder) => argument === path.join(ROOT, folder, name));
  const loaded = Reflect.get(process, '_preload_modules');
  if (Array.isArray(loaded)) Object.defineProperty(process, '_preload_modules', { value: loaded.filter((file) => !isIt(file)) });
  const at = process.execArgv.findIndex(isIt);
  if (at <= 0) return;
  process.execArgv.splice(at - 1, 2);
  const first = at - 1 - BEFORE.length;
  if (first >= 0 && BEFORE.every((argument, index) => argument === process.execArgv[first + index])) process.execArgv.splice(first, BEFORE.length);
}

/** To Node an underscore in the name of an option is a hyphen. @param {string} argument */
const hyphened = (argument) => argument.replace(/^--[^=]+/, (name) => name.replaceAll('_', '-'));

module.exports = { OFFER, LINK_VARIABLE, fileOf, preloadOf, hyphened, quoted, hidePreload };
