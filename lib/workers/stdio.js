// The streams of a process worker: shown as Node shows a thread's, and read to their end before 'exit'.
'use strict';

const { QUIET_TURNS } = require('./limits.js');

const { setImmediate } = globalThis;

/**
 * Who is dead writes no more, but who inherited its pipe may keep it open: what is in there now is read, and no end awaited.
 * Where nobody reads, the rest stays for who will.
 * @param {import('node:net').Socket[]} sources
 * @param {() => void} callback
 */
function whenRead(sources, callback) {
  let quiet = 0;
  let bytes = -1;
  const look = () => {
    const now = sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    quiet = now === bytes ? quiet + 1 : 0;
    bytes = now;
    if (quiet >= QUIET_TURNS || sources.every(({ readableEnded, destroyed }) => readableEnded || destroyed)) return callback();
    setImmediate(look);
  };
  look();
}

/**
 * What nobody has asked for goes where the parent's own output goes, until that fails: it says so once, as of a thread.
 * @param {import('node:stream').Readable} stream
 * @param {NodeJS.WriteStream} target
 */
function show(stream, target) {
  let hasFailed = false;
  /** @param {Error | null | undefined} error */
  const written = (error) => { hasFailed ||= error instanceof Error; };
  stream.on('data', (chunk) => { if (!hasFailed) target.write(chunk, written); });
}

module.exports = { whenRead, show };
