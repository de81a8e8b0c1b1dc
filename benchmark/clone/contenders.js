// Who clones: the codec, what Node brings, and two packages if they are installed.
'use strict';

const v8 = require('node:v8');
const { MessageChannel, receiveMessageOnPort } = require('node:worker_threads');

/** @typedef {(value: unknown) => unknown} Clone */

/** @type {object[]} */
const NO_PORTS = [];

/**
 * @param {Clone} [carry]  clones a value of which memory travels beside the message; without it the memory is copied into new
 *   memory, and nothing else
 * @returns {Clone}
 */
function codec(carry) {
  const { Encoder } = require('../../lib/clone/encode/index.js');
  const { decode } = require('../../lib/clone/decode/index.js');
  let bytes = new Uint8Array(0);
  let view = new DataView(bytes.buffer);
  const encoder = new Encoder((buffer) => {
    bytes = new Uint8Array(buffer);
    view = new DataView(buffer);
  });
  return (value) => {
    const length = encoder.encode(value, null);
    if (encoder.clones.length === 0) return decode(bytes, view, 0, length, NO_PORTS, NO_MEMORIES);
    return carry === undefined ? decode(bytes, view, 0, length, NO_PORTS, encoder.clones.map(received)) : carry(value);
  };
}

/** @type {ArrayBuffer[]} */
const NO_MEMORIES = [];

/** @param {any} range  of bytes; a text travels beside only where ports carry it */
function received(range) {
  const memory = Buffer.allocUnsafeSlow(range.length);
  memory.set(range);
  return memory.buffer;
}

/**
 * A package, from where the command was called; none if it is not there.
 * @param {string} name
 * @returns {Record<string, () => Clone>}
 */
function packed(name) {
  let file = '';
  try {
    file = require.resolve(name, { paths: [process.cwd(), ...(process.env.NODE_PATH ?? '').split(':')] });
  } catch {
    return {};
  }
  return {
    [name]() {
      const { Packr, Encoder } = require(file);
      const packer = Packr === undefined ? new Encoder({ structuredClone: false }) : new Packr({ structuredClone: false, moreTypes: true });
      return (value) => packer.decode(packer.encode(value));
    },
  };
}

/** What travels beside is brought by ports, which have memory for it: its way is theirs, and all that they do counts. */
function codecAndPorts() {
  const ours = require('../../index.js');
  const { port1, port2 } = new ours.MessageChannelMain();
  return codec((value) => {
    port1.postMessage(value);
    return ours.receiveMessageOnPort(port2)?.message;
  });
}

/** Through a pair of Node's own ports and out again, on the spot. @returns {Clone} */
function nodePorts() {
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.unref();
  return (value) => {
    port1.postMessage(value);
    return receiveMessageOnPort(port2)?.message;
  };
}

/** Each makes itself ready, and loads what it needs, when it is called: what a process has loaded besides decides how large the engine
 * makes its heap, and so what garbage costs. @type {Record<string, () => Clone>} */
const contenders = {
  codec: codecAndPorts,
  'v8.serialize': () => (value) => v8.deserialize(v8.serialize(value)),
  structuredClone: () => (value) => structuredClone(value),
  "Node's ports": nodePorts,
  JSON: () => (value) => JSON.parse(JSON.stringify(value)),
  ...packed('msgpackr'),
  ...packed('cbor-x'),
};

/** What a case says cannot be saved stands in the table like a contender. */
const FLOOR = 'the floor';

module.exports = { FLOOR, codec, contenders };
