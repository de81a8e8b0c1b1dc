#!/usr/bin/env node
// The command: `message-channel-main inspect <pid>` prints which ports a running process has.
'use strict';

const { inspectProcess, tree } = require('../lib/inspect');

const USAGE = `Usage: message-channel-main inspect [--json] <pid>

Prints the open ports of a running Node.js process of this user that has loaded message-channel-main: by thread, with
what waits in them and what keeps them. A process that was started with MESSAGE_PORTS_TRACE=1 also says where each
was made.

  --json   the report as JSON: { pid, ports }, each port as inspectPorts() gives it`;

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

const words = process.argv.slice(2);
if (words.includes('--help') || words.includes('-h')) {
  console.log(USAGE);
} else {
  const { pid, json } = read(words);
  try {
    const report = inspectProcess(pid);
    console.log(json ? JSON.stringify(report, null, 2) : tree(report));
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    fail(`message-channel-main: process ${pid}: ${message} (${code})`);
  }
}
