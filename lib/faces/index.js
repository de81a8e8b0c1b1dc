// The faces room: how a port looks to its user, as Electron's MessagePortMain (main/), as the web's MessagePort (web/)
// and as Node's (node/), which is loaded when somebody asks for it.
// It uses transfer, port and native.
// Invariant: a face holds no message and no state of the port's; two faces of one port never live at once.
'use strict';

const { watchListeners, watchAllListeners } = require('./listeners.js');
const { MessageChannelMain } = require('./main/channel.js');
const { MessagePortMain, mainFace, wrapMain } = require('./main/port.js');
const { receiveMessageOnPort } = require('./receive-message.js');
const { UNCLONEABLE, refuseJSON } = require('./uncloneable.js');
const { MessageChannel } = require('./web/channel.js');
const { MessageEvent, platformClass } = require('./web/event.js');
const { MessagePort, wrapWeb } = require('./web/port.js');

module.exports = {
  MessageChannelMain, MessagePortMain, mainFace, wrapMain,
  MessageChannel, MessagePort, wrapWeb, MessageEvent, platformClass,
  nodeFace: () => require('./node'),
  receiveMessageOnPort, watchListeners, watchAllListeners, UNCLONEABLE, refuseJSON,
};
