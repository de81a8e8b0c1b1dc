// Versions of Node.js read each other's messages: this one, and those that NODES lists, separated by colons.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { promisify } = require('node:util');
const test = require('ava').default;

const execFile = promisify(require('node:child_process').execFile);
const script = path.join(__dirname, 'versions.js');
const nodes = [process.execPath, ...(process.env.NODES ?? '').split(':').filter(Boolean)];

nodes.forEach((writer, number) => {
  test.serial(`all read what number ${number} writes`, async (t) => {
    t.timeout(120000);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clone-'));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    const file = path.join(folder, 'bodies');
    await execFile(writer, [script, 'write', file]);
    for (const reader of nodes) {
      const { stdout } = await execFile(reader, [script, 'read', file], { maxBuffer: 2 ** 26 });
      t.deepEqual(JSON.parse(stdout), [], `${await versionOf(reader)} reads ${await versionOf(writer)}`);
    }
  });
});

/** @param {string} node */
async function versionOf(node) {
  return (await execFile(node, ['--version'])).stdout.trim();
}
