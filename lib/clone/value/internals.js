// What Node.js keeps to itself: what stands under its symbols, and objects that only its deserializer makes.
'use strict';

const { getOwnPropertySymbols, ownValue, symbolDescription } = require('../../native');

const { Error, structuredClone } = globalThis;

/**
 * @param {object} object
 * @param {string} description  of a symbol
 * @returns {any} what the object has of its own under that; no getter runs
 */
function ownBySymbol(object, description) {
  const symbol = symbolOf(object, description);
  return symbol === undefined ? undefined : ownValue(object, symbol);
}

/**
 * @param {object} object
 * @param {string} description
 */
function symbolOf(object, description) {
  const symbols = getOwnPropertySymbols(object);
  for (let i = 0; i < symbols.length; i++) if (symbolDescription(symbols[i]) === description) return symbols[i];
  return undefined;
}

/**
 * Node's deserializer makes an object of what another says of itself when it is cloned; any that may be cloned can say so.
 * It checks nothing.
 * @param {object} data
 * @param {string} what  to make: the module and the class
 * @returns {any}
 */
function madeByNode(data, what) {
  const { SocketAddress } = require('node:net');
  const symbol = symbolOf(SocketAddress.prototype, 'messaging_clone_symbol');
  if (symbol === undefined) throw new Error(`this version of Node.js has no way to make ${what}`);
  const standIn = new SocketAddress({});
  /** @type {any} */ (standIn)[symbol] = () => ({ data, deserializeInfo: what });
  return structuredClone(standIn);
}

module.exports = { ownBySymbol, symbolOf, madeByNode };
