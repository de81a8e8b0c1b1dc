// Node's permission model: what a process has to be allowed for ports to work.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');

const root = path.join(__dirname, '..', '..');

/** It was experimental before Node 24. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';

test('with the permissions it needs, it works', async (t) => {
  const program = `
    const { MessageChannelMain, receiveMessageOnPort } = require(${JSON.stringify(root)});
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage('here');
    console.log(receiveMessageOnPort(port2).message);`;
  const { stdout } = await promisify(execFile)(process.execPath, [permission, '--allow-fs-read=*', '--allow-addons', '-e', program]);
  t.is(stdout, 'here\n');
});
