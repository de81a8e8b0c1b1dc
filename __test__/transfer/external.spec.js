// Memory that another addon owns: it is tied to the thread that made it, so it is copied, and does not leave.
const { execFileSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { MessageChannelMain, Worker, utilityProcess } = require('../../index.js');
const { Reader } = require('../helpers/reader.js');
const { test, fixture } = require('../helpers/test.js');

const size = 1 << 20;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'external-'));
const addon = path.join(folder, 'external.node');

test.before('the addon is built', (t) => {
  execFileSync('cc', ['-shared', '-fPIC', '-o', addon, fixture('external.c')]);
  t.pass();
});

test.after.always('and removed', () => fs.rmSync(folder, { recursive: true }));

for (const [kind, make] of Object.entries({ worker: () => new Worker(fixture('external.js')), child: () => utilityProcess.fork(fixture('external.js')) })) {
  test.serial(`external memory of a ${kind} is copied on its way, and outlives it`, async (t) => {
    t.timeout(20_000);
    const { port1, port2 } = new MessageChannelMain();
    const place = make();
    const [told, gone] = [once(place, 'message'), once(place, 'exit')];
    place.postMessage({ addon, size }, [port2]);
    const reader = new Reader(port1);
    const { way, buffer } = await reader.next();
    const [said] = await told;
    await gone;
    t.is(way, 'clone');
    t.true(Buffer.from(buffer).equals(Buffer.alloc(size, 7)));
    t.deepEqual(said, {
      'after clone': true,
      'transfer': 'DataCloneError: ArrayBuffer at index 0 cannot be detached.',
      'after transfer': true,
    });
  });
}
