// `require('message-channel-main/global')`: our MessageChannel and MessagePort for libraries that use the global ones.
'use strict';

const { MessageChannel, MessageEvent, MessagePort, platformClass } = require('./lib/core.js').faces;

platformClass(); // while the name still leads to it
for (const [name, value] of Object.entries({ MessageChannel, MessagePort, MessageEvent })) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}
