// receiveMessageOnPort: takes the next message out of a port, now, whether it is started or not.
'use strict';

const { receive } = require('./delivery.js');
const { endpointOf } = require('./endpoint.js');
const { invalidType } = require('./errors.js');

/**
 * @param {import('./message-port-main.js').MessagePortMain | import('./message-port.js').MessagePort} port
 * @returns {{ message: any, ports: any[] } | undefined}
 */
function receiveMessageOnPort(port) {
  const endpoint = endpointOf(port);
  if (endpoint === undefined) throw invalidType('receiveMessageOnPort: the argument is not a port');
  return endpoint.key === 0 ? undefined : receive(endpoint) ?? undefined;
}

module.exports = { receiveMessageOnPort };
