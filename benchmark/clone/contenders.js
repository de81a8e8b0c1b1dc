// Who clones: the codec, what Node brings, and two packages if they are installed.
'use strict';

const v8 = require('node:v8');
const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');
const { Encoder } = require('../../lib/clone/encode/index.js');
const { decode } = require('../../lib/clone/decode/index.js');
const ours = require('../../index.js');

/** @typedef {{ name: string, clone: (value: unknown) => unknown }} Contender */

/** @type {object[]} */
const NO_PORTS = [];

/**
 * @param {(value: unknown) => unknown} [carry]  clones a value of which memory travels beside the message; without it the memory
 *   is copied into new memory, and nothing else
 * @returns {Contender}
 */
function codec(carry) {
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
      if (carry !== undefined && encoder.clones.length > 0) return carry(value);
      const memories = encoder.clones.length === 0 ? NO_MEMORIES : encoder.clones.map(received);
      return decode(bytes, view, 0, length, NO_PORTS, memories);
    },
  };
}

/** @type {ArrayBuffer[]} */
const NO_MEMORIES = [];

/** @param {Uint8Array} range */
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

/** What travels beside is brought by ports, which have memory for it: its way is theirs, and all that they do counts. */
function codecAndPorts() {
  const { port1, port2 } = new ours.MessageChannelMain();
  return codec((value) => {
    port1.postMessage(value);
    return ours.receiveMessageOnPort(port2)?.message;
  });
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
  codecAndPorts(),
  { name: 'v8.serialize', clone: (value) => v8.deserialize(v8.serialize(value)) },
  { name: 'structuredClone', clone: (value) => structuredClone(value) },
  nodePorts(),
  { name: 'JSON', clone: (value) => JSON.parse(JSON.stringify(value)) },
  ...packed('msgpackr'),
  ...packed('cbor-x'),
];

module.exports = { codec, contenders };
