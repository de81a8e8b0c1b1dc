// What a worker or child finds of us when it starts, until it has taken it.
'use strict';

const { realpathSync } = require('node:fs');

/** Under this name the environment data of a worker hold its end of the link; see worker-link.js. */
const OFFER = 'message-channel-main';

/** Names the descriptors of the links in the environment of a child. */
const LINK_VARIABLE = 'MESSAGE_CHANNEL_MAIN_LINK';

/** The preload; the real path, which is what it sees as its `__filename`. */
const BOOT = realpathSync(require.resolve('../boot.js'));

module.exports = { OFFER, LINK_VARIABLE, BOOT };
