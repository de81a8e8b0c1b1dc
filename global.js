// `require('message-channel-main/global')`: our MessageChannel and MessagePort for libraries that use the global ones.
'use strict';

const { MessageChannel, MessagePort, standInForEvents } = require('./lib/core.js').faces;

for (const [name, value] of Object.entries({ MessageChannel, MessagePort })) {
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, writable: true, value });
}
standInForEvents();
