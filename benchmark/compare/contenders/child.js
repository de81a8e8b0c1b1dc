// A child process that listens on a unix socket of its own name, for the contenders which Node does not start.
'use strict';

const { spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

let addresses = 0;

/** A name for a socket in the folder of this run. */
const freshAddress = () => path.join(process.env.BENCH_FOLDER ?? '', `${process.pid}.${++addresses}`);

/** Starts the far side and waits until it listens: there. @param {string} far */
async function start(far) {
  const address = freshAddress();
  const child = spawn(process.execPath, [far], { env: { ...process.env, BENCH_ADDRESS: address }, stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return address;
}

/** In the far side: where it is to listen. */
function address() {
  process.stdin.resume().on('end', () => process.exit());
  return process.env.BENCH_ADDRESS ?? '';
}

/** In the far side: it listens. */
const ready = () => process.stdout.write('ready\n');

module.exports = { address, freshAddress, ready, start };
