// `require('message-channel-main/global')`: our MessageChannel and MessagePort for libraries that use the global ones.
'use strict';

const { MessageChannel } = require('./lib/message-channel.js');
const { MessageEvent } = require('./lib/message-event.js');
const { MessagePort } = require('./lib/message-port.js');

for (const [name, value] of Object.entries({ MessageChannel, MessagePort, MessageEvent })) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}
