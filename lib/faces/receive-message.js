// receiveMessageOnPort: takes the next message out of a port, now, whether it is started or not.
'use strict';

const { receive, endpointOf } = require('../port');
const { invalidType } = require('../native');

/**
 * @param {import('./main/port.js').MessagePortMain | import('./web/port.js').MessagePort} port
 * @returns {{ message: any, ports: any[] } | undefined}
 */
function receiveMessageOnPort(port) {
  const endpoint = endpointOf(port);
  if (endpoint === undefined) throw invalidType('receiveMessageOnPort: the argument is not a port');
  return endpoint.key === 0 ? undefined : receive(endpoint) ?? undefined;
}

module.exports = { receiveMessageOnPort };
