// The web's MessageChannel: two entangled ports.
'use strict';

const { native, KEY } = require('../../native');
const { created, endpointOf, publishCreated } = require('../../port');
const { wrapWeb } = require('./port.js');

class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const key1 = native.createChannel();
    const key2 = native.control[KEY];
    this.#port1 = wrapWeb(key1);
    this.#port2 = wrapWeb(key2);
    if (created.hasSubscribers) publishCreated(endpointOf(this.#port1), endpointOf(this.#port2));
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }

  static {
    const { prototype } = this;
    for (const name of ['port1', 'port2']) Object.defineProperty(prototype, name, { enumerable: true });
    Object.defineProperty(prototype, Symbol.toStringTag, { configurable: true, value: 'MessageChannel' });
  }
}

module.exports = { MessageChannel };
