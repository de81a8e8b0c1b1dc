// Makes a port throw where Node's own cloning would turn it into an empty object.
'use strict';

const { dataClone } = require('../native');

const TEXT = 'A message port travels only through the postMessage of message-channel-main, named in its transfer list';

/**
 * The structured clone and `v8.serialize` look at own enumerable properties and refuse symbols, quoting them:
 * a port carries this one as `_uncloneable`.
 */
const UNCLONEABLE = Symbol(TEXT);

/**
 * `child.send` speaks JSON, which skips symbols: a port has this as `toJSON`.
 * @returns {never}
 */
function refuseJSON() {
  throw dataClone(`An object could not be cloned. ${TEXT}.`);
}

module.exports = { TEXT, UNCLONEABLE, refuseJSON };
