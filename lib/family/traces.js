// What a worker or child finds of us when it starts, until it has taken it.
'use strict';

const { realpathSync } = require('node:fs');
const path = require('node:path');

/** Under this name the environment data of a worker hold its end of the link; see worker-link.js. */
const OFFER = 'message-channel-main';

/** Names the descriptors of the links in the environment of a child. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/** This file, where it is one. */
const HERE = path.join('lib', 'family', 'traces.js');

/**
 * A file of this package, for another thread or process to load; the real path, which is what it sees as its `__filename`.
 * Null in a bundle, which has no files of ours.
 * @param {string} name
 */
function fileOf(name) {
  if (typeof __filename === 'undefined' || !__filename.endsWith(HERE)) return null;
  return realpathSync(path.join(__filename.slice(0, -HERE.length), name));
}

/** The preload. Without it a bundle finds its parent when it loads us. */
const BOOT = fileOf(path.join('lib', 'boot.js'));

module.exports = { OFFER, LINK_VARIABLE, BOOT, fileOf };
