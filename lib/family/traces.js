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
 * The file by which a child of ours begins: a bundle has none, and finds its parent when it loads us.
 * @param {string} name  of a file in lib
 */
function preloadOf(name) {
  return fileOf(path.join(isUpToDate() ? GATHERED : 'lib', name));
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
