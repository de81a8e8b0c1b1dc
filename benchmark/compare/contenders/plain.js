// What JSON cannot carry, as a program would put it: bytes are base64. Dates stay the texts that JSON makes of them.
'use strict';

/** @param {any} message */
const plain = (message) => (message instanceof Uint8Array
  ? { base64: Buffer.from(message.buffer, message.byteOffset, message.length).toString('base64') } : message);

/** @param {any} message */
const unplain = (message) => (typeof message?.base64 === 'string' ? Buffer.from(message.base64, 'base64') : message);

module.exports = { plain, unplain };
