// Who clones: the codec, what Node brings, and two packages if they are installed.
'use strict';

const v8 = require('node:v8');
const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');
const { Encoder } = require('../../lib/clone/encode/index.js');
const { decode } = require('../../lib/clone/decode/index.js');

/** @typedef {{ name: string, clone: (value: unknown) => unknown }} Contender */

/** @type {object[]} */
const NO_PORTS = [];

/** @returns {Contender} */
function codec() {
  let bytes = new Uint8Array(0);
  let view = new DataView(bytes.buffer);
  const encoder = new Encoder((buffer) => {
    bytes = new Uint8Array(buffer);
    view = new DataView(buffer);
  });
  return {
    name: 'codec',
    clone(value) {
      const length = encoder.encode(value, null);
      const memories = encoder.clones.length === 0 ? NO_MEMORIES : encoder.clones.map(received);
      return decode(bytes, view, 0, length, NO_PORTS, memories);
    },
  };
}

/** @type {ArrayBuffer[]} */
const NO_MEMORIES = [];

/**
 * What travels beside is copied once, into memory that need not be cleared first, as a receiver does.
 * @param {Uint8Array} range
 */
function received(range) {
  const memory = Buffer.allocUnsafeSlow(range.length);
  memory.set(range);
  return memory.buffer;
}

/**
 * @param {string} name
 * @returns {Contender[]}
 */
function packed(name) {
  try {
    const { Packr, Encoder: CborEncoder } = require(require.resolve(name, { paths: [process.cwd(), ...(process.env.NODE_PATH ?? '').split(':')] }));
    const packer = Packr === undefined
      ? new CborEncoder({ structuredClone: false }) : new Packr({ structuredClone: false, moreTypes: true });
    return [{ name, clone: (value) => packer.decode(packer.encode(value)) }];
  } catch {
    return [];
  }
}

/**
 * Through a pair of Node's own ports and out again, on the spot.
 * @returns {Contender}
 */
function nodePorts() {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.unref();
  return {
    name: "Node's ports",
    clone(value) {
      port1.postMessage(value);
      return receiveMessageOnPort(port2)?.message;
    },
  };
}

/** @type {() => Contender[]} */
const contenders = () => [
  codec(),
  { name: 'v8.serialize', clone: (value) => v8.deserialize(v8.serialize(value)) },
  { name: 'structuredClone', clone: (value) => structuredClone(value) },
  nodePorts(),
  { name: 'JSON', clone: (value) => JSON.parse(JSON.stringify(value)) },
  ...packed('msgpackr'),
  ...packed('cbor-x'),
];

module.exports = { codec, contenders };
