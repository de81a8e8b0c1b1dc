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

/**
 * What Node says of a port of its own that stands in a message and in no list.
 * @param {any} error  of Node's cloning
 */
function retold(error) {
  if (error?.name !== 'DataCloneError' || !error.message.includes(TEXT)) return error;
  return dataClone('Object that needs transfer was found in message but not listed in transferList');
}

module.exports = { UNCLONEABLE, refuseJSON, retold };
