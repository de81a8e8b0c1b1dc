// The faces room: how a port looks to its user, as Electron's MessagePortMain (main/), as the web's MessagePort (web/)
// and as Node's (node/). Each is loaded when somebody asks for it: a child starts with one at most.
// It uses transfer, port and native.
// Invariant: a face holds no message and no state of the port's; two faces of one port never live at once.
'use strict';

const { watchListeners, watchAllListeners } = require('./listeners.js');
const { UNCLONEABLE, refuseJSON } = require('./uncloneable.js');

module.exports = {
  get MessageChannelMain() { return require('./main/channel.js').MessageChannelMain; },
  get MessagePortMain() { return require('./main/port.js').MessagePortMain; },
  get mainFace() { return require('./main/port.js').mainFace; },
  get wrapMain() { return require('./main/port.js').wrapMain; },
  get MessageChannel() { return require('./web/channel.js').MessageChannel; },
  get MessagePort() { return require('./web/port.js').MessagePort; },
  get wrapWeb() { return require('./web/port.js').wrapWeb; },
  get MessageEvent() { return require('./web/event.js').MessageEvent; },
  get standInForEvents() { return require('./web/event.js').standIn; },
  get receiveMessageOnPort() { return require('./receive-message.js').receiveMessageOnPort; },
  nodeFace: () => require('./node'),
  watchListeners, watchAllListeners, UNCLONEABLE, refuseJSON,
};
