// Electron's MessageChannelMain: two entangled ports.
'use strict';

const { native, KEY } = require('../../native');
const { created, endpointOf, publishCreated } = require('../../port');
const { wrapMain } = require('./port.js');

class MessageChannelMain {
  constructor() {
    const key1 = native.createChannel();
    const key2 = native.control[KEY];
    this.port1 = wrapMain(key1);
    this.port2 = wrapMain(key2);
    if (created.hasSubscribers) publishCreated(endpointOf(this.port1), endpointOf(this.port2));
  }
}

module.exports = { MessageChannelMain };
