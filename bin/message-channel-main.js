#!/usr/bin/env node
// The command: `inspect <pid>` prints which ports a running process has, `build` makes the addon where none is prebuilt.
'use strict';

const USAGE = `Usage: message-channel-main inspect [--json] <pid>
       message-channel-main build

inspect prints the open ports of a running Node.js process of this user that has loaded message-channel-main: by thread,
with what waits in them and what keeps them. A process that was started with MESSAGE_PORTS_TRACE=1 also says where each
was made.

  --json   the report as JSON: { pid, ports }, each port as inspectPorts() gives it

build makes the native addon with cargo, for a platform that none is prebuilt for, and puts it into this package.`;

/** @param {string} text @returns {never} */
function fail(text) {
  console.error(text);
  process.exit(1);
}

/** @param {string[]} words */
function read(words) {
  const rest = words.filter((word) => word !== '--json');
  if (rest.length !== 2 || rest[0] !== 'inspect' || !/^[1-9]\d{0,9}$/.test(rest[1])) fail(USAGE);
  return { pid: Number(rest[1]), json: rest.length < words.length };
}

/** @param {{ pid: number, json: boolean }} asked */
function inspect({ pid, json }) {
  const { inspectProcess, tree } = require('../lib/inspect'); // not before: to build, no addon is needed
  try {
    const report = inspectProcess(pid);
    console.log(json ? JSON.stringify(report, null, 2) : tree(report));
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    fail(`message-channel-main: process ${pid}: ${message} (${code})`);
  }
}

const words = process.argv.slice(2);
if (words.includes('--help') || words.includes('-h')) console.log(USAGE);
else if (words.join() === 'build') require('../scripts/build.js').build();
else inspect(read(words));
