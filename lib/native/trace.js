// Says which line of the program runs now, when MESSAGE_PORTS_TRACE=1 asks for where ports are made.
'use strict';

const path = require('node:path');
const { GATHERED } = require('./gathered.js');

const { process } = globalThis;

const TRACING = process.env.MESSAGE_PORTS_TRACE === '1';

/** Frames of the program that are kept, and of ours that may lie above them. */
const FRAMES = 10;
const OURS = 10;

const { captureStackTrace } = Error;
const { set } = Reflect;

/** What is kept in compiled form. */
const COMPILED = path.join(path.sep, GATHERED, 'modules-of-');

/** Where files of ours are; a bundle may be an ES module, and has none. Not found out before somebody asks: a start would notice. */
const homes = () => (typeof __dirname === 'undefined' ? [] : ['lib', GATHERED].map((folder) => path.join(__dirname, '..', '..', folder) + path.sep));

/** The stack, without its first line and without frames of ours and of Node's. */
function whereFrom() {
  const { stackTraceLimit } = Error;
  const error = { stack: '' };
  set(Error, 'stackTraceLimit', FRAMES + OURS);
  try {
    captureStackTrace(error, whereFrom);
    const ours = ['node:internal/', COMPILED, ...homes()]; // what is compiled names the folder that it was compiled in
    const frames = String(error.stack).split('\n').slice(1).filter((frame) => !ours.some((part) => frame.includes(part)));
    return frames.slice(0, FRAMES).map((frame) => frame.trim()).join('\n');
  } finally {
    set(Error, 'stackTraceLimit', stackTraceLimit);
  }
}

module.exports = { TRACING, whereFrom };
