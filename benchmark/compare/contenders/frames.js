// Messages on a stream socket as a careful program would write them: length prefixes, node:v8, one writev for each tick.
'use strict';

const v8 = require('node:v8');

const SMALL = 64 << 10; // above, the bytes are not copied behind their length

/** @param {import('node:net').Socket} socket @returns {import('../talk.js').Line} */
function framed(socket) {
  let corked = false;
  const uncork = () => {
    corked = false;
    socket.uncork();
  };
  return {
    send(message) {
      if (!corked) {
        corked = true;
        socket.cork();
        process.nextTick(uncork);
      }
      const body = v8.serialize(message);
      const small = body.length <= SMALL;
      const frame = Buffer.allocUnsafe(small ? 4 + body.length : 4);
      frame.writeUInt32LE(body.length);
      if (small) body.copy(frame, 4);
      socket.write(frame);
      if (!small) socket.write(body);
    },
    listen: (listener) => socket.on('data', reader((body) => listener(v8.deserialize(body)))),
    close: () => socket.destroy(),
  };
}

/** Puts chunks together; each message is copied at most once. @param {(body: Buffer) => void} take */
function reader(take) {
  let rest = Buffer.alloc(0);
  /** A message that is larger than a chunk. @type {Buffer | null} */
  let large = null;
  let filled = 0;
  return (/** @type {Buffer} */ chunk) => {
    if (large !== null) {
      const used = chunk.copy(large, filled);
      filled += used;
      if (filled < large.length) return;
      const body = large;
      large = null;
      take(body);
      chunk = chunk.subarray(used);
    }
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (bytes.length - at - 4 < length) {
        if (length <= SMALL) break;
        large = Buffer.allocUnsafe(length);
        filled = bytes.copy(large, 0, at + 4);
        at = bytes.length;
        break;
      }
      take(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    rest = bytes.subarray(at);
  };
}

module.exports = { framed };
