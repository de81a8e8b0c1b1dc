// What a process is told that may load no native addon: why, first of all.
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava');

const root = path.join(__dirname, '..', '..');

/** What Node says of a program that only loads us. @param {string[]} options */
async function complaint(t, options) {
  const run = promisify(execFile)(process.execPath, [...options, '-e', `require(${JSON.stringify(root)})`]);
  const { stderr } = await t.throwsAsync(run);
  return stderr.split('\n').find((line) => line.startsWith('Error: '));
}

/** It was experimental before Node 24. */
const permission = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';

test('without addons it says that, and not how to build one', async (t) => {
  t.regex(await complaint(t, ['--no-addons']), /--no-addons/);
});

test('without the permission to load addons it says which one is missing', async (t) => {
  t.regex(
    await complaint(t, [permission, '--allow-fs-read=*']),
    /--permission: add --allow-addons/,
  );
});

test('with the permissions it needs, it works', async (t) => {
  const program = `
    const { MessageChannelMain, receiveMessageOnPort } = require(${JSON.stringify(root)});
    const { port1, port2 } = new MessageChannelMain();
    port1.postMessage('here');
    console.log(receiveMessageOnPort(port2).message);`;
  const { stdout } = await promisify(execFile)(process.execPath, [permission, '--allow-fs-read=*', '--allow-addons', '-e', program]);
  t.is(stdout, 'here\n');
});
