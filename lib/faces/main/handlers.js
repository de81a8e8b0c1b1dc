// Tells whoever sets `onmessage` on a port of Electron's, where nothing ever calls it, what to write instead.
'use strict';

const { process } = globalThis;
const { defineProperty } = Object;

const HANDLERS = ['onmessage', 'onmessageerror', 'onclose'];

/**
 * What is set becomes a property like any other, as it does in Electron.
 * @param {object} prototype
 */
function warnOfHandlers(prototype) {
  for (const name of HANDLERS) {
    defineProperty(prototype, name, {
      configurable: true,
      get: () => undefined,
      /** @this {object} @param {unknown} value */
      set(value) {
        defineProperty(this, name, { configurable: true, enumerable: true, writable: true, value });
        process.emitWarning(
          `A MessagePortMain never calls ${name}: listen with port.on('${name.slice(2)}', …) and begin with port.start(), `
          + 'or give the port the web\'s face with MessagePort.from(port)',
          { code: 'MESSAGE_PORT_HANDLER' },
        );
      },
    });
  }
}

module.exports = { warnOfHandlers };
