// The child of streams.js: sends so many chunks in the way that its arguments say.
'use strict';

const net = require('node:net');
const { Readable } = require('node:stream');

const [way, size, count, how] = process.argv.slice(2);
const chunk = () => new Uint8Array(Number(size)).fill(1);

if (way === 'stream') {
  const { parentPort } = require('../..');
  let left = Number(count);
  const stream = new ReadableStream({
    type: how === 'bytes' ? 'bytes' : undefined,
    pull(controller) {
      controller.enqueue(chunk());
      if (--left === 0) controller.close();
    },
  });
  parentPort.postMessage(stream, [stream]);
} else {
  const chunks = Readable.from((function* () { for (let i = 0; i < Number(count); i++) yield chunk(); })());
  chunks.pipe(way === 'stdout' ? process.stdout : net.connect(how));
}
