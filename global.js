// `require('message-channel-main/global')`: our MessageChannel and MessagePort for libraries that use the global ones.
'use strict';

const { MessageChannel } = require('./lib/faces/web/channel.js');
const { MessageEvent, platformClass } = require('./lib/faces/web/event.js');
const { MessagePort } = require('./lib/faces/web/port.js');

platformClass(); // while the name still leads to it
for (const [name, value] of Object.entries({ MessageChannel, MessagePort, MessageEvent })) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}
