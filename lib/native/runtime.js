// Which runtime this is: Node.js, or one that has Node's modules over another engine or another event loop.
'use strict';

const { process } = globalThis;

const { bun, deno } = process.versions;

/** @type {'Node.js' | 'Bun' | 'Deno'} */
const RUNTIME = bun !== undefined ? 'Bun' : deno !== undefined ? 'Deno' : 'Node.js';

/** The addon uses Node-API alone here: neither libuv nor V8's functions. */
const FOREIGN = RUNTIME !== 'Node.js';

/** Of the Node.js that this is, or stands in for. */
const MAJOR = Number(process.versions.node.split('.')[0]);

module.exports = { RUNTIME, FOREIGN, MAJOR };
